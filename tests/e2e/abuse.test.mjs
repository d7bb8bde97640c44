// What a hostile or unlucky crowd of publishers does: none of it costs the server more than
// the connection.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { firstPlaylist } from './kit/playlist.mjs';
import { publish, sourceFile } from './kit/publisher.mjs';
import { RtmpClient, amf, flvTags, message } from './kit/rtmp.mjs';
import { startServer } from './kit/server.mjs';
import { steady, until } from './kit/wait.mjs';

const CYCLES = 10000;
const AT_ONCE = 25;
const FLAT = 0.02;

function usage(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { kb: Number(/VmRSS:\s+(\d+)/.exec(status)[1]), fds: readdirSync(`/proc/${pid}/fd`).length };
}

// Connections have closed, ours to the API too, and pools are given back.
async function settled(pid, fds) {
  await until(`${fds} descriptors as at the start`, () => usage(pid).fds <= fds + 1, 60000);
  return steady('memory', () => usage(pid));
}

// One connection that ends at its own point of the dialogue.
async function liveAndDie(port, key, tags, point) {
  const client = new RtmpClient(port);
  try {
    if (point === 0) {
      await client.write(Buffer.from([3, 0, 0]));
    } else if (point === 1) {
      await client.handshake();
    } else if (point === 2) {
      await client.handshake();
      await client.write(message({ csid: 3, type: 20, body: amf('connect', 1, { app: 'live' }), announced: 4000 }));
    } else {
      await client.publish(key);
      if (point === 3) for (const tag of tags.slice(0, 12)) await (tag.type === 9 ? client.video(tag.stamp, tag.body) : client.audio(tag.stamp, tag.body));
      if (point === 4) await client.write(message({ csid: 6, type: 9, stream: 1, body: tags[2].body.subarray(0, 3), announced: 8000000 }));
    }
  } catch { /* the other one of this show was quicker: it was taken over */ }
  client.kill();
  await client.closed;
}

test('ten thousand connections that die leave nothing behind', { timeout: 600000 }, async (t) => {
  const server = await startServer(t, { VITRINE_SHOW_LINGER: '0s' });
  const { fds } = usage(server.child.pid);
  const tags = flvTags(readFileSync(await sourceFile({ seconds: 12 }))).filter((tag) => tag.type !== 18);
  // With the shows goes what they hold by right: their windows of media.
  const round = async (n) => {
    const shows = await Promise.all(Array.from({ length: AT_ONCE }, () => server.api.show()));
    let next = 0;
    await Promise.all(shows.map(async (show, lane) => {
      while (next < n) await liveAndDie(server.rtmpPort, show.stream_key, tags, (next++ + lane) % 6);
    }));
    for (const show of shows) await server.api.delete(`/api/shows/${show.id}`);
    return settled(server.child.pid, fds);
  };
  // What is kept for good is there after these, and of the region that media lives in
  // (32 MiB, taken from front to back) each page was used once.
  for (let i = 0; i < 2; i++) await round(CYCLES);
  const before = await round(CYCLES);
  const after = await round(CYCLES);
  t.diagnostic(`${CYCLES} connections: memory ${before.kb} then ${after.kb} kB, ${fds} descriptors at the start, then ${before.fds} and ${after.fds}`);
  assert.ok(after.kb <= before.kb * (1 + FLAT), 'memory grows');
});

test('a takeover and a wrong key are answered at once', { timeout: 60000 }, async (t) => {
  const server = await startServer(t);
  const show = await server.api.show({ id: 'quick' });
  const first = publish(t, `${server.rtmp}/${show.stream_key}`, await sourceFile({ seconds: 12 }), { loop: true });
  await firstPlaylist(server.url('/live/quick/video.m3u8'));

  const second = new RtmpClient(server.rtmpPort);
  await second.handshake();
  await second.connect();
  const asked = performance.now();
  await second.askToPublish(show.stream_key);
  assert.ok(await second.isLetIn(), 'the second one was not let in');
  const startMs = performance.now() - asked;
  await first.gone;
  const goneMs = performance.now() - asked;
  t.diagnostic(`takeover: Publish.Start after ${startMs.toFixed(1)} ms, the first encoder has gone after ${goneMs.toFixed(0)} ms`);
  second.kill();

  const wrong = new RtmpClient(server.rtmpPort);
  await wrong.handshake();
  await wrong.connect();
  const tried = performance.now();
  await wrong.askToPublish(`${show.stream_key.slice(0, -3)}abc`);
  assert.ok(await wrong.holds('NetStream.Publish.BadName'));
  const wordsMs = performance.now() - tried;
  await wrong.closed;
  t.diagnostic(`wrong key: BadName after ${wordsMs.toFixed(1)} ms, closed after ${(performance.now() - tried).toFixed(1)} ms: "${wrong.sentence()}"`);
  assert.match(wrong.sentence(), /^Stream key not recognised/);
});
