// What must hold when things go wrong: wrong keys, killed processes, bad configuration,
// slow and hostile peers.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Events } from './kit/events.mjs';
import { fetchText, firstPlaylist, nextQuery, parsePlaylist } from './kit/playlist.mjs';
import { publish, sourceFile } from './kit/publisher.mjs';
import { RtmpClient } from './kit/rtmp.mjs';
import { program, ROOT, startServer } from './kit/server.mjs';
import { together } from './kit/together.mjs';
import { until } from './kit/wait.mjs';

const test = together('when things go wrong');

const run = (file, args, options) => new Promise((resolve) => {
  const child = execFile(file, args, { encoding: 'utf8', timeout: 20000, ...options }, (error, stdout, stderr) =>
    resolve({ code: error ? error.code : 0, stdout, stderr }));
  child.stdin.end(options?.input ?? '');
});

// Sends bytes and collects what comes until the peer closes or the time is over.
function talk(port, chunks, withinMs = 3000) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const got = [];
    const end = (closed) => { socket.destroy(); resolve({ closed, bytes: Buffer.concat(got) }); };
    const timer = setTimeout(() => end(false), withinMs);
    socket.on('data', (chunk) => got.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => { clearTimeout(timer); end(true); });
    socket.on('connect', async () => {
      for (const chunk of chunks) {
        socket.write(chunk);
        await sleep(20);
      }
    });
  });
}

test('a wrong key is refused with a sentence and is in no log', { timeout: 60000 }, async (t) => {
  const server = await startServer(t, { VITRINE_LOG_LEVEL: 'debug' });
  const show = await server.api.show({ id: 'locked' });
  const file = await sourceFile({ seconds: 12 });
  const wrong = `${show.stream_key.slice(0, -6)}wrongk`;
  for (const key of [wrong, 'nobody_abcdefghijklmnopqrst', 'nonsense', 'locked', 'locked_']) {
    const publisher = publish(t, `${server.rtmp}/${key}`, file);
    const exit = await publisher.gone;
    assert.notEqual(exit.code, 0, key);
    assert.match(publisher.words, /[Ss]erver error: .{10,}/, publisher.words);
    t.diagnostic(`${key.slice(0, 9)}: ${/error: (.*)/.exec(publisher.words)?.[1]}`);
    assert.ok(!publisher.words.match(/error: .*/)[0].includes(key) || key === 'locked', 'the key is in the sentence');
  }
  const right = publish(t, `${server.rtmp}/${show.stream_key}?x=${show.stream_key}`, file);
  await firstPlaylist(server.url('/live/locked/video.m3u8'));
  await right.stop();
  await until('the publisher has gone', async () => !(await server.api.get('/api/shows/locked')).publisher);
  const secret = show.stream_key.split('_').pop();
  const hostToken = new URL(show.host_url).hash.slice(3);
  for (const hidden of [secret, wrong, hostToken, server.api.token]) assert.ok(!server.log.includes(hidden), 'a secret is in the log');
  assert.match(server.log, /refused/);
  const kept = readdirSync(join(server.dir, 'data')).map((name) => join(server.dir, 'data', name)).filter((path) => statSync(path).isFile());
  for (const path of kept) {
    const bytes = readFileSync(path);
    assert.ok(!bytes.includes(secret), `the key is in ${path}`);
    if (/api-token$|secret$/.test(path)) assert.equal(statSync(path).mode & 0o777, 0o600, path);
  }
});

