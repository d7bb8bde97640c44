// The control API and the public calls, held against docs/openapi.yaml: what is documented
// is answered, what is answered is documented.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { Events } from './kit/events.mjs';
import { OpenApi } from './kit/openapi.mjs';
import { firstPlaylist } from './kit/playlist.mjs';
import { publish, sourceFile } from './kit/publisher.mjs';
import { readQr } from './kit/qr.mjs';
import { ROOT, startServer } from './kit/server.mjs';
import { until } from './kit/wait.mjs';

const PRODUCT = { title: 'Satin lipstick “Rosé”', url: 'https://shop.example/p/1', price_minor: 2800, currency: 'EUR' };
// Answers that need a flood or a broken disk; the unit tests of their rooms make them.
const NOT_PROVOKED = /( 429| 500| 503)$/;

test('the API', { timeout: 300000 }, async (t) => {
  const server = await startServer(t);
  const spec = new OpenApi(join(ROOT, 'docs/openapi.yaml'));
  const watched = (api) => {
    const plain = api.call.bind(api);
    return Object.assign(Object.create(Object.getPrototypeOf(api)), api, {
      async call(method, path, body, headers) {
        const answer = await plain(method, path, body, headers);
        spec.observe(method, path, answer);
        return answer;
      },
    });
  };
  const api = watched(server.api);
  const nobody = watched(server.api.as(''));
  const problem = (answer, status, words) => {
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.match(answer.headers.get('content-type'), /^application\/problem\+json/);
    assert.equal(answer.body.status, status);
    if (words) assert.match(answer.body.detail, words);
  };
  let made;
  let host;

  await t.test('a show is made, with its key and addresses', async () => {
    const answer = await api.call('POST', '/api/shows', { id: 'friday', title: 'Friday', host: 'Ada' });
    assert.equal(answer.status, 201);
    made = answer.body;
    assert.equal(made.state, 'draft', 'there is nothing to sell yet');
    assert.ok(made.stream_key.startsWith('friday_'));
    assert.ok(made.stream_key.length >= 7 + 20, 'the secret is short');
    assert.equal(new URL(made.watch_url).pathname, '/watch/friday');
    assert.equal(new URL(made.play_url).pathname, '/live/friday/index.m3u8');
    assert.match(new URL(made.host_url).hash, /^#t=.{20,}$/);
    assert.match(made.rtmp_url, /^rtmp:\/\/.*\/live$/);
    host = watched(server.api.as(new URL(made.host_url).hash.slice(3)));
  });

  await t.test('an id is made when none is given, and refused when it is taken or ill-formed', async () => {
    const answer = await api.call('POST', '/api/shows', { title: 'Another' });
    assert.equal(answer.status, 201);
    assert.match(answer.body.id, /^[a-z0-9][a-z0-9-]{0,31}$/);
    problem(await api.call('POST', '/api/shows', { id: 'friday', title: 'Again' }), 409);
    for (const id of ['Friday', '-a', 'a_b', 'a'.repeat(33), '', 'a/b'])
      problem(await api.call('POST', '/api/shows', { id, title: 'x' }), 422, /^id\b/);
  });

  await t.test('a body is taken apart strictly, and the words name the field', async () => {
    problem(await api.call('POST', '/api/shows', { title: 'x', colour: 'red' }), 422, /colour/);
    problem(await api.call('POST', '/api/shows', {}), 422, /title/);
    problem(await api.call('POST', '/api/shows', { title: 7 }), 422, /title/);
    problem(await api.call('POST', '/api/shows', { title: 'x'.repeat(121) }), 422, /title/);
    problem(await api.call('POST', '/api/shows', '{"title": "x"'), 400);
    problem(await api.call('POST', '/api/shows', '[]'), 422);
    problem(await api.call('POST', '/api/shows', '{"title":"a","title":"b"}'), 400);
    problem(await api.call('PATCH', '/api/shows/friday', '{'), 400);
    problem(await api.call('PATCH', '/api/shows/friday', { run_sheet: 'lip' }), 422, /run_sheet/);
  });

  await t.test('without the token there is nothing', async () => {
    for (const [method, path, body] of [['POST', '/api/shows', { title: 'x' }], ['GET', '/api/shows'], ['GET', '/api/shows/friday'],
      ['PATCH', '/api/shows/friday', { title: 'x' }], ['DELETE', '/api/shows/friday'], ['POST', '/api/shows/friday/key', {}],
      ['GET', '/api/shows/friday/publisher'], ['GET', '/api/shows/friday/keys'], ['POST', '/api/shows/friday/keys', {}], ['DELETE', '/api/shows/friday/keys/k1'],
      ['POST', '/api/shows/friday/kick', {}], ['POST', '/api/shows/friday/live', {}], ['POST', '/api/shows/friday/end', {}], ['POST', '/api/shows/friday/cues', { k: 'show' }], ['GET', '/api/shows/friday/cues'],
      ['DELETE', '/api/shows/friday/cues/c1'], ['GET', '/api/products'], ['PUT', '/api/products/lip', PRODUCT],
      ['GET', '/api/products/lip'], ['DELETE', '/api/products/lip']]) {
      problem(await nobody.call(method, path, body), 401);
      problem(await watched(server.api.as(`${server.api.token}x`)).call(method, path, body), 401);
    }
    const answer = await nobody.call('GET', '/api/shows');
    assert.match(answer.headers.get('www-authenticate') ?? '', /Bearer/);
    assert.equal((await nobody.call('GET', '/api/shows', undefined, { authorization: `Basic ${server.api.token}` })).status, 401);
  });

  await t.test('products come and go', async () => {
    const first = await api.call('PUT', '/api/products/lip', { ...PRODUCT, list_price_minor: 3500, stock: 12, image: '/i/1.webp' });
    assert.equal(first.status, 201);
    assert.deepEqual(first.body, { sku: 'lip', ...PRODUCT, list_price_minor: 3500, stock: 12, image: '/i/1.webp' });
    assert.equal((await api.call('PUT', '/api/products/lip', PRODUCT)).status, 200);
    assert.deepEqual((await api.call('GET', '/api/products/lip')).body, { sku: 'lip', ...PRODUCT });
    await api.call('PUT', '/api/products/nail', { ...PRODUCT, title: 'Nail', stock: 0 });
    assert.deepEqual((await api.get('/api/products')).products.map((p) => p.sku), ['lip', 'nail']);
    problem(await api.call('GET', '/api/products/none'), 404);
    problem(await api.call('DELETE', '/api/products/none'), 404);
    await api.put('/api/products/gone', PRODUCT);
    assert.equal((await api.call('DELETE', '/api/products/gone')).status, 204);
    problem(await api.call('GET', '/api/products/gone'), 404);
  });

  await t.test('a product that is none is refused by its field', async () => {
    for (const [field, value] of [['url', 'javascript:alert(1)'], ['url', 'data:text/html,x'], ['price_minor', -1], ['price_minor', 1.5],
      ['price_minor', '28'], ['currency', 'euro'], ['currency', 'eur'], ['title', ''], ['title', 'x'.repeat(81)], ['stock', -1],
      ['image', 'javascript:x'], ['url', `https://x.example/${'a'.repeat(200)}`]])
      problem(await api.call('PUT', '/api/products/bad', { ...PRODUCT, [field]: value }), 422, new RegExp(`\\b${field}`));
    problem(await api.call('PUT', '/api/products/bad', { ...PRODUCT, weight: 1 }), 422, /weight/);
    problem(await api.call('PUT', `/api/products/${'s'.repeat(65)}`, PRODUCT), 422);
    problem(await api.call('GET', '/api/products/bad'), 404);
  });

  await t.test('a show is looked at and changed; its key is never shown again', async () => {
    const changed = await api.call('PATCH', '/api/shows/friday', { title: 'Friday night', run_sheet: ['nail', 'lip'] });
    assert.equal(changed.status, 200);
    assert.deepEqual(changed.body.run_sheet, ['nail', 'lip']);
    const shown = (await api.call('GET', '/api/shows/friday')).body;
    assert.equal(shown.title, 'Friday night');
    assert.equal(shown.host, 'Ada');
    assert.equal(shown.publisher, null);
    assert.equal(shown.health.level, 'off');
    assert.deepEqual(shown.findings, []);
    problem(await api.call('GET', '/api/shows/friday/publisher'), 404, /Nobody publishes/);
    const all = await api.call('GET', '/api/shows');
    for (const text of [JSON.stringify(shown), JSON.stringify(all.body), JSON.stringify(changed.body)])
      assert.ok(!text.includes(made.stream_key) && !text.includes('stream_key'));
    problem(await api.call('GET', '/api/shows/none'), 404);
    problem(await api.call('PATCH', '/api/shows/none', { title: 'x' }), 404);
    problem(await api.call('POST', '/api/shows/none/key', {}), 404);
    problem(await api.call('POST', '/api/shows/none/end', {}), 404);
  });

  await t.test('a host token opens its show and nothing else', async () => {
    assert.equal((await host.call('GET', '/api/shows/friday')).status, 200);
    assert.equal((await host.call('PATCH', '/api/shows/friday', { run_sheet: null })).body.run_sheet, null);
    assert.equal((await host.call('GET', '/api/products')).status, 200);
    assert.equal((await host.call('GET', '/api/shows/friday/cues')).status, 200);
    await api.show({ id: 'other' });
    for (const [method, path, body] of [['GET', '/api/shows/other'], ['PATCH', '/api/shows/other', { title: 'x' }], ['POST', '/api/shows/other/cues', { k: 'show', sku: 'lip' }]])
      assert.ok([401, 403, 404].includes((await host.call(method, path, body)).status), `${method} ${path}`);
    for (const [method, path, body] of [['GET', '/api/shows'], ['POST', '/api/shows', { title: 'x' }], ['DELETE', '/api/shows/friday'],
      ['POST', '/api/shows/friday/key', {}], ['PUT', '/api/products/lip', PRODUCT], ['DELETE', '/api/products/lip']])
      problem(await host.call(method, path, body), 403);
  });

  await t.test('a show has several keys, and their codes say what a phone needs', async () => {
    const { status, body: key } = await host.call('POST', '/api/shows/friday/keys', {
      label: 'Ann’s phone', one_time: true, cues: true, expires_ms: Date.now() + 3600000 });
    assert.equal(status, 201);
    assert.ok(key.stream_key.startsWith('friday_') && key.stream_key !== made.stream_key);
    assert.equal(readQr(key.qr.rtmp), `${key.rtmp_url}/${key.stream_key}`);
    assert.equal(readQr(key.qr.larix), key.larix_url);
    const link = new URL(key.larix_url);
    assert.equal(`${link.protocol}//${link.host}${link.pathname}`, 'larix://set/v1');
    assert.equal(link.searchParams.get('conn[][url]'), `${key.rtmp_url}/${key.stream_key}`);
    assert.equal(link.searchParams.get('conn[][name]'), 'Friday night');
    const listed = (await host.call('GET', '/api/shows/friday/keys')).body.keys;
    assert.deepEqual(listed.map((one) => [one.id, one.label, one.one_time, one.cues]),
      [['k1', '', false, false], ['k2', 'Ann’s phone', true, true]]);
    assert.ok(!JSON.stringify(listed).includes(key.stream_key.split('_')[1]));
    problem(await api.call('POST', '/api/shows/friday/keys', { expires_ms: 1 }), 422, /expires_ms/);
    problem(await api.call('POST', '/api/shows/friday/keys', '{'), 400);
    problem(await api.call('POST', '/api/shows/none/keys', {}), 404);
    problem(await api.call('GET', '/api/shows/none/keys'), 404);
    assert.equal((await host.call('DELETE', '/api/shows/friday/keys/k2')).status, 204);
    problem(await host.call('DELETE', '/api/shows/friday/keys/k2'), 404);
  });

  await t.test('an encoder is kicked with a reason', async () => {
    const { stream_key: key } = await api.show({ id: 'stage' });
    const kick = (body) => api.call('POST', '/api/shows/stage/kick', body);
    problem(await kick({}), 409, /Nobody/);
    problem(await kick({ reason: 'trop tôt' }), 422, /reason/);
    problem(await kick('{'), 400);
    problem(await api.call('POST', '/api/shows/none/kick', {}), 404);
    const file = await sourceFile({ seconds: 110 });
    const encoder = publish(t, `${server.rtmp}/${key}`, file);
    await until('the encoder is there', async () => (await api.get('/api/shows/stage')).publisher);
    const kicked = await kick({ reason: 'wrong camera' });
    assert.equal(kicked.status, 200, JSON.stringify(kicked.body));
    assert.equal(kicked.body.publisher, null);
    await encoder.gone;
    const again = publish(t, `${server.rtmp}/${key}`, file);
    await again.gone;
    assert.match(again.words, /The host stopped this encoder: wrong camera\. Try again in \d+ s\./);
    assert.ok(!server.log.includes(key), 'a key is in the log');
  });

  await t.test('off air nothing is shown now, but it can be scheduled and cancelled', async () => {
    problem(await api.call('POST', '/api/shows/friday/cues', { k: 'show', sku: 'lip', at: 'now' }), 409);
    problem(await api.call('POST', '/api/shows/none/cues', { k: 'show', sku: 'lip' }), 404);
    problem(await api.call('GET', '/api/shows/none/cues'), 404);
    problem(await api.call('GET', '/api/shows/friday/cues?since=x'), 422);
    problem(await api.call('DELETE', '/api/shows/friday/cues/c9'), 404);
    const state = (await nobody.call('GET', '/live/friday/state')).body;
    assert.equal(state.live, false);
    assert.deepEqual(state.products.map((p) => p.i), ['lip', 'nail']);
  });

  const publisher = publish(t, `${server.rtmp}/${made.stream_key}`, await sourceFile({ seconds: 110 }));
  await firstPlaylist(server.url('/live/friday/video.m3u8'));
  const events = await new Events(server.url('/live/friday/events')).open();
  t.after(() => events.close());

  await t.test('the show tells about its publisher in numbers and words', async () => {
    // Rates are said when they have settled; a busy machine takes longer, and has its ups and downs.
    const isWell = ({ health, findings, publisher: { video } }) => /Good/.test(health.text) && video.fps > 28 && video.fps < 32 &&
      video.keyframe_ms > 0 && findings.every((finding) => finding.level === 'info');
    let shown;
    await until('it is well', async () => {
      shown = await api.get('/api/shows/friday');
      return isWell(shown);
    }, 60000).catch((error) => { throw new Error(`${error.message}: ${JSON.stringify(shown)}`); });
    assert.equal(shown.state, 'live');
    assert.ok(shown.live_since_ms > Date.now() - 60000);
    const { publisher: seen } = shown;
    assert.deepEqual([seen.video.width, seen.video.height], [640, 360]);
    assert.match(seen.video.codec, /^avc1\./);
    assert.ok(Math.abs(seen.video.keyframe_ms - 2000) < 100, seen.video.keyframe_ms);
    assert.deepEqual([seen.audio.codec, seen.audio.sample_rate, seen.audio.channels], ['mp4a.40.2', 44100, 2]);
    assert.equal(shown.health.level, 'good', shown.health.text);
    const figures = await api.call('GET', '/api/shows/friday/publisher');
    assert.equal(figures.status, 200);
    assert.ok(figures.body.in_kbps_10s > 300 && figures.body.in_kbps_10s < 2000, figures.body.in_kbps_10s);
    assert.ok(Math.abs(figures.body.av_offset_ms) < 200, figures.body.av_offset_ms);
    assert.equal(figures.body.clock.jumps, 0);
  });

  let card;
  await t.test('a card is shown: in the answer, the state, the journal and the events', async () => {
    const answer = await api.call('POST', '/api/shows/friday/cues', { k: 'show', sku: 'lip' });
    assert.equal(answer.status, 201);
    card = answer.body;
    const { data, id } = await events.wait((e) => e.event === 'cue' && e.data.c === card.c);
    assert.equal(data.k, 'show');
    assert.equal(data.m, card.media_time_ms);
    assert.equal(data.p.t, PRODUCT.title);
    assert.equal(data.p.a, 2800);
    assert.equal(Number(id), data.q);
    const state = (await nobody.call('GET', '/live/friday/state')).body;
    assert.deepEqual(state.cards.map((one) => [one.c, one.p.i]), [[card.c, 'lip']]);
    const before = (await nobody.call('GET', `/live/friday/state?t=${Math.max(0, card.media_time_ms - 1)}`)).body;
    assert.deepEqual(before.cards, []);
    const { cues } = (await api.call('GET', '/api/shows/friday/cues')).body;
    assert.ok(cues.some((cue) => cue.c === card.c && cue.k === 'show'));
  });

  await t.test('a product that changes changes its card and is told', async () => {
    await api.put('/api/products/lip', { ...PRODUCT, price_minor: 2500, stock: 3 });
    await events.wait((e) => e.event === 'product' && e.data.i === 'lip' && e.data.a === 2500);
    await events.wait((e) => e.event === 'cue' && e.data.k === 'upd' && e.data.c === card.c);
    const { cards } = (await nobody.call('GET', '/live/friday/state')).body;
    assert.equal(cards[0].p.a, 2500);
    assert.ok(cards[0].r > card.r);
  });

  await t.test('the same key does the work once', async () => {
    const body = { k: 'show', sku: 'nail' };
    const key = { 'idempotency-key': 'tap-1' };
    const [one, two] = await Promise.all([api.call('POST', '/api/shows/friday/cues', body, key), api.call('POST', '/api/shows/friday/cues', body, key)]);
    assert.deepEqual([one.status, two.status], [201, 201]);
    assert.deepEqual(two.body, one.body);
    assert.deepEqual((await api.call('POST', '/api/shows/friday/cues', body, key)).body, one.body);
    problem(await api.call('POST', '/api/shows/friday/cues', { k: 'show', sku: 'lip' }, key), 422);
    const { cues } = await api.get('/api/shows/friday/cues');
    assert.equal(cues.filter((cue) => cue.c === one.body.c && cue.k === 'show').length, 1);
    await api.delete(`/api/shows/friday/cues/${one.body.c}`);
  });

  await t.test('a cue may wait for its time, and be cancelled before', async () => {
    const { body: waiting } = await api.call('POST', '/api/shows/friday/cues', { k: 'show', c: 'later', sku: 'nail', at: { in_ms: 60000 } });
    assert.equal(waiting.q, null);
    assert.equal((await api.call('DELETE', '/api/shows/friday/cues/later')).status, 200);
    const wall = Date.now() + 1500;
    const { body: timed } = await api.call('POST', '/api/shows/friday/cues', { k: 'show', c: 'timed', sku: 'nail', at: { wall_ms: wall }, for_ms: 2000 });
    const { data } = await events.wait((e) => e.event === 'cue' && e.data.c === 'timed' && e.data.k === 'show');
    assert.equal(data.m, timed.media_time_ms);
    assert.ok(data.x > data.w, 'it has no end');
    const state = await server.api.get('/live/friday/state');
    const { body: exact } = await api.call('POST', '/api/shows/friday/cues', { k: 'hide', c: 'timed', at: { media_ms: state.edge_ms + 1500 } });
    assert.equal(exact.media_time_ms, state.edge_ms + 1500);
    const { cues } = await api.get('/api/shows/friday/cues');
    assert.ok(!cues.some((cue) => cue.c === 'later' && cue.q), 'the cancelled cue aired');
  });

  await t.test('a cue that is none is refused by its field', async () => {
    for (const [body, words] of [[{}, /\bk\b/], [{ k: 'dance' }, /\bk\b/], [{ k: 'show' }, /sku/], [{ k: 'upd' }, /\bc\b/], [{ k: 'show', sku: 'lip', at: 'soon' }, /\bat\b/],
      [{ k: 'show', sku: 'lip', at: { in_ms: -1 } }, /at|in_ms/], [{ k: 'show', sku: 'lip', at: { in_ms: 1, wall_ms: 2 } }, /\bat\b/],
      [{ k: 'show', sku: 'lip', for_ms: -5 }, /for_ms/], [{ k: 'show', sku: 'lip', c: 'a b' }, /\bc\b/], [{ k: 'show', sku: 'lip', c: 'x'.repeat(17) }, /\bc\b/],
      [{ k: 'show', sku: 'lip', frame: 1 }, /frame/]])
      problem(await api.call('POST', '/api/shows/friday/cues', body), 422, words);
    assert.ok([404, 422].includes((await api.call('POST', '/api/shows/friday/cues', { k: 'show', sku: 'none' })).status));
    problem(await api.call('POST', '/api/shows/friday/cues', 'not json'), 400);
  });

  await t.test('events resume behind the last one seen', async () => {
    const cues = events.list.filter((e) => e.event === 'cue');
    assert.equal(events.list[0].event, 'state');
    const qs = cues.map((e) => e.data.q);
    assert.deepEqual(qs, [...qs].sort((a, b) => a - b));
    const from = cues[0].id;
    const again = await new Events(server.url('/live/friday/events')).open({ 'last-event-id': from });
    const last = cues[cues.length - 1];
    await again.wait((e) => e.event === 'cue' && e.id === last.id);
    assert.equal(again.list[0].event, 'state');
    assert.ok(!again.list.some((e) => e.event === 'cue' && Number(e.id) <= Number(from)));
    assert.match(again.headers.get('content-type'), /^text\/event-stream/);
    again.close();
  });

  await t.test('the public calls answer every origin, and errors too', async () => {
    for (const path of ['/live/friday/index.m3u8', '/live/friday/video.m3u8', '/live/friday/audio.m3u8', '/live/friday/state']) {
      const answer = await nobody.call('GET', path);
      assert.equal(answer.status, 200, path);
      assert.equal(answer.headers.get('access-control-allow-origin'), '*', path);
    }
    for (const path of ['/live/none/index.m3u8', '/live/none/video.m3u8', '/live/none/state', '/live/none/events']) {
      const answer = await nobody.call('GET', path);
      problem(answer, 404);
      assert.equal(answer.headers.get('access-control-allow-origin'), '*', path);
    }
    problem(await nobody.call('GET', '/live/friday/state?t=x'), 400);
    problem(await nobody.call('GET', '/live/friday/video.m3u8?_HLS_part=1'), 400);
    spec.observe('GET', '/live/friday/events', { status: events.status, headers: events.headers, body: '' });
    assert.equal((await nobody.call('DELETE', '/live/friday/state')).status, 405);
    assert.match((await nobody.call('DELETE', '/live/friday/state')).headers.get('allow') ?? '', /GET/);
    assert.equal((await nobody.call('GET', '/nothing/here')).status, 404);
    const pages = ['/', '/watch/friday', '/host/friday', '/player/vitrine.js'];
    for (const path of pages) {
      const answer = await nobody.call('GET', path);
      assert.equal(answer.status, 200, path);
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', path);
    }
    const policy = (await nobody.call('GET', '/watch/friday')).headers.get('content-security-policy');
    assert.match(policy, /default-src/);
    assert.doesNotMatch(policy, /unsafe-(inline|eval)/);
  });

  await t.test('a new key works, the old one does not', async () => {
    const answer = await api.call('POST', '/api/shows/friday/key', {});
    assert.equal(answer.status, 201);
    assert.notEqual(answer.body.stream_key, made.stream_key);
    const old = publish(t, `${server.rtmp}/${made.stream_key}`, await sourceFile({ seconds: 12 }));
    assert.notEqual((await old.gone).code, 0);
    assert.equal((await api.get('/api/shows/friday')).state, 'live', 'the running stream was cut');
  });

  await t.test('a rehearsal plays on its preview and goes live', async () => {
    const trial = await api.show({ id: 'trial' });
    problem(await api.call('POST', '/api/shows/trial/live', {}), 409, /Nobody rehearses/);
    problem(await api.call('POST', '/api/shows/none/live', {}), 404);
    const changed = await api.call('PATCH', '/api/shows/trial', { rehearsal: true, policy: 'reject' });
    assert.equal(changed.body.rehearsal, true);
    assert.equal(changed.body.policy, 'reject');
    problem(await api.call('PATCH', '/api/shows/trial', { policy: 'newest' }), 422, /policy/);
    const preview = new URL(changed.body.preview_url).pathname.replace('/watch/', '/live/');
    const encoder = publish(t, `${server.rtmp}/${trial.stream_key}`, await sourceFile({ seconds: 30 }));
    await firstPlaylist(server.url(`${preview}/video.m3u8`));
    assert.equal((await fetch(server.url('/live/trial/video.m3u8'))).status, 503);
    assert.equal((await api.get('/api/shows/trial')).rehearsing, true);
    const live = await api.call('POST', '/api/shows/trial/live', {});
    assert.equal(live.status, 200);
    assert.equal(live.body.rehearsal, false);
    await firstPlaylist(server.url('/live/trial/video.m3u8'));
    assert.equal((await api.get('/api/shows/trial')).state, 'live');
    problem(await api.call('PATCH', '/api/shows/trial', { rehearsal: true }), 409, /live/);
    await encoder.stop('SIGKILL');
    assert.equal((await api.call('DELETE', '/api/shows/trial')).status, 204);
  });

  await t.test('ending and deleting', async () => {
    const ended = await host.call('POST', '/api/shows/friday/end', {});
    assert.equal(ended.status, 200);
    assert.equal(ended.body.state, 'ended');
    await publisher.gone;
    await events.wait((e) => e.event === 'show' && e.data.state === 'ended');
    assert.equal((await api.call('DELETE', '/api/shows/friday')).status, 204);
    problem(await api.call('GET', '/api/shows/friday'), 404);
    problem(await api.call('DELETE', '/api/shows/friday'), 404);
    await events.over;
    assert.equal((await nobody.call('GET', '/live/friday/video.m3u8')).status, 404);
  });

  await t.test('every answer was as documented, and everything documented was answered', () => {
    assert.deepEqual(spec.faults, []);
    assert.deepEqual(spec.unseen().filter((name) => !NOT_PROVOKED.test(name)), []);
  });
});
