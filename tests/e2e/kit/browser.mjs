// Chromium, and a minimal page of our own with the hls.js line that is wanted: another
// origin than the server's, so that CORS is judged too.
import { createServer } from 'node:http';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { KEPT, ROOT } from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const MODULES = join(ROOT, 'tests/node_modules');
const FILES = {
  '/page.html': [join(here, 'page.html'), 'text/html'],
  '/hls-1.7.js': [join(MODULES, 'hls.js/dist/hls.min.js'), 'text/javascript'],
  '/hls-1.6.js': [join(MODULES, 'hls.js-1.6/dist/hls.min.js'), 'text/javascript'],
};

export async function launchBrowser(t) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--mute-audio', '--disable-gpu'],
  });
  t.after(() => browser.close());
  return browser;
}

export async function startPages(t) {
  const server = createServer((request, response) => {
    const found = FILES[new URL(request.url, 'http://x').pathname];
    response.writeHead(found ? 200 : 404, { 'content-type': found?.[1] ?? 'text/plain' });
    response.end(found ? readFileSync(found[0]) : '');
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.after(() => { server.close(); server.closeAllConnections?.(); });
  return `http://127.0.0.1:${server.address().port}`;
}

// A page in a window of its own; what it complains about is kept in page.complaints.
export async function openPage(browser, url, { width = 390, height = 844, ...more } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, ...more });
  const page = await context.newPage();
  page.complaints = [];
  page.requested = [];
  page.on('pageerror', (error) => page.complaints.push(`page: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') page.complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => page.requested.push(request.url()));
  await page.goto(url, { waitUntil: 'commit' });
  return page;
}

export async function picture(page, name) {
  mkdirSync(KEPT, { recursive: true });
  await page.screenshot({ path: join(KEPT, `${name}.png`) });
}

// Waits until the function, run in the page with arg, gives something true; gives it.
export async function waitInPage(page, fn, arg, withinMs, words) {
  try {
    const handle = await page.waitForFunction(fn, arg, { timeout: withinMs, polling: 50 });
    return await handle.jsonValue();
  } catch (error) {
    const seen = await page.evaluate(() => JSON.stringify({ ...window.seen, frames: window.seen?.frames?.length })).catch(() => '');
    throw new Error(`${words}: ${error.message.split('\n')[0]}\n${page.complaints.join('\n')}\n${seen}`.slice(0, 4000));
  }
}
