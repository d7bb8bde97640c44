// A server that is replaced while shows are live: nobody is refused, no show ends, and
// what was there is there.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'node:test';
import { promisify } from 'node:util';
import { parsePlaylist } from './kit/playlist.mjs';
import { AGAIN_MS, sourceFile, supervise } from './kit/publisher.mjs';
import { flvTags, RtmpClient } from './kit/rtmp.mjs';
import { program, ROOT, startServer } from './kit/server.mjs';
import { until } from './kit/wait.mjs';

// An encoder that says it can be asked to connect again, and does so; round after round of
// the file's tags at the speed of their stamps.
function reconnecting(t, server, key, file) {
  const tags = flvTags(readFileSync(file)).filter((tag) => tag.type !== 18);
  const keeper = { connections: 0, asked: 0, told: '', over: false };
  const send = async (client) => {
    const began = Date.now();
    for (const tag of tags) {
      const early = tag.stamp - (Date.now() - began);
      if (early > 0) await Promise.race([sleep(early), client.closed]);
      if (client.over || keeper.over) return;
      await (tag.type === 9 ? client.video(tag.stamp, tag.body) : client.audio(tag.stamp, tag.body));
    }
  };
  (async () => {
    while (!keeper.over) {
      const client = new RtmpClient(server.rtmpPort);
      keeper.client = client;
      keeper.connections++;
      await client.publish(key, 'live', { capsEx: 1 }).then(() => send(client)).catch((error) => { keeper.told = String(error); });
      if (client.received.includes('NetConnection.Connect.ReconnectRequest')) keeper.asked++;
      client.socket.destroy();
      await sleep(AGAIN_MS);
    }
  })();
  t.after(() => { keeper.over = true; keeper.client.socket.destroy(); });
  return keeper;
}

// One connection after the other to a port, each 20 ms, and what came of those that failed.
function knockAlways(t, port) {
  const door = { n: 0, failures: [], over: false };
  (async () => {
    for (; !door.over; await sleep(20)) {
      door.n++;
      const socket = net.connect(port, '127.0.0.1');
      socket.on('connect', () => socket.end());
      socket.on('error', (error) => { if (error.code !== 'ECONNRESET') door.failures.push(error.code); });
      socket.on('data', () => {});
    }
  })();
  t.after(() => { door.over = true; });
  return door;
}

// Without a pool: a connection that is kept may close under a request's feet.
function ask(url, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false, headers, timeout: 15000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => { text += chunk; });
      response.on('end', () => resolve({ status: response.statusCode, text }));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', reject);
  });
}

// How long this process stood still of late, as a busy machine makes it: who is let in and then
// sends nothing for half a second is not waited for by a server that goes.
const HELD_UP_MS = 250;
function startPace(t) {
  const LOOK_MS = 20;
  const pace = { stood: [] };
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - last > HELD_UP_MS) pace.stood.push(now);
    last = now;
  }, LOOK_MS);
  t.after(() => clearInterval(timer));
  pace.heldUpSince = (since) => performance.now() - last > HELD_UP_MS || pace.stood.some((at) => at > since);
  return pace;
}

// Somebody who looks at playlist and state all the time.
function watch(t, server, id) {
  const viewer = { statuses: {}, states: {}, firsts: [], lasts: [], ended: 0, failures: [], heldUp: 0, longestMs: 0, over: false };
  const pace = startPace(t);
  const fail = (error, since) => {
    if (error.code === 'ECONNRESET' && pace.heldUpSince(since)) viewer.heldUp++;
    else viewer.failures.push(error.code ?? error.message);
  };
  const authorization = { authorization: `Bearer ${server.api.token}` };
  let newestAt = Date.now();
  (async () => {
    for (; !viewer.over; await sleep(100)) {
      const since = performance.now();
      try {
        const { status, text } = await ask(server.url(`/live/${id}/video.m3u8`));
        viewer.statuses[status] = (viewer.statuses[status] ?? 0) + 1;
        if (status !== 200) continue;
        const playlist = parsePlaylist(text);
        if (playlist.ended) viewer.ended++;
        viewer.firsts.push(playlist.mediaSequence);
        const last = playlist.openMsn * 1000 + (playlist.open?.parts?.length ?? 0);
        if (last > (viewer.lasts.at(-1) ?? 0)) {
          viewer.longestMs = Math.max(viewer.longestMs, Date.now() - newestAt);
          newestAt = Date.now();
        }
        viewer.lasts.push(last);
      } catch (error) {
        fail(error, since);
      }
    }
  })();
  (async () => {
    for (; !viewer.over; await sleep(100)) {
      const since = performance.now();
      try {
        const { status, text } = await ask(server.url(`/api/shows/${id}`), authorization);
        const state = status === 200 ? JSON.parse(text).state : status;
        viewer.states[state] = (viewer.states[state] ?? 0) + 1;
      } catch (error) {
        fail(error, since);
      }
    }
  })();
  t.after(() => { viewer.over = true; });
  return viewer;
}

