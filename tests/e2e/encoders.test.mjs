// Encoders that people have, as they are: each publishes to the real program, is watched,
// loses its line, and comes back by its own rules.
import assert from 'node:assert/strict';
import { createServer, connect } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishGstreamer, publishObs } from './kit/encoders.mjs';
import { fetchText, firstPlaylist, parsePlaylist } from './kit/playlist.mjs';
import { decodeErrors, publish, sourceFile } from './kit/publisher.mjs';
import { KEPT, startServer } from './kit/server.mjs';
import { together } from './kit/together.mjs';
import { until } from './kit/wait.mjs';

const test = together('encoders that people have');

// A line that can be cut: connections through it end as when a cable is drawn.
async function startLine(t, port) {
  const pairs = new Set();
  const listener = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    const pair = { near, far };
    pairs.add(pair);
    for (const [from, to] of [[near, far], [far, near]]) {
      from.on('data', (chunk) => { if (!to.write(chunk)) { from.pause(); to.once('drain', () => from.resume()); } });
      from.on('error', () => {});
      from.on('close', () => { pairs.delete(pair); to.destroy(); });
    }
  });
  await new Promise((resolve) => { listener.listen(0, '127.0.0.1', resolve); });
  const line = {
    port: listener.address().port,
    n: 0,
    cut() { for (const { near, far } of pairs) { near.resetAndDestroy(); far.resetAndDestroy(); } },
  };
  listener.on('connection', () => { line.n += 1; });
  t.after(() => { line.cut(); listener.close(); });
  return line;
}

const playlistOf = async (server, show, rendition = 'video') => parsePlaylist((await fetchText(server.url(`/live/${show}/${rendition}.m3u8`))).text);
const withMedia = (playlist) => playlist.segments.filter((segment) => segment.duration && !segment.gap);

// All that is listed of the rendition, decoded without a complaint.
async function assertDecodes(server, show, rendition) {
  const playlist = await playlistOf(server, show, rendition);
  const segments = withMedia(playlist).slice(-4);
  const get = async (uri) => Buffer.from(await (await fetch(server.url(`/live/${show}/${uri}`))).arrayBuffer());
  const last = segments.filter((segment) => segment.map === segments.at(-1).map);
  const map = segments.at(-1).map ?? playlist.map;
  const file = join(KEPT, `${show}-${rendition}.mp4`);
  writeFileSync(file, Buffer.concat([await get(map), ...await Promise.all(last.map((segment) => get(segment.uri)))]));
  assert.equal(await decodeErrors(file), '');
}

const ENCODERS = [
  { name: 'ffmpeg', start: async (t, host, key) => publish(t, `${host}/${key}`, await sourceFile({ seconds: 12 }), { loop: true }), says: /Lavf/, returns: false },
  { name: 'gstreamer', start: (t, host, key) => publishGstreamer(t, `${host}/${key}`), says: /./, returns: false },
  { name: 'obs', start: publishObs, says: /./, returns: true },
];

for (const encoder of ENCODERS) {
  const skip = encoder.name === 'obs' && process.env.VITRINE_SKIP_OBS ? 'VITRINE_SKIP_OBS is set: this machine is too slow for OBS' : false;
  test(`${encoder.name} publishes, loses its line and comes back`, { timeout: 180000, skip }, async (t) => {
    const server = await startServer(t);
    const id = encoder.name;
    const show = await server.api.show({ id });
    const line = await startLine(t, server.rtmpPort);
    const host = `rtmp://127.0.0.1:${line.port}/live`;
    let publisher = await encoder.start(t, host, show.stream_key);
    await firstPlaylist(server.url(`/live/${id}/video.m3u8`), 60000);
    await until('three segments', async () => withMedia(await playlistOf(server, id)).length >= 3, 60000);
    const before = await playlistOf(server, id);
    const told = await server.api.get(`/api/shows/${id}`);
    assert.match(told.publisher.encoder, encoder.says);
    t.diagnostic(`${told.publisher.encoder}: ${told.health.text}`);
    for (const rendition of ['video', 'audio']) await assertDecodes(server, id, rendition);

    line.cut();
    if (!encoder.returns) {
      await publisher.stop('SIGKILL');
      publisher = await encoder.start(t, host, show.stream_key);
    }
    await until('a second connection', () => line.n >= 2, 60000);
    const last = before.mediaSequence + before.segments.length;
    const after = await until('media goes on', async () => {
      const now = await playlistOf(server, id);
      return withMedia(now).filter((segment) => segment.msn > last + 1).length >= 3 && now;
    }, 60000);
    assert.ok(!after.ended, 'the playlists were ended');
    assert.ok(after.mediaSequence >= before.mediaSequence, 'segment numbers went back');
    const breaks = after.segments.filter((segment) => segment.discontinuity).length;
    assert.ok(breaks <= 1, `${breaks} discontinuities`);
    for (const rendition of ['video', 'audio']) await assertDecodes(server, id, rendition);
    await publisher.stop();
  });
}
