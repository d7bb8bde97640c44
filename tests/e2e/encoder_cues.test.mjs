// Cues from the encoder: ffmpeg with subtitles beside its pictures is the real sender, and
// the media that players get says when each card came.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { readInit, readMedia } from './kit/boxes.mjs';
import { firstPlaylist } from './kit/playlist.mjs';
import { putFirst } from './kit/priority.mjs';
import { packets, Publisher, sourceFile } from './kit/publisher.mjs';
import { Recorder } from './kit/recorder.mjs';
import { KEPT, startServer } from './kit/server.mjs';
import { until } from './kit/wait.mjs';

const at = (ms) => new Date(ms).toISOString().slice(11, 23).replace('.', ',');

// [[ms, text]]: an SRT file with these lines, a second each.
function subtitles(name, lines) {
  mkdirSync(KEPT, { recursive: true });
  const file = join(KEPT, name);
  writeFileSync(file, lines.map(([ms, text], i) => `${i + 1}\n${at(ms)} --> ${at(ms + 1000)}\n${text}\n`).join('\n'));
  return file;
}

function publishWith(t, url, video, srt) {
  const child = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'warning', '-nostdin', '-re', '-i', video, '-i', srt,
    '-map', '0:v', '-map', '0:a', '-map', '1:s', '-c:v', 'copy', '-c:a', 'copy', '-c:s', 'text', '-f', 'flv', url],
  { stdio: ['ignore', 'ignore', 'pipe'] });
  const publisher = new Publisher(putFirst(child));
  t.after(() => publisher.stop());
  return publisher;
}

// What viewers get: the deltas in the video's parts, and where the media begins.
async function record(server, id, ms) {
  await firstPlaylist(server.url(`/live/${id}/video.m3u8`));
  const video = new Recorder(server.http, id, 'video');
  const running = video.run(ms * 6);
  await until(`${ms} ms of media`, () => [...video.parts.values()].reduce((sum, part) => sum + part.duration, 0) >= ms, ms * 5);
  video.stop();
  await running;
  const { trex } = readInit(video.init());
  const cml = await import('@svta/cml-id3');
  const media = [...video.parts.values()].filter((part) => part.bytes).map((part) => readMedia(part.bytes, trex));
  const deltas = media.flatMap(({ emsgs }) => emsgs)
    .map((emsg) => ({ time: emsg.time, ...JSON.parse(cml.getId3Frames(new Uint8Array(emsg.data))[0].data) }))
    .filter((cue) => cue.k !== 'snap');
  assert.ok(video.parts.has('1.0'), 'the start was missed');
  return { deltas, start: Math.min(...media.flatMap(({ samples }) => samples.map((sample) => sample.pts))) };
}

test('cues from the encoder', { timeout: 120000 }, async (t) => {
  const server = await startServer(t);
  await server.api.product('lip', { title: 'Satin lipstick' });
  await server.api.product('nail');
  await server.api.product('secret');
  const lines = [
    [5100, '{"k":"show","c":"a","sku":"lip"}'],
    [6500, 'Hello, this is a caption'],
    [7250, '{"v":1,"k":"show","c":"b","p":{"i":"nail","t":"Forged","a":1,"u":"https://evil.example/"}}'],
    [8000, '{"k":"show","c":"x","sku":"secret"}'],
    [9100, '{"k":"hide","c":"a"}'],
  ];
  const srt = subtitles('cues.srt', lines);

  await t.test('a card appears at its subtitle’s time, to the tick, in the part of that time', async () => {
    const show = await server.api.show({ id: 'told' });
    await server.api.patch('/api/shows/told', { run_sheet: ['lip', 'nail'] });
    const { stream_key: key } = await server.api.post('/api/shows/told/keys', { cues: true, label: 'script' });
    assert.notEqual(key, show.stream_key);
    const file = await sourceFile({ seconds: 20 });
    publishWith(t, `${server.rtmp}/${key}`, file, srt);
    // The sound of a file begins before its pictures; subtitles count from the sound.
    const { tick, list: [first] } = await packets(file, 'v:0');
    const { deltas, start } = await record(server, 'told', 11000);
    const ms = (cue) => (cue.time - start) / 90 + first.pts * tick * 1000;
    assert.deepEqual(deltas.map((cue) => [cue.k, cue.c, cue.p?.i, ms(cue)]), [
      ['show', 'a', 'lip', 5100], ['show', 'b', 'nail', 7250], ['hide', 'a', undefined, 9100]]);
    const { p } = deltas[1];
    assert.deepEqual([p.t, p.a, p.u], ['Product nail', 2800, 'https://shop.example/p/nail'], 'the encoder changed a product');
  });

  await t.test('a product that is not in the show is refused, and the host is told', async () => {
    const { findings, publisher } = await server.api.get('/api/shows/told');
    assert.ok(publisher, 'the encoder was cut off');
    const finding = findings.find(({ code }) => code === 'cues_refused');
    assert.match(finding.text, /product secret, which is not in this show/);
    assert.equal(finding.value, 1);
  });

  await t.test('with a key that may not send cues nothing happens but words', async () => {
    const { stream_key: key } = await server.api.show({ id: 'mute' });
    publishWith(t, `${server.rtmp}/${key}`, await sourceFile({ seconds: 20 }), srt);
    const { deltas } = await record(server, 'mute', 8000);
    assert.deepEqual(deltas, []);
    const { findings, publisher } = await server.api.get('/api/shows/mute');
    assert.ok(publisher, 'the encoder was cut off');
    assert.match(findings.find(({ code }) => code === 'cues_refused').text, /stream key does not allow/);
    assert.deepEqual((await server.api.get('/api/shows/mute/cues')).cues, []);
  });
});