const hasMedia = async (server, id) => {
  const { status, text } = await ask(server.url(`/live/${id}/video.m3u8`));
  if (status !== 200) return false;
  const parts = parsePlaylist(text).segments.flatMap((segment) => segment.parts);
  return parts.length > 3 && parts.slice(-3).every((part) => !part.gap);
};

// How many of each kind: connections come and go, the rest must not.
function descriptors(pid) {
  const kinds = {};
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    let target;
    try { target = readlinkSync(`/proc/${pid}/fd/${fd}`); } catch { continue; }
    const kind = target.replace(/:\[\d+\]$/, '').replace(/.*\//, '');
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}

// Sockets that listen on a port of 127.0.0.1.
function listeners(port) {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8').split('\n').filter((line) => {
    const [, address, , state] = line.trim().split(/\s+/);
    return address === local && state === '0A';
  }).length;
}

test('a hand-over refuses nobody, and shows go on', { timeout: 120000 }, async (t) => {
  const server = await startServer(t, { VITRINE_WORKERS: '2' });
  const file = await sourceFile({ seconds: 110 });
  const shows = {};
  for (const id of ['kept', 'asked']) shows[id] = await server.api.show({ id });
  await server.api.product('SKU-1');
  const ffmpeg = supervise(t, `${server.rtmp}/${shows.kept.stream_key}`, file);
  // A guest: its one-time key is of the run, which goes on.
  const once = await server.api.post('/api/shows/asked/keys', { one_time: true });
  const scripted = reconnecting(t, server, once.stream_key, file);
  for (const id of ['kept', 'asked']) await until(`media of ${id}`, () => hasMedia(server, id));
  await server.api.post('/api/shows/kept/cues', { k: 'show', c: 'card', sku: 'SKU-1' });
  await until('the card', async () => (await server.api.get('/api/shows/kept/cues?since=0')).cues.some((cue) => cue.q));
  const { pid } = server.child;
  const cues = (await server.api.get('/api/shows/kept/cues?since=0')).cues;
  const doors = { rtmp: knockAlways(t, server.rtmpPort), http: knockAlways(t, server.httpPort), admin: knockAlways(t, server.adminPort) };
  const viewers = { kept: watch(t, server, 'kept'), asked: watch(t, server, 'asked') };
  for (let round = 1; round <= 2; round++) {
    const began = Date.now();
    await server.handOver();
    t.diagnostic(`hand-over ${round}: ${Date.now() - began} ms`);
    for (const id of ['kept', 'asked']) await until(`media of ${id} again`, () => hasMedia(server, id));
    t.diagnostic(`media after ${Date.now() - began} ms`);
    assert.equal(ffmpeg.starts, 1 + round, 'the encoder was let go of once for each hand-over');
    assert.equal(scripted.asked, round, scripted.told);
  }
  for (const one of [...Object.values(doors), ...Object.values(viewers)]) one.over = true;
  for (const [name, door] of Object.entries(doors)) assert.deepEqual(door.failures, [], `${name}, of ${door.n}`);
  for (const [id, viewer] of Object.entries(viewers)) {
    t.diagnostic(`${id}: ${JSON.stringify(viewer.statuses)}, states ${JSON.stringify(viewer.states)}, ${viewer.longestMs} ms without a new part at the most, ${viewer.heldUp} times held up`);
    assert.deepEqual(viewer.failures, []);
    assert.deepEqual(Object.keys(viewer.states), ['live'], id);
    assert.deepEqual(Object.keys(viewer.statuses).filter((status) => status !== '200' && status !== '503'), [], id);
    assert.equal(viewer.ended, 0, `${id} has an ENDLIST`);
    assert.deepEqual(viewer.firsts, [...viewer.firsts].sort((a, b) => a - b), `${id} goes back`);
    assert.deepEqual(viewer.lasts, [...viewer.lasts].sort((a, b) => a - b), `${id} goes back`);
    assert.ok(viewer.lasts.at(-1) - viewer.lasts[0] < 100000, `${id} jumps ahead`);
  }
  assert.equal(server.exit, null);
  assert.equal(readFileSync(`/proc/${pid}/comm`, 'utf8').trim(), 'vitrine');
  assert.deepEqual((await server.api.get('/api/shows/kept/cues?since=0')).cues, cues);
  const { cards } = JSON.parse((await ask(server.url('/live/kept/state'))).text);
  assert.equal(cards.length, 1, 'the card is gone');
  // Two more, with the same connections before and after.
  const counts = async () => {
    await server.handOver();
    for (const id of ['kept', 'asked']) await until(`media of ${id} again`, () => hasMedia(server, id));
    return descriptors(pid);
  };
  const before = await counts();
  await until('the same descriptors', async () => JSON.stringify(Object.entries(await counts()).sort()) === JSON.stringify(Object.entries(before).sort()));
  for (const [name, n] of [['rtmp', 2], ['http', 2], ['admin', 1]]) assert.equal(listeners(server[`${name}Port`]), n, name);
});