test('what was acknowledged survives kill -9', { timeout: 120000 }, async (t) => {
  const server = await startServer(t);
  const show = await server.api.show({ id: 'crash', title: 'Crash test' });
  for (let i = 0; i < 4; i++) await server.api.product(`p${i}`);
  const file = await sourceFile({ seconds: 110 });
  const url = `${server.rtmp}/${show.stream_key}`;
  let lastMsn = 0;
  const acknowledged = [];
  for (let round = 0; round < 3; round++) {
    const publisher = publish(t, url, file);
    const playlist = await firstPlaylist(server.url('/live/crash/video.m3u8'), 20000);
    assert.ok(playlist.mediaSequence > lastMsn, `after the restart MEDIA-SEQUENCE ${playlist.mediaSequence}, before it ${lastMsn}`);
    let posting = true;
    const poster = (async () => {
      for (let i = 0; posting; i++) {
        const answer = await server.api.call('POST', '/api/shows/crash/cues', { k: 'show', sku: `p${i % 4}` }).catch(() => null);
        if (answer?.status === 201) acknowledged.push(answer.body);
        const product = await server.api.call('PUT', `/api/products/r${round}n${i}`, {
          title: 'x', url: '/x', price_minor: i, currency: 'EUR' }).catch(() => null);
        if (product?.status === 201) acknowledged.push({ sku: `r${round}n${i}` });
        await sleep(5);
      }
    })();
    const enough = acknowledged.length + 20;
    await until('cues are acknowledged', () => acknowledged.length >= enough);
    const now = await fetchText(server.url('/live/crash/video.m3u8'));
    if (now.status === 200) lastMsn = parsePlaylist(now.text).openMsn;
    await server.stop('SIGKILL');
    posting = false;
    await poster;
    await publisher.gone;
    await server.start();
    const off = await fetchText(server.url('/live/crash/video.m3u8'));
    assert.equal(off.status, 503, 'a known show off air is 503, never 404');
    assert.equal(off.headers.get('retry-after'), '1');
  }
  const cues = [];
  for (let since = 0; ;) {
    const { cues: page } = await server.api.get(`/api/shows/crash/cues?since=${since}`);
    const aired = page.filter((cue) => cue.q);
    cues.push(...page);
    if (aired.length === 0 || aired[aired.length - 1].q <= since) break;
    since = aired[aired.length - 1].q;
  }
  const known = new Set(cues.map((cue) => `${cue.c} ${cue.r}`));
  const products = new Set((await server.api.get('/api/products')).products.map((product) => product.sku));
  const lost = acknowledged.filter((one) => (one.sku ? !products.has(one.sku) : !known.has(`${one.c} ${one.r}`)));
  t.diagnostic(`${acknowledged.length} acknowledged over three crashes`);
  assert.ok(acknowledged.length > 30, `${acknowledged.length} were acknowledged`);
  assert.deepEqual(lost.slice(0, 5), []);
  assert.equal((await server.api.get('/api/shows/crash')).title, 'Crash test');
});

test('SIGTERM drains: who waits is answered, no show ends, and exit code 0', { timeout: 60000 }, async (t) => {
  const server = await startServer(t);
  const show = await server.api.show({ id: 'drain' });
  publish(t, `${server.rtmp}/${show.stream_key}`, await sourceFile({ seconds: 110 }));
  const url = server.url('/live/drain/video.m3u8');
  const playlist = await firstPlaylist(url);
  const events = await new Events(server.url('/live/drain/events')).open();
  await events.wait((e) => e.event === 'state');
  const held = fetchText(`${url}?_HLS_msn=${playlist.openMsn + 1}`);
  await sleep(100);
  const exit = server.stop('SIGTERM');
  const answer = await held;
  assert.equal(answer.status, 200);
  assert.ok(!parsePlaylist(answer.text).ended, 'the end of the server is told as the end of the show');
  await events.over;
  assert.deepEqual(await exit, { code: 0, signal: null });
});

test('a stop asks who can to connect again, and tells the others why', { timeout: 60000 }, async (t) => {
  const server = await startServer(t);
  const clients = [];
  for (const [id, more] of [['asked', { capsEx: 1 }], ['told', {}]]) {
    const show = await server.api.show({ id });
    const client = new RtmpClient(server.rtmpPort);
    await client.publish(show.stream_key, 'live', more);
    clients.push(client);
  }
  const exit = server.stop('SIGTERM');
  const [asked, told] = clients;
  await Promise.all([asked.closed, told.closed]);
  assert.ok(asked.received.includes('NetConnection.Connect.ReconnectRequest'));
  assert.ok(!asked.received.includes('NetStream.Publish.BadName'));
  assert.ok(!told.received.includes('NetConnection.Connect.ReconnectRequest'));
  assert.ok(told.received.includes('NetStream.Publish.BadName'));
  assert.match(told.sentence(), /shutting down/);
  assert.deepEqual(await exit, { code: 0, signal: null });
});

