// What the host hears about an encoder that is set badly or stands on a bad line, from real
// ffmpegs, and what scene switchers read of it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createServer, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'node:test';
import { putFirst } from './kit/priority.mjs';
import { Publisher, publish, sourceFile } from './kit/publisher.mjs';
import { startServer } from './kit/server.mjs';

const WITHIN_MS = 10000; // of going live

// Waits for the finding in these words; gives the show as it was then.
async function awaitFinding(server, id, code, words) {
  const end = Date.now() + 60000;
  for (;;) {
    const show = await server.api.get(`/api/shows/${id}`);
    const finding = show.findings.find((one) => one.code === code);
    if (finding && words.test(finding.text) && show.live_since_ms) return { show, finding };
    if (Date.now() > end) throw new Error(`${id}: no ${code} in ${JSON.stringify(show)}`);
    await sleep(200);
  }
}

// A line that carries so many bytes a second, in small steps.
async function startThinLine(t, port, rate) {
  const STEP_MS = 50;
  const listener = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    let queue = Buffer.alloc(0);
    const timer = setInterval(() => {
      const step = Math.round(rate * STEP_MS / 1000);
      if (queue.length) far.write(queue.subarray(0, step));
      queue = queue.subarray(step);
      if (queue.length < step) near.resume();
    }, STEP_MS);
    near.on('data', (chunk) => { queue = Buffer.concat([queue, chunk]); near.pause(); });
    far.pipe(near);
    const end = () => { clearInterval(timer); near.destroy(); far.destroy(); };
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
  });
  await new Promise((resolve) => { listener.listen(0, '127.0.0.1', resolve); });
  t.after(() => listener.close());
  return `rtmp://127.0.0.1:${listener.address().port}/live`;
}

// Pictures and sound of one file, the sound's stamps moved.
function publishShifted(t, url, file, seconds) {
  const child = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'warning', '-nostdin',
    '-re', '-stream_loop', '-1', '-i', file, '-itsoffset', String(seconds), '-re', '-stream_loop', '-1', '-i', file,
    '-map', '0:v', '-map', '1:a', '-c', 'copy', '-f', 'flv', url], { stdio: ['ignore', 'ignore', 'pipe'] });
  const publisher = new Publisher(putFirst(child));
  t.after(() => publisher.stop());
  return publisher;
}

// Media as a computer makes it that is too slow: so much of real time.
function publishSlowly(t, url, file, pace) {
  const child = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'warning', '-nostdin', '-readrate', String(pace),
    '-stream_loop', '-1', '-i', file, '-c', 'copy', '-f', 'flv', url], { stdio: ['ignore', 'ignore', 'pipe'] });
  const publisher = new Publisher(putFirst(child));
  t.after(() => publisher.stop());
  return publisher;
}

// sag: the stream has 900 kb/s, its line 400.
const CASES = {
  gop: { code: 'keyframes_far', level: 'warn', text: /^Keyframe every 8\.0 s; set 2 s in OBS: Settings, Output, Streaming, Keyframe interval\.$/, value: [7900, 8100], source: { gop: 240, seconds: 24 } },
  mute: { code: 'sound_missing', level: 'warn', text: /^No sound arrives/, source: { audio: false } },
  late: { code: 'sound_late', level: 'warn', text: /^Audio is 4\d0 ms late\. /, value: [380, 460], source: {}, start: (t, url, file) => publishShifted(t, url, file, 0.42) },
  bframes: { code: 'b_frames', level: 'info', text: /^B-frames=4 adds 130 ms/, value: [130, 137], source: { video: 'bframes4' } },
  slow: { code: 'falls_behind', level: 'warn', text: /^(Your encoder is slower than real time|Media comes slower than it plays)/, value: [400, 5000], source: {}, start: (t, url, file) => publishSlowly(t, url, file, 0.8), never: 'upload_sags' },
  sag: { code: 'upload_sags', level: 'problem', text: /^Upload sags to \d{3} kb\/s/, value: [200, 450], source: {}, line: 50000 },
};

