// RTMP over TLS, and publishers behind a load balancer that speaks the PROXY protocol.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { certificate, replace, spoil } from './kit/certificates.mjs';
import { publishGstreamer, publishObs } from './kit/encoders.mjs';
import { firstPlaylist } from './kit/playlist.mjs';
import { AS_STAMPED, publish, sourceFile } from './kit/publisher.mjs';
import { program, startServer } from './kit/server.mjs';
import { together } from './kit/together.mjs';

const test = together('RTMP over TLS and behind load balancers');

// Standard input stays open for a while.
const run = (file, args, openMs = 0) => new Promise((resolve) => {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITRINE_')));
  const child = execFile(file, args, { encoding: 'utf8', timeout: 20000, env }, (error, stdout, stderr) =>
    resolve({ code: error ? error.code : 0, stdout, stderr, text: stdout + stderr }));
  child.stdin.on('error', () => {});
  setTimeout(() => child.stdin.end(), openMs);
});

// Open for long enough to be sent what comes after a handshake.
const shake = (port, ...options) => run('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...options], 300);
const shownTo = async (port, ...options) => /subject=CN = (\S+)/.exec((await shake(port, ...options)).text)?.[1];

function folder(t) {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-e2e-tls-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const rtmps = (pairs, more = {}) => ({
  VITRINE_RTMPS_LISTEN: '127.0.0.1:0',
  VITRINE_TLS_CERTIFICATE: pairs.map((pair) => pair.certificate).join(','),
  VITRINE_TLS_KEY: pairs.map((pair) => pair.key).join(','),
  ...more,
});

async function logSays(server, pattern, withinMs = 20000) {
  const until = Date.now() + withinMs;
  while (!pattern.test(server.log)) {
    assert.ok(Date.now() < until, `${pattern} is not in the log:\n${server.log}`);
    await sleep(20);
  }
}

test('ffmpeg publishes over TLS, on whichever loop the show lives', { timeout: 120000 }, async (t) => {
  const server = await startServer(t, rtmps([certificate(folder(t), 'a')], { VITRINE_WORKERS: '3' }));
  const file = await sourceFile({ seconds: 12 });
  // Three shows, three loops: some of the connections have to move, keys and all.
  const shows = [];
  for (const id of ['one', 'two', 'three', 'four']) shows.push(await server.api.show({ id }));
  for (const show of shows) publish(t, `${server.rtmps}/${show.stream_key}`, file, { loop: true });
  for (const show of shows) {
    await firstPlaylist(server.url(`/live/${show.id}/video.m3u8`), 20000);
    const played = await run('ffmpeg', ['-v', 'error', '-i', server.url(`/live/${show.id}/index.m3u8`), '-t', '3', ...AS_STAMPED, '-f', 'null', '-']);
    assert.deepEqual([played.code, played.stderr], [0, ''], show.id);
  }
});

// Several minutes of stream would show more; what stops OBS does so within seconds.
async function assertStreams(t, server, id, publisher) {
  await firstPlaylist(server.url(`/live/${id}/video.m3u8`), 60000).catch((error) => { throw new Error(`${error.message}\n${publisher.words.slice(-3000)}\n${server.log.slice(-3000)}`); });
  await sleep(10000);
  const played = await run('ffmpeg', ['-v', 'error', '-i', server.url(`/live/${id}/index.m3u8`), '-t', '3', ...AS_STAMPED, '-f', 'null', '-']);
  assert.deepEqual([played.code, played.stderr], [0, ''], id);
  assert.equal(publisher.exit, undefined, publisher.words);
  assert.doesNotMatch(server.log, /publisher gone/);
}

test('GStreamer publishes over TLS', { timeout: 120000 }, async (t) => {
  const server = await startServer(t, rtmps([certificate(folder(t), 'a')], { VITRINE_WORKERS: '2' }));
  const show = await server.api.show({ id: 'gstreamer' });
  await assertStreams(t, server, show.id, publishGstreamer(t, `${server.rtmps}/${show.stream_key}`, { insecure: true }));
});

const skip = process.env.VITRINE_SKIP_OBS ? 'VITRINE_SKIP_OBS is set: this machine is too slow for OBS' : false;
test('OBS publishes over TLS', { timeout: 180000, skip }, async (t) => {
  const [dir, trusted] = [folder(t), folder(t)];
  const pair = certificate(dir, 'a');
  copyFileSync(pair.certificate, join(trusted, 'a.pem'));
  const server = await startServer(t, rtmps([pair], { VITRINE_WORKERS: '2' }));
  const show = await server.api.show({ id: 'obs' });
  await assertStreams(t, server, show.id, publishObs(t, `rtmps://localhost:${server.rtmpsPort}/live`, show.stream_key, { certificates: trusted }));
});

test('TLS is 1.2 or newer, without tickets, and chooses the certificate by name', { timeout: 60000 }, async (t) => {
  const dir = folder(t);
  const server = await startServer(t, rtmps([certificate(dir, 'a', ['a.example.com']), certificate(dir, 'b', ['b.example.com', '*.shop.example'])]));
  const port = server.rtmpsPort;
  for (const [option, protocol] of [['-tls1_2', 'TLSv1.2'], ['-tls1_3', 'TLSv1.3']]) {
    const { text } = await shake(port, option);
    assert.match(text, new RegExp(`New, ${protocol}, Cipher is (TLS_|ECDHE-)`), text);
    assert.doesNotMatch(text, /session ticket/i, option);
  }
  for (const option of ['-tls1_1', '-tls1']) {
    const { text, code } = await shake(port, option, '-cipher', 'ALL:@SECLEVEL=0');
    assert.notEqual(code, 0);
    assert.match(text, /alert protocol version/, text);
  }
  await logSays(server, /rtmps connection from 127\.0\.0\.1:\d+ closed: no TLS handshake: the client knows no TLS newer than 1\.1/);
  assert.equal(await shownTo(port, '-servername', 'a.example.com'), 'a');
  assert.equal(await shownTo(port, '-servername', 'b.example.com'), 'b');
  assert.equal(await shownTo(port, '-servername', 'summer.shop.example'), 'b');
  assert.equal(await shownTo(port, '-servername', 'nobody.example'), 'a');
  assert.equal(await shownTo(port, '-noservername'), 'a');
});

test('SIGHUP brings new certificates, and a broken one leaves the old in force', { timeout: 90000 }, async (t) => {
  const dir = folder(t);
  const [old, next, other] = [certificate(dir, 'old'), certificate(dir, 'next'), certificate(dir, 'other')];
  const server = await startServer(t, rtmps([old], { VITRINE_WORKERS: '2' }));
  const show = await server.api.show({ id: 'reload' });
  const publisher = publish(t, `${server.rtmps}/${show.stream_key}`, await sourceFile({ seconds: 12 }), { loop: true });
  await firstPlaylist(server.url('/live/reload/video.m3u8'));
  assert.equal(await shownTo(server.rtmpsPort), 'old');
  spoil(old);
  server.child.kill('SIGHUP');
  await logSays(server, /reload: tls\.certificate: \S+old\.pem is not a certificate in PEM: .*; the certificates stay as they were/);
  assert.equal(await shownTo(server.rtmpsPort), 'old');
  replace(old, { certificate: next.certificate, key: other.key });
  server.child.kill('SIGHUP');
  await logSays(server, /reload: tls\.key: \S+old\.key is not the key of \S+old\.pem; the certificates stay/);
  assert.equal(await shownTo(server.rtmpsPort), 'old');
  replace(old, next);
  server.child.kill('SIGHUP');
  await logSays(server, /reloaded: log\.level and certificates are in force/);
  // Every loop has its own listener: ask often enough to meet both.
  const until = Date.now() + 5000;
  for (let met = 0; met < 6;) {
    met = await shownTo(server.rtmpsPort) === 'next' ? met + 1 : 0;
    assert.ok(Date.now() < until, 'the old certificate is still shown');
  }
  assert.equal(publisher.exit, undefined, publisher.words);
  assert.doesNotMatch(server.log, /publisher gone/);
});

test('who speaks another protocol to a port is told in the log', { timeout: 60000 }, async (t) => {
  const server = await startServer(t, rtmps([certificate(folder(t), 'a')]));
  const file = await sourceFile({ seconds: 12 });
  const wrong = publish(t, `rtmp://127.0.0.1:${server.rtmpsPort}/live/x`, file);
  assert.notEqual((await wrong.gone).code, 0);
  await logSays(server, /rtmps connection from \S+ closed: plain RTMP came to the port of RTMPS: the encoder's server must begin with rtmps:\/\//);
  const alsoWrong = publish(t, `rtmps://127.0.0.1:${server.rtmpPort}/live/x`, file);
  assert.notEqual((await alsoWrong.gone).code, 0);
  await logSays(server, /not RTMP: the first byte is 22 and not 3; this is TLS: rtmps:\/\/ has a port of its own/);
});

test('a silent connection to the TLS port is closed after 5 seconds', { timeout: 60000 }, async (t) => {
  const server = await startServer(t, rtmps([certificate(folder(t), 'a')]));
  const socket = connect(server.rtmpsPort, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(Buffer.from([0x16, 3, 1]));
  await new Promise((resolve) => { socket.on('close', resolve); socket.resume(); });
  await logSays(server, /closed: the TLS handshake was not done in time/);
});

test('faults of certificates are told before the start', { timeout: 60000 }, async (t) => {
  const dir = folder(t);
  const [a, b] = [certificate(dir, 'a'), certificate(dir, 'b')];
  const file = join(dir, 'vitrine.yaml');
  const check = async (text) => {
    writeFileSync(file, text);
    return run(program(), ['check', '-c', file]);
  };
  const listen = 'rtmps.listen: 127.0.0.1:1\n';
  for (const [text, words] of [
    [listen, /vitrine\.yaml:1:15: rtmps\.listen needs a certificate: set tls\.certificate and tls\.key/],
    [`${listen}tls: {certificate: ${a.certificate}}\n`, /tls\.certificate names 1 files and tls\.key 0/],
    [`${listen}tls: {certificate: ${a.certificate}, key: ${b.key}}\n`, /tls\.key: \S+b\.key is not the key of \S+a\.pem/],
    [`${listen}tls: {certificate: ${dir}/none.pem, key: ${b.key}}\n`, /tls\.certificate: \S+none\.pem: No such file or directory/],
    [`${listen}tls: {certificate: ${file}, key: ${b.key}}\n`, /vitrine\.yaml is not a certificate in PEM/],
  ]) {
    const checked = await check(text);
    assert.equal(checked.code, 2, text);
    assert.match(checked.stderr, words);
  }
  assert.equal((await check(`${listen}tls: {certificate: ${a.certificate}, key: ${a.key}}\n`)).code, 0);
});

// A load balancer: what it says in front of each connection, then the connection.
async function balancer(t, toPort, header) {
  const sockets = new Set();
  const proxy = createServer((from) => {
    const to = connect(toPort, '127.0.0.1');
    for (const socket of [from, to]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => { from.destroy(); to.destroy(); });
    }
    to.on('connect', async () => {
      for (const piece of header) {
        to.write(piece);
        await sleep(1);
      }
      from.pipe(to);
      to.pipe(from);
    });
  });
  await new Promise((resolve) => { proxy.listen(0, '127.0.0.1', resolve); });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  return proxy.address().port;
}

const V1 = Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 56324 1935\r\n');
const V2 = Buffer.concat([
  Buffer.from('0d0a0d0a000d0a515549540a', 'hex'), Buffer.from([0x21, 0x21, 0, 36 + 7]),
  Buffer.from('20010db8000000000000000000000007', 'hex'), Buffer.from('20010db8000000000000000000000001', 'hex'),
  Buffer.from([0xdc, 0x04, 0x07, 0x8f]), Buffer.from([0x04, 0, 4, 1, 2, 3, 4]),
]);

test('behind a load balancer publishers have their own addresses', { timeout: 120000 }, async (t) => {
  const server = await startServer(t, rtmps([certificate(folder(t), 'a')], { VITRINE_RTMP_PROXY_PROTOCOL: 'on', VITRINE_WORKERS: '2' }));
  const file = await sourceFile({ seconds: 12 });
  const byBytes = [...V1].map((byte) => Buffer.from([byte]));
  for (const [id, scheme, port, header, address] of [
    ['one', 'rtmp', server.rtmpPort, [V1], '192.0.2.7:56324'],
    ['two', 'rtmps', server.rtmpsPort, [V1], '192.0.2.7:56324'],
    ['three', 'rtmps', server.rtmpsPort, [V2], '[2001:db8::7]:56324'],
    ['four', 'rtmp', server.rtmpPort, byBytes, '192.0.2.7:56324'],
  ]) {
    const show = await server.api.show({ id });
    const at = await balancer(t, port, header);
    const publisher = publish(t, `${scheme}://127.0.0.1:${at}/live/${show.stream_key}`, file, { loop: true });
    await firstPlaylist(server.url(`/live/${id}/video.m3u8`), 20000);
    const line = server.log.split('\n').find((text) => text.includes(`accepted for show ${id}`));
    assert.ok(line?.includes(`publisher=${address}`), line);
    await publisher.stop();
  }
});

test('with the PROXY protocol on, nobody comes in without it', { timeout: 60000 }, async (t) => {
  const server = await startServer(t, { VITRINE_RTMP_PROXY_PROTOCOL: 'on' });
  const show = await server.api.show({ id: 'direct' });
  const direct = publish(t, `${server.rtmp}/${show.stream_key}`, await sourceFile({ seconds: 12 }));
  assert.notEqual((await direct.gone).code, 0);
  await logSays(server, /rtmp connection from 127\.0\.0\.1:\d+ closed: no PROXY header: the connection did not come through the load balancer/);
});

test('with the PROXY protocol off, a header is told in the log', { timeout: 60000 }, async (t) => {
  const server = await startServer(t);
  const socket = connect(server.rtmpPort, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(V1);
  await new Promise((resolve) => { socket.on('close', resolve); socket.resume(); });
  await logSays(server, /this may be a PROXY header: rtmp\.proxy_protocol is off, or it is the second one/);
});