test('bad configuration is named by file, line and column, and ends with 2', { timeout: 30000 }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-conf-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'vitrine.yaml');
  const env = { PATH: process.env.PATH };
  writeFileSync(file, 'http:\n  listn: 0.0.0.0:8080\nhls:\n  part: 5\n');
  for (const command of ['check', 'serve']) {
    const { code, stdout, stderr } = await run(program(), [command, '-c', file], { cwd: dir, env });
    assert.equal(code, 2, command);
    assert.match(stdout + stderr, /vitrine\.yaml:2:3: .*listn.*listen/s);
    assert.match(stdout + stderr, /vitrine\.yaml:4:\d+: /);
  }
  writeFileSync(file, 'http:\n  listen: 127.0.0.1:8080\n');
  assert.equal((await run(program(), ['check', '-c', file], { cwd: dir, env })).code, 0);
  assert.equal((await run(program(), ['check', '-c', join(dir, 'none.yaml')], { cwd: dir, env })).code, 2);
  assert.equal((await run(program(), ['serve'], { cwd: dir, env: { ...env, VITRINE_HTTP_LISTEN: 'nowhere' } })).code, 2);
  assert.equal((await run(program(), ['check'], { cwd: dir, env: { ...env, VITRINE_HTPP_LISTEN: ':1' } })).code, 2);
  assert.equal((await run(program(), ['dance'], { cwd: dir, env })).code, 2);
  const version = await run(program(), ['--version'], { cwd: dir, env });
  assert.equal(version.code, 0);
  assert.match(version.stdout, /^vitrine \d+\.\d+\.\d+/);
});

test('a port that is taken ends with 1 and says which', { timeout: 30000 }, async (t) => {
  const server = await startServer(t);
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-port-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const { createServer } = await import('node:net');
  const taken = createServer();
  await new Promise((resolve) => { taken.listen(0, '127.0.0.1', resolve); });
  t.after(() => taken.close());
  const { port } = taken.address();
  const { code, stdout, stderr } = await run(program(), ['serve'], { cwd: dir, env: {
    PATH: process.env.PATH, VITRINE_DATA_DIR: join(dir, 'data'), VITRINE_HTTP_LISTEN: `127.0.0.1:${port}`,
    VITRINE_RTMP_LISTEN: '127.0.0.1:0', VITRINE_ADMIN_LISTEN: '127.0.0.1:0' } });
  assert.equal(code, 1);
  assert.match(stdout + stderr, new RegExp(String(port)));
  assert.ok(!server.exit);
});

test('metrics are as promtool wants them; health tells ready from alive', { timeout: 60000 }, async (t) => {
  const server = await startServer(t);
  const show = await server.api.show({ id: 'metrics' });
  publish(t, `${server.rtmp}/${show.stream_key}`, await sourceFile({ seconds: 12 }));
  await firstPlaylist(server.url('/live/metrics/video.m3u8'));
  const answer = await fetchText(`${server.admin}/metrics`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^text\/plain/);
  const here = join(ROOT, 'build/tools/promtool');
  const { code, stdout, stderr } = await run(existsSync(here) ? here : 'promtool', ['check', 'metrics'], { input: answer.text });
  assert.equal(code, 0, stdout + stderr);
  const value = (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(answer.text)?.[1]);
  assert.equal(value('vitrine_publishers'), 1);
  assert.equal(value('vitrine_shows_live'), 1);
  assert.ok(value('vitrine_parts_total') > 5);
  assert.ok(value('vitrine_rtmp_bytes_total') > 10000);
  for (const path of ['/healthz', '/readyz']) assert.equal((await fetchText(server.admin + path)).status, 200, path);
  assert.notEqual((await fetchText(server.url('/metrics'))).status, 200, 'metrics are on the public port');
});