test('an encoder that is set badly is seen within ten seconds of going live, and told so', { timeout: 240000 }, async (t) => {
  const server = await startServer(t);
  await server.api.show({ id: 'fine' }).then(async ({ stream_key }) =>
    publish(t, `${server.rtmp}/${stream_key}`, await sourceFile(), { loop: true }));
  await Promise.all(Object.entries(CASES).map(async ([id, one]) => {
    const file = await sourceFile(one.source);
    const { stream_key: key } = await server.api.show({ id });
    const host = one.line ? await startThinLine(t, server.rtmpPort, one.line) : server.rtmp;
    const start = one.start ?? ((...args) => publish(...args, { loop: true }));
    start(t, `${host}/${key}`, file);
    const { show, finding } = await awaitFinding(server, id, one.code, one.text);
    const after = finding.since_ms - show.live_since_ms; // by the server's clock: how soon it saw
    t.diagnostic(`${id}: seen ${after} ms after going live: ${finding.text}`);
    assert.ok(after <= WITHIN_MS, `${id}: seen after ${after} ms`);
    assert.equal(finding.level, one.level);
    if (one.value) assert.ok(finding.value >= one.value[0] && finding.value <= one.value[1], `${id}: ${finding.value} ${finding.unit}`);
    assert.ok(finding.since_ms <= Date.now() && finding.since_ms >= show.publisher.connected_ms - 1000);
    assert.ok(!show.findings.some((other) => other.code === one.never), `${id}: ${one.never} too`);
    if (finding.level !== 'info') assert.equal(show.health.level, show.findings[0].level);
  }));

  const fine = await server.api.get('/api/shows/fine');
  assert.deepEqual(fine.findings, []);
  assert.match(fine.health.text, /^Good\. /);

  const figures = await server.api.get('/api/shows/sag/publisher');
  t.diagnostic(`sag: ${JSON.stringify(figures)}`);
  assert.ok(figures.pace_percent > 20 && figures.pace_percent < 70, `pace ${figures.pace_percent}`);
  assert.ok(figures.behind_ms > 1000, `behind ${figures.behind_ms}`);
  assert.match(figures.encoder, /Lavf/);

  const metrics = await (await fetch(`${server.admin}/metrics`)).text();
  assert.match(metrics, /vitrine_publisher_keyframe_interval_seconds\{show="gop"\} 8\.0/);
  assert.match(metrics, /vitrine_publisher_findings\{show="fine",level="warn"\} 0/);
});

// As NOALBS reads it: rtmp > server > application[name] > live > stream[name] > bw_video.
function readStat(xml) {
  execFileSync('xmllint', ['--noout', '-'], { input: xml });
  const [, application] = /<application>([^]*?)<\/application>/.exec(xml);
  const streams = [...application.matchAll(/<stream>([^]*?)<\/stream>/g)].map(([, stream]) => {
    const text = (name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(stream)?.[1];
    return {
      name: text('name'), bw_video: Number(text('bw_video')), bw_in: Number(text('bw_in')), width: Number(text('width')),
      frame_rate: Number(text('frame_rate')), codec: text('codec'), profile: text('profile'), level: text('level'), nclients: text('nclients'),
    };
  });
  return { application: /<name>([^<]*)</.exec(application)[1], streams };
}

test('scene switchers read /stat of the admin listener, and only there', { timeout: 120000 }, async (t) => {
  const server = await startServer(t);
  const { stream_key: key } = await server.api.show({ id: 'stage' });
  const get = async () => (await fetch(`${server.admin}/stat`)).text();
  assert.deepEqual(readStat(await get()), { application: 'live', streams: [] });
  assert.equal((await fetch(server.url('/stat'))).status, 404);

  const publisher = publish(t, `${server.rtmp}/${key}`, await sourceFile(), { loop: true });
  let seen;
  for (const end = Date.now() + 30000; Date.now() < end; await sleep(200)) {
    const xml = await get();
    assert.ok(!xml.includes(key), 'the key is in /stat');
    seen = readStat(xml).streams[0];
    if (seen?.bw_video > 500000 && seen.frame_rate > 25) break;
  }
  t.diagnostic(JSON.stringify(seen));
  assert.equal(seen.name, 'stage');
  assert.ok(seen.bw_video > 500000 && seen.bw_video < 1500000 && seen.bw_in > seen.bw_video);
  assert.deepEqual([seen.width, seen.codec, seen.profile, seen.nclients], [640, 'H264', 'Main', '1']);
  assert.ok(seen.frame_rate >= 26 && seen.frame_rate <= 33);
  assert.match(seen.level, /^\d\.\d$/);

  await publisher.stop();
  for (const end = Date.now() + 15000; readStat(await get()).streams.length > 0; await sleep(200))
    assert.ok(Date.now() < end, 'the publisher that has gone is still listed');
});