test('a program that does not take the configuration takes nothing over', { timeout: 60000 }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-handover-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const place = join(dir, 'vitrine');
  const install = (write) => {
    write(`${place}.new`);
    chmodSync(`${place}.new`, 0o755);
    renameSync(`${place}.new`, place);
  };
  const real = program();
  install((file) => copyFileSync(real, file));
  const server = await startServer(t, {}, place);
  const show = await server.api.show({ id: 'kept' });
  supervise(t, `${server.rtmp}/${show.stream_key}`, await sourceFile({ seconds: 110 }));
  await until('media', () => hasMedia(server, 'kept'));
  for (const broken of ['#!/bin/sh\necho "this is no server" >&2\nexit 2\n', 'neither a script nor a program']) {
    const refused = server.said('nothing was changed');
    install((file) => writeFileSync(file, broken));
    server.child.kill('SIGUSR2');
    await until('the refusal', () => server.said('nothing was changed') > refused);
  }
  assert.match(server.log, /this is no server/);
  assert.equal(server.said('connection closed: the server is being replaced'), 0);
  assert.ok(await hasMedia(server, 'kept'));
  // The file that runs has been deleted meanwhile; what is there now takes over.
  install((file) => copyFileSync(real, file));
  await server.handOver();
  await until('media again', () => hasMedia(server, 'kept'));
  assert.match(readlinkSync(`/proc/${server.child.pid}/exe`), /vitrine$/);
});

test('a show is live before and behind a stop, and a second signal ends it at once', { timeout: 90000 }, async (t) => {
  const server = await startServer(t);
  const show = await server.api.show({ id: 'kept' });
  const url = server.url('/live/kept/video.m3u8');
  supervise(t, `${server.rtmp}/${show.stream_key}`, await sourceFile({ seconds: 110 }));
  await until('media', () => hasMedia(server, 'kept'));
  const seen = [];
  const stopped = server.stop('SIGTERM');
  for (let over = false; !over;) {
    const answer = await ask(url).catch(() => null);
    if (answer) seen.push(parsePlaylist(answer.text));
    over = !answer;
    await sleep(20);
  }
  assert.deepEqual(await stopped, { code: 0, signal: null });
  assert.ok(seen.length > 0 && seen.every((playlist) => !playlist.ended), 'the stop is told as the end of the show');
  const open = seen.at(-1).openMsn;
  await server.start();
  assert.equal((await server.api.get('/api/shows/kept')).state, 'live');
  await until('media again', () => hasMedia(server, 'kept'));
  const next = parsePlaylist((await ask(url)).text);
  assert.equal(next.mediaSequence, open + (seen.at(-1).open.parts.length > 0 ? 1 : 0), 'numbers are left out');
  server.child.kill('SIGTERM');
  await until('the first', () => server.said('info shutting down: ') === 2);
  server.child.kill('SIGTERM');
  assert.deepEqual(await server.gone, { code: 0, signal: null });
  assert.equal(server.said('not waiting any longer'), 1);
  await server.start();
  assert.equal((await server.api.get('/api/shows/kept')).state, 'live');
  await until('media once more', () => hasMedia(server, 'kept'));
  server.child.kill('SIGUSR2');
  await until('the hand-over', () => server.said('handing over to ') === 1);
  server.child.kill('SIGTERM');
  assert.deepEqual(await server.gone, { code: 0, signal: null }, 'a stop during a hand-over');
  assert.equal(server.said('Terminated: not waiting any longer'), 1);
});

// As systemd does it for a socket unit: one socket, which allows no other on its port.
async function listenFor(t) {
  const owner = net.createServer();
  await new Promise((resolve) => { owner.listen(0, '127.0.0.1', resolve); });
  t.after(() => owner.close());
  return { port: owner.address().port, fd: owner._handle.fd, owner };
}

