// Codecs beyond H.264 and AAC, over Enhanced RTMP into the real program: what goes in comes
// out with its bytes, times and key flags; mp4box and ffprobe name the codecs as CODECS
// does, and ffmpeg decodes all of it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { createFile } from 'mp4box';
import { readInit, readMedia } from './kit/boxes.mjs';
import { colorTag, interleave, makeTrack, stampOf, tagsOf } from './kit/coded.mjs';
import { fetchText, parseMultivariant } from './kit/playlist.mjs';
import { decodeErrors } from './kit/publisher.mjs';
import { Recorder } from './kit/recorder.mjs';
import { send } from './kit/sender.mjs';
import { KEPT, startServer } from './kit/server.mjs';

const run = promisify(execFile);
const SECONDS = 8;
const LIMIT_MS = (SECONDS + 60) * 1000;

const md5 = (bytes) => createHash('md5').update(bytes).digest('hex');

async function ffprobe(file) {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-show_streams', '-of', 'json', file]);
  return JSON.parse(stdout).streams[0];
}

async function firstMultivariant(server, show) {
  for (;;) {
    const answer = await fetchText(server.url(`/live/${show}/index.m3u8`));
    if (answer.status === 200) return { ...parseMultivariant(answer.text), text: answer.text };
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

// Publishes the tags, records until the show is ended, and gives what was recorded.
async function record(t, id, tags, renditions) {
  const server = await startServer(t);
  const show = await server.api.show({ id });
  const recorders = renditions.map((name) => new Recorder(server.http, id, name));
  const running = recorders.map((recorder) => recorder.run(LIMIT_MS));
  const sender = await send(t, `${server.rtmp}/${show.stream_key}`, tags);
  const multivariant = await firstMultivariant(server, id);
  const state = await server.api.get(`/api/shows/${id}`);
  assert.equal(await sender.done, true, 'the server cut the publisher');
  await sender.stop();
  await server.api.post(`/api/shows/${id}/end`);
  await Promise.all(running);
  return { server, recorders, multivariant, state };
}

function samplesOf(recorder) {
  const init = readInit(recorder.init());
  return { init, samples: recorder.media().flatMap((bytes) => readMedia(bytes, init.trex).samples) };
}

function joined(folder, recorder) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${recorder.rendition}.mp4`);
  writeFileSync(path, Buffer.concat([recorder.init(), ...recorder.media()]));
  return path;
}

// mp4box's name of the codec, after it has read every sample.
function nameByMp4box(recorder) {
  const reader = createFile();
  let name;
  reader.onReady = (info) => { name = info.tracks[0].codec; };
  reader.onError = (...args) => assert.fail(`mp4box: ${args}`);
  let at = 0;
  for (const bytes of [recorder.init(), ...recorder.media()]) {
    const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    copy.fileStart = at;
    at += bytes.length;
    reader.appendBuffer(copy);
  }
  reader.flush();
  return name;
}

// Each sample that came out is the one that went in, at its time but for one constant.
function assertPictures(track, samples) {
  assert.equal(samples.length, track.samples.length, 'pictures are missing');
  const shift = samples[0].pts / 90 - stampOf(track.samples[0].cts, track.timescale);
  samples.forEach((sample, i) => {
    const sent = track.samples[i];
    assert.equal(md5(sample.data), md5(sent.data), `picture ${i}`);
    assert.equal(sample.key, sent.key, `picture ${i}`);
    assert.equal(sample.pts / 90 - shift, stampOf(sent.cts, track.timescale), `picture ${i}`);
  });
}

function assertSound(track, samples, frame) {
  const sent = track.samples.map((sample) => md5(sample.data));
  const first = sent.indexOf(md5(samples[0].data));
  assert.ok(first >= 0 && first <= 4, `${first} frames of sound are missing at the start`);
  samples.forEach((sample, i) => {
    assert.equal(md5(sample.data), sent[first + i], `frame ${i}`);
    assert.equal(sample.duration, frame, `frame ${i}`);
    if (i > 0) assert.equal(sample.dts, samples[i - 1].dts + samples[i - 1].duration, `frame ${i}`);
  });
  assert.ok(sent.length - first - samples.length <= 2, 'sound is missing at the end');
}

function assertParts(recorder, init) {
  let sum = 0;
  let start = null;
  for (const part of recorder.parts.values()) {
    const media = readMedia(part.bytes, init.trex);
    start ??= media.start;
    const off = sum - (media.start - start) * 1000 / init.timescale;
    assert.ok(Math.abs(off) <= 1, `${part.uri}: labels are ${off} ms from the media`);
    sum += part.duration;
    if (media.samples[0].key && recorder.rendition === 'video') assert.ok(part.independent, part.uri);
  }
  for (const segment of recorder.segments.values())
    assert.ok(readMedia(segment.bytes, init.trex).samples[0].key, `${segment.uri} does not begin with a key frame`);
}

// Codecs of the pictures, with what ffprobe has to find.
const PICTURES = [
  { codec: 'hevc', gop: 60, ffprobe: { codec_name: 'hevc', codec_tag_string: 'hvc1' }, words: 'HEVC, open GOPs' },
  { codec: 'hevc-pq', gop: 60, range: 'PQ', ffprobe: { codec_name: 'hevc', color_transfer: 'smpte2084', color_primaries: 'bt2020' }, words: 'HEVC, ten bits of PQ' },
  { codec: 'av1', gop: 60, ffprobe: { codec_name: 'av1', codec_tag_string: 'av01' }, words: 'AV1 of libaom' },
  { codec: 'av1-svt', gop: 60, ffprobe: { codec_name: 'av1' }, words: 'AV1 of SVT' },
  { codec: 'vp9', gop: 60, ffprobe: { codec_name: 'vp9', codec_tag_string: 'vp09' }, words: 'VP9' },
];

for (const { codec, gop, range, ffprobe: expected, words } of PICTURES) {
  test(`${words}, and Opus`, { timeout: 180000 }, async (t) => {
    const pictures = await makeTrack(codec, { seconds: SECONDS, gop });
    const sound = await makeTrack('opus', { seconds: SECONDS });
    const { recorders: [video, audio], multivariant, state } =
      await record(t, 'coded', interleave(tagsOf(pictures), tagsOf(sound)), ['video', 'audio']);
    const outVideo = samplesOf(video);
    const outAudio = samplesOf(audio);
    assertPictures(pictures, outVideo.samples);
    assertSound(sound, outAudio.samples, 960);
    assertParts(video, outVideo.init);
    assertParts(audio, outAudio.init);

    const folder = join(KEPT, `enhanced-${codec}`);
    const [file, soundFile] = [joined(folder, video), joined(folder, audio)];
    assert.equal(await decodeErrors(file), '');
    assert.equal(await decodeErrors(soundFile), '');
    const found = await ffprobe(file);
    for (const [name, value] of Object.entries({ width: 640, height: 360, ...expected })) assert.equal(found[name], value, name);
    assert.equal((await ffprobe(soundFile)).codec_name, 'opus');

    const [variant] = multivariant.variants;
    const names = [nameByMp4box(video), nameByMp4box(audio)];
    t.diagnostic(`CODECS ${variant.CODECS}, mp4box ${names}`);
    const [ours, ourSound] = variant.CODECS.split(',');
    assert.equal(ourSound, 'opus');
    assert.equal(names[1], 'Opus');
    assert.ok(ours.toLowerCase().startsWith(names[0].toLowerCase().slice(0, 4)));
    assert.equal(ours.toLowerCase(), names[0].toLowerCase());
    assert.equal(variant['VIDEO-RANGE'], range);
    assert.equal(variant.RESOLUTION, '640x360');
    assert.equal(variant['FRAME-RATE'], '30.000');
    assert.match(state.publisher.video.codec, new RegExp(`^${ours.slice(0, 4)}`));
  });
}