test('a client that reads slowly holds up nobody', { timeout: 90000 }, async (t) => {
  const server = await startServer(t);
  const show = await server.api.show({ id: 'slow' });
  publish(t, `${server.rtmp}/${show.stream_key}`, await sourceFile({ seconds: 110 }));
  const url = server.url('/live/slow/video.m3u8');
  const playlist = await firstPlaylist(url);
  const path = new URL(playlist.segments.at(-1)?.uri ?? playlist.open.parts[0].uri, url).pathname;
  const sockets = [];
  for (let i = 0; i < 20; i++) {
    const socket = connect(server.httpPort, '127.0.0.1');
    socket.on('error', () => {});
    for (let n = 0; n < 40; n++) socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    socket.pause(); // asks for a lot and takes nothing
    sockets.push(socket);
  }
  for (let i = 0; i < 20; i++) { // and some that never finish their request
    const socket = connect(server.httpPort, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET /live/slow/video.m3u8 HTT');
    sockets.push(socket);
  }
  let p = playlist;
  const before = p.openMsn;
  for (let i = 0; i < 12; i++) {
    const answer = await fetchText(`${url}?${nextQuery(p)}`);
    assert.equal(answer.status, 200);
    p = parsePlaylist(answer.text);
  }
  assert.ok(p.openMsn > before, 'the show stood still');
  for (const socket of sockets) socket.destroy();
  assert.equal((await fetchText(`${server.admin}/healthz`)).status, 200);
});

test('garbage on both ports ends its connection and nothing else', { timeout: 120000 }, async (t) => {
  const server = await startServer(t);
  const show = await server.api.show({ id: 'noise' });
  publish(t, `${server.rtmp}/${show.stream_key}`, await sourceFile({ seconds: 110 }));
  const url = server.url('/live/noise/video.m3u8');
  let p = await firstPlaylist(url);
  let seed = 12345;
  const random = (n) => Buffer.from(Array.from({ length: n }, () => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return seed >> 16 & 0xff; }));
  const handshake = Buffer.concat([Buffer.from([3]), Buffer.alloc(1536), Buffer.alloc(1536)]);
  const chunk = (header, ...body) => Buffer.concat([Buffer.from(header), ...body]);
  const rtmp = [
    [random(4096)],
    [Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    [Buffer.from([0x16, 3, 1, 0, 200]), random(300)],
    [handshake, random(20000)],
    [handshake, chunk([2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0])], // chunk size 0
    [handshake, chunk([2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])],
    [handshake, chunk([3, 0, 0, 0, 0xff, 0xff, 0xff, 20, 0, 0, 0, 0], random(5000))], // 16 MB command
    [handshake, chunk([4, 0, 0, 0, 0, 0, 9, 9, 1, 0, 0, 0], random(9))], // video before connect
    [handshake, chunk([0xc3])], // continues nothing
    [handshake, ...Array.from({ length: 200 }, (_, i) => chunk([0, i & 0xff, 0, 0, 0, 0, 0x7f, 0xff, 9, 0, 0, 0, 0], Buffer.alloc(128)))],
  ];
  const http = [
    [random(4096)],
    [Buffer.from('GET / HTTP/9.9\r\n\r\n')],
    [Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')],
    [Buffer.from('POST /api/shows HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n')],
    [Buffer.from('POST /api/shows HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n')],
    [Buffer.from(`GET /${'a'.repeat(100000)} HTTP/1.1\r\nHost: x\r\n\r\n`)],
    [Buffer.from(`GET / HTTP/1.1\r\nHost: x\r\n${'X-A: b\r\n'.repeat(20000)}\r\n`)],
    [Buffer.from('GET /live/noise/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')],
    [Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), random(100)],
  ];
  await Promise.all([...rtmp.map(async (chunks) => {
    const { closed } = await talk(server.rtmpPort, chunks, 30000);
    assert.ok(closed, `RTMP keeps a connection that sent ${chunks[chunks.length - 1].subarray(0, 12).toString('hex')}`);
  }), ...http.map(async (chunks) => {
    const { closed, bytes } = await talk(server.httpPort, chunks, 30000);
    assert.ok(closed, `HTTP keeps a connection that sent ${chunks[0].toString('latin1', 0, 40)}`);
    assert.ok(bytes.length === 0 || /^HTTP\/1\.1 [45]\d\d /.test(bytes.toString('latin1')), bytes.toString('latin1', 0, 80));
  })]);
  assert.ok(!server.exit, `the server ended: ${JSON.stringify(server.exit)}`);
  p = parsePlaylist((await fetchText(url)).text);
  const next = await fetchText(`${url}?${nextQuery(p)}`);
  assert.equal(next.status, 200, 'the show stopped');
  assert.equal((await fetchText(`${server.admin}/healthz`)).status, 200);
});