test('sockets that come with the start are used, by name or by address', { timeout: 60000 }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-sockets-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const given = [await listenFor(t), await listenFor(t), await listenFor(t)];
  const [rtmp, web, stray] = given;
  const child = spawn('/bin/sh', ['-c', 'LISTEN_PID=$$ exec "$0" serve', program()], {
    cwd: dir,
    env: {
      PATH: process.env.PATH, LISTEN_FDS: '3', LISTEN_FDNAMES: 'rtmp:vitrine.socket:rtmps', VITRINE_WORKERS: '2', VITRINE_DATA_DIR: join(dir, 'data'),
      VITRINE_RTMP_LISTEN: '127.0.0.1:0', VITRINE_HTTP_LISTEN: `127.0.0.1:${web.port}`, VITRINE_ADMIN_LISTEN: '127.0.0.1:0',
    },
    stdio: ['ignore', 'pipe', 'pipe', ...given.map(({ fd }) => fd)],
  });
  const gone = new Promise((resolve) => { child.on('close', (code, signal) => resolve({ code, signal })); });
  t.after(() => child.kill('SIGKILL'));
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => { log += chunk; });
  for (const { owner } of given) owner.close();
  await until('the server', () => /listening admin=/.test(log) || child.exitCode !== null);
  assert.match(log, new RegExp(`listening rtmp=127\\.0\\.0\\.1:${rtmp.port}\\b`));
  assert.match(log, new RegExp(`socket of rtmps on port ${stray.port} is closed: it is off`));
  assert.deepEqual(given.map(({ port }) => listeners(port)), [1, 1, 0]);
  // Both lanes take from it.
  const answers = await Promise.all(Array.from({ length: 40 }, () => ask(`http://127.0.0.1:${web.port}/live/none/video.m3u8`)));
  assert.ok(answers.every(({ status }) => status === 404));
  const client = new RtmpClient(rtmp.port);
  await client.handshake();
  client.socket.destroy();
  child.kill('SIGUSR2');
  await until('the next process', () => log.split('listening admin=').length > 2 || child.exitCode !== null);
  assert.deepEqual(given.map(({ port }) => listeners(port)), [1, 1, 0]);
  assert.equal((await ask(`http://127.0.0.1:${web.port}/live/none/video.m3u8`)).status, 404);
  child.kill('SIGTERM');
  assert.deepEqual(await gone, { code: 0, signal: null });
});

const UNITS = join(ROOT, 'conf/examples');

function readUnit(name) {
  const unit = {};
  let section = null;
  for (const line of readFileSync(join(UNITS, name), 'utf8').split('\n')) {
    if (!line || line.startsWith('#')) continue;
    const head = /^\[(\w+)\]$/.exec(line);
    if (head) section = unit[head[1]] = {};
    const [, key, value] = head ? [] : /^(\w+)=(.*)$/.exec(line) ?? assert.fail(`${name}: ${line}`);
    if (key) (section[key] ??= []).push(value);
  }
  return unit;
}

test('the units among the examples fit what the server does', { timeout: 30000 }, async (t) => {
  const { Service: service } = readUnit('vitrine.service');
  const { Socket: socket } = readUnit('vitrine.socket');
  assert.match(service.ExecReload[0], /kill -HUP \$MAINPID/);
  assert.equal(service.KillSignal[0], 'SIGTERM');
  assert.equal(service.KillMode[0], 'mixed');
  const limit = (file, name) => Number(new RegExp(`${name} = (\\d+)`).exec(readFileSync(join(ROOT, file), 'utf8'))[1]);
  const worstMs = limit('server/show/drain.h', 'DRAIN_GOP_MAX_MS') + limit('server/drain.h', 'DRAIN_LINGER_MS') +
    limit('server/lane.h', 'LANE_DRAIN_MS') + limit('server/hook/hook.h', 'HOOK_GRACE_MS');
  assert.ok(Number(service.TimeoutStopSec[0]) * 1000 > worstMs, `a stop may take ${worstMs} ms`);
  const defaults = readFileSync(join(UNITS, 'full.yaml'), 'utf8');
  for (const address of socket.ListenStream) assert.ok(defaults.includes(`listen: ${address} `), address);
  const verify = await promisify(execFile)('systemd-analyze', ['--version']).catch(() => null);
  if (!verify) {
    t.diagnostic('systemd-analyze is not here');
    return;
  }
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-units-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const files = ['vitrine.socket', 'vitrine.service'].map((name) => {
    const file = join(dir, name);
    writeFileSync(file, readFileSync(join(UNITS, name), 'utf8').replaceAll('/usr/local/bin/vitrine', program()));
    return file;
  });
  await promisify(execFile)('systemd-analyze', ['verify', ...files]);
});
