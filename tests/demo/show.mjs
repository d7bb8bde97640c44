// The demo show, seen from the API.
//   show.mjs prepare BASE DATA_DIR   products, the show "demo", and "studio" for one's own
//                                    stream; prints "key K", "host PATH", "own K" and
//                                    "own-host PATH"
//   show.mjs wait BASE               until the show is on air
//   show.mjs pin BASE DATA_DIR       pins the products in turn, for ever
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PIN_EVERY_MS = 12000;
const CARD_FOR_MS = 11000;
const SOLD_AFTER_MS = 5000; // one piece is sold while the card is up: its stock changes in place
const ON_AIR_WITHIN_MS = 30000;

const [command, base, dataDir] = process.argv.slice(2);

function products() {
  const file = fileURLToPath(new URL('../../overlay/web/demo/products.json', import.meta.url));
  return JSON.parse(readFileSync(file, 'utf8')).products;
}

function token() {
  return process.env.VITRINE_API_TOKEN || readFileSync(join(dataDir, 'api-token'), 'utf8').trim();
}

async function api(method, path, body) {
  const response = await fetch(base + path, {
    method,
    headers: { authorization: `Bearer ${token()}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) {
    const error = new Error(`${method} ${path}: ${response.status} ${text}`);
    error.status = response.status;
    throw error;
  }
  return text ? JSON.parse(text) : null;
}

// A show that is there already gets a new key: keys are shown only once.
async function showWithKey(id, title, host) {
  try {
    return await api('POST', '/api/shows', { id, title, host });
  } catch (error) {
    if (error.status !== 409) throw error;
    return api('POST', `/api/shows/${id}/key`);
  }
}

async function putProduct(product) {
  const { sku, ...fields } = product;
  await api('PUT', `/api/products/${encodeURIComponent(sku)}`, fields);
}

async function prepare() {
  for (const product of products()) await putProduct(product);
  const demo = await showWithKey('demo', 'Vitrine demo show', 'Your shop');
  const own = await showWithKey('studio', 'My first show', 'Me');
  const skus = products().map((product) => product.sku);
  await api('PATCH', '/api/shows/demo', { run_sheet: skus });
  await api('PATCH', '/api/shows/studio', { run_sheet: skus });
  const host = new URL(demo.host_url);
  console.log(`key ${demo.stream_key}`);
  console.log(`host ${host.pathname}${host.hash}`);
  console.log(`own ${own.stream_key}`);
  const ownHost = new URL(own.host_url);
  console.log(`own-host ${ownHost.pathname}${ownHost.hash}`);
}

async function waitOnAir() {
  const until = Date.now() + ON_AIR_WITHIN_MS;
  while (Date.now() < until) {
    const playlist = await fetch(`${base}/live/demo/index.m3u8`).catch(() => null);
    if (playlist?.status === 200) return;
    await sleep(200);
  }
  throw new Error('the show did not come on air');
}

async function pin() {
  await waitOnAir();
  for (let turn = 0; ; turn++) {
    const list = products();
    if (list.length === 0) throw new Error('there are no products');
    const product = list[turn % list.length];
    try {
      await api('POST', '/api/shows/demo/cues', { k: 'show', sku: product.sku, at: 'now', for_ms: CARD_FOR_MS });
      console.log(`pinned ${product.sku}`);
      await sleep(SOLD_AFTER_MS);
      const round = Math.floor(turn / list.length) + 1;
      if (product.stock > 0) await putProduct({ ...product, stock: Math.max(0, product.stock - round % product.stock) });
    } catch (error) {
      console.log(`${error.message}`); // off air for a moment: the next turn may do
      await sleep(SOLD_AFTER_MS);
    }
    await sleep(PIN_EVERY_MS - SOLD_AFTER_MS);
  }
}

const commands = { prepare, wait: waitOnAir, pin };
commands[command]().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
