// Codecs beyond H.264 and AAC, over Enhanced RTMP into the real program: what goes in comes
// out with its bytes, times and key flags; mp4box and ffprobe name the codecs as CODECS
// does, and ffmpeg decodes all of it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readInit, readMedia } from './kit/boxes.mjs';
import { launchBrowser, openPage, picture, startPages, waitInPage } from './kit/browser.mjs';
import { colorTag, endTag, interleave, makeTrack, metadataTag, repeat, stampOf, tagsOf } from './kit/coded.mjs';
import { readByMp4box } from './kit/mp4box.mjs';
import { fetchText, parseMultivariant } from './kit/playlist.mjs';
import { decodeErrors } from './kit/publisher.mjs';
import { Recorder } from './kit/recorder.mjs';
import { send } from './kit/sender.mjs';
import { KEPT, startServer } from './kit/server.mjs';
import { together } from './kit/together.mjs';

const test = together('codecs beyond H.264 and AAC');

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
function nameByMp4box(recorder, samples) {
  const { codec, nSamples } = readByMp4box([recorder.init(), ...recorder.media()]);
  assert.equal(nSamples, samples.length, 'samples that mp4box found');
  return codec;
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

// Where nothing comes any more there may be parts without media, until the show is ended: a gap
// before would be off by its length.
function assertParts(recorder, init) {
  let sum = 0;
  let start = null;
  for (const part of [...recorder.parts.values()].filter(({ gap }) => !gap)) {
    const media = readMedia(part.bytes, init.trex);
    start ??= media.start;
    const off = sum - (media.start - start) * 1000 / init.timescale;
    assert.ok(Math.abs(off) <= 1, `${part.uri}: labels are ${off} ms from the media`);
    sum += part.duration;
    if (media.samples[0].key && recorder.rendition === 'video') assert.ok(part.independent, part.uri);
  }
  for (const segment of [...recorder.segments.values()].filter(({ gap }) => !gap))
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
    const names = [nameByMp4box(video, outVideo.samples), nameByMp4box(audio, outAudio.samples)];
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

// One after the other into one server; what a rendition begins with.
async function inits(t, lists) {
  const server = await startServer(t);
  const found = [];
  for (const [i, tags] of lists.entries()) {
    const show = await server.api.show({ id: `form${i}` });
    const sender = await send(t, `${server.rtmp}/${show.stream_key}`, tags);
    const { variants } = await firstMultivariant(server, `form${i}`);
    const init = async (rendition) => {
      const playlist = await fetchText(server.url(`/live/form${i}/${rendition}.m3u8`));
      const [, uri] = /#EXT-X-MAP:URI="([^"]+)"/.exec(playlist.text);
      const answer = await fetch(new URL(uri, server.url(`/live/form${i}/`)));
      return Buffer.from(await answer.arrayBuffer());
    };
    found.push({ codecs: variants[0].CODECS, range: variants[0]['VIDEO-RANGE'], video: await init('video'), audio: await init('audio') });
    await sender.stop();
  }
  return found;
}

test('FourCCs and numbers make the same tracks', { timeout: 120000 }, async (t) => {
  const avc = await makeTrack('h264', { seconds: 4 });
  const hevc = await makeTrack('hevc', { seconds: 4 });
  const aac = await makeTrack('aac', { seconds: 4 });
  const both = (video, legacy) => interleave(tagsOf(video, { legacy }), tagsOf(aac, { legacy }));
  const [old, now, number, fourcc] = await inits(t, [both(avc, true), both(avc, false), both(hevc, true), both(hevc, false)]);
  assert.equal(old.codecs, 'avc1.64001e,mp4a.40.2');
  assert.deepEqual(now, old);
  assert.match(number.codecs, /^hvc1.*,mp4a.40.2$/);
  assert.deepEqual(fourcc, number);
});

// What the first box of that name holds, in hexadecimal.
function boxOf(init, name) {
  const at = init.indexOf(name, 0, 'latin1');
  assert.ok(at > 0, `no ${name}`);
  return init.subarray(at + 4, at - 4 + init.readUInt32BE(at - 4)).toString('hex');
}

test('colours that the encoder tells, or has coded, are in the initialisation section', { timeout: 120000 }, async (t) => {
  const hevc = await makeTrack('hevc', { seconds: 4 });
  const coded = await makeTrack('hevc-hdr', { seconds: 4 });
  const aac = await makeTrack('aac', { seconds: 4 });
  const color = colorTag(0, 'hvc1', {
    colorConfig: { bitDepth: 10, colorPrimaries: 9, transferCharacteristics: 16, matrixCoefficients: 9 },
    hdrCll: { maxFall: 400, maxCLL: 1000 },
    hdrMdcv: { redX: 0.68, redY: 0.32, greenX: 0.265, greenY: 0.69, blueX: 0.15, blueY: 0.06, whitePointX: 0.3127, whitePointY: 0.329, maxLuminance: 1000, minLuminance: 0.0001 },
  });
  const lists = [[color, ...interleave(tagsOf(hevc), tagsOf(aac))], interleave(tagsOf(coded), tagsOf(aac))];
  for (const { range, video } of await inits(t, lists)) {
    assert.equal(range, 'PQ');
    assert.equal(boxOf(video, 'colr'), '6e636c7800090010000900');
    assert.equal(boxOf(video, 'clli'), '03e80190');
    assert.equal(boxOf(video, 'mdcv'), '33c2' + '86c4' + '1d4c' + '0bb8' + '84d0' + '3e80' + '3d13' + '4042' + '00989680' + '00000001');
  }
});

test('AV1 whose first key frame brings the sequence header is as AV1 whose record does', { timeout: 120000 }, async (t) => {
  const whole = await makeTrack('av1', { seconds: 4 });
  const bare = { ...whole, record: whole.record.subarray(0, 4) };
  const opus = await makeTrack('opus', { seconds: 4 });
  const [record, pictures] = await inits(t, [whole, bare].map((track) => interleave(tagsOf(track), tagsOf(opus))));
  assert.equal(pictures.codecs, record.codecs);
  assert.deepEqual(pictures.video, record.video);
});

test('codecs that nobody knows do not cut the connection, and the host is told', { timeout: 120000 }, async (t) => {
  const server = await startServer(t);
  const show = await server.api.show({ id: 'odd' });
  const aac = await makeTrack('aac', { seconds: 8 });
  const hevc = await makeTrack('hevc', { seconds: 8 });
  const unknown = tagsOf({ ...hevc, fourcc: 'zzz9' }, { isVideo: true });
  const sender = await send(t, `${server.rtmp}/${show.stream_key}`, interleave(unknown, tagsOf(aac)));
  const { variants } = await firstMultivariant(server, 'odd');
  assert.equal(variants[0].CODECS, 'mp4a.40.2');
  let words = '';
  while (!/codec zzz9, which this server does not take/.test(words) && !sender.over) {
    ({ health: { text: words } } = await server.api.get('/api/shows/odd'));
    await new Promise((resolve) => { setTimeout(resolve, 200); });
  }
  assert.match(words, /codec zzz9, which this server does not take/);
  assert.equal(await sender.done, true, 'the server cut the publisher');
  await sender.stop();
});

// Debian's Chromium decodes AV1, VP9 and Opus; for HEVC it has no decoder.
test('a browser plays AV1 and VP9 with Opus', { timeout: 240000, concurrency: true }, async (t) => {
  const browser = await launchBrowser(t);
  const pages = await startPages(t);
  await Promise.all(['av1', 'vp9'].map((codec) =>
    t.test(codec, async (tt) => {
      const server = await startServer(tt);
      const show = await server.api.show({ id: 'seen', title: 'Seen' });
      const pictures = await makeTrack(codec, { seconds: SECONDS });
      const sound = await makeTrack('opus', { seconds: SECONDS });
      const tags = interleave(tagsOf(pictures), tagsOf(sound)).filter((tag) => tag.stamp < SECONDS * 1000);
      const sender = await send(tt, `${server.rtmp}/${show.stream_key}`, repeat(tags, 4, SECONDS * 1000));
      await firstMultivariant(server, 'seen');
      const page = await openPage(browser, `${pages}/page.html?base=${encodeURIComponent(server.http)}&show=seen&hls=1.7`);
      const hasFrames = (n) => window.seen?.frames.length >= n;
      await waitInPage(page, hasFrames, 300, 30000, `${codec}: no ten seconds of pictures`);
      const seen = await page.evaluate(() => ({ errors: window.seen.errors, waits: window.seen.waits, width: document.getElementById('video').videoWidth,
        sound: document.getElementById('video').webkitAudioDecodedByteCount, span: window.seen.frames.at(-1).mediaTime - window.seen.frames[0].mediaTime }));
      await picture(page, `enhanced-${codec}`);
      tt.diagnostic(JSON.stringify(seen));
      assert.deepEqual(seen.errors.filter((error) => error.fatal), []);
      assert.equal(seen.width, 640);
      assert.ok(seen.sound > 0, 'no sound was decoded');
      assert.ok(seen.span > 8, `${seen.span} s of pictures`);
      await page.context().close();
      await sender.stop();
    })));
});

// What OBS sends with several encoders: further sizes and languages as tracks of their own.
async function severalTracks() {
  const large = await makeTrack('h264', { seconds: SECONDS });
  const small = await makeTrack('h264', { seconds: SECONDS, size: '320x180', bitrate: '200k' });
  const german = await makeTrack('aac', { seconds: SECONDS });
  const english = await makeTrack('aac', { seconds: SECONDS, seed: 9 });
  const metadata = metadataTag({ videocodecid: 7, audiocodecid: 10, width: 640, height: 360, language: 'de',
    videoTrackIdInfoMap: { 1: { width: 320, height: 180 } }, audioTrackIdInfoMap: { 1: { language: 'en' } } });
  const tags = interleave(tagsOf(large, { legacy: true }), tagsOf(german, { legacy: true }),
    tagsOf(small, { trackId: 1 }), tagsOf(english, { trackId: 1 }));
  return { large, small, german, english, metadata, tags };
}

test('further tracks are renditions and languages', { timeout: 240000 }, async (t) => {
  const { large, small, german, english, metadata, tags } = await severalTracks();
  const names = ['video', 'video1', 'audio', 'audio1'];
  const { recorders, multivariant } = await record(t, 'many', [metadata, ...tags], names);
  const sent = { video: large, video1: small };
  for (const recorder of recorders) {
    const { init, samples } = samplesOf(recorder);
    assertParts(recorder, init);
    if (sent[recorder.rendition]) assertPictures(sent[recorder.rendition], samples);
    else assertSound(recorder.rendition === 'audio' ? german : english, samples, 1024);
    assert.equal(await decodeErrors(joined(join(KEPT, 'enhanced-many'), recorder)), '');
  }
  assert.deepEqual(multivariant.variants.map((variant) => variant.RESOLUTION), ['640x360', '320x180']);
  assert.ok(Number(multivariant.variants[0].BANDWIDTH) > Number(multivariant.variants[1].BANDWIDTH));
  assert.deepEqual(multivariant.media.map(({ LANGUAGE, DEFAULT }) => [LANGUAGE, DEFAULT]), [['de', 'YES'], ['en', 'NO']]);
  const segments = recorders.map((recorder) => [...recorder.segments.keys()].join());
  assert.deepEqual(segments, Array(4).fill(segments[0]), 'the renditions have other segments');
});

test('a track that ends leaves the others', { timeout: 240000 }, async (t) => {
  const large = await makeTrack('h264', { seconds: SECONDS });
  const small = await makeTrack('h264', { seconds: SECONDS, size: '320x180', bitrate: '200k' });
  const halfway = tagsOf(small, { trackId: 1 }).filter((tag) => tag.stamp < SECONDS * 500);
  const tags = interleave(tagsOf(large), [...halfway, endTag(SECONDS * 500, true, 'avc1', 1)]);
  const server = await startServer(t);
  const show = await server.api.show({ id: 'fewer' });
  const recorder = new Recorder(server.http, 'fewer', 'video');
  const running = recorder.run(LIMIT_MS);
  const sender = await send(t, `${server.rtmp}/${show.stream_key}`, tags);
  assert.equal((await firstMultivariant(server, 'fewer')).variants.length, 2);
  assert.equal(await sender.done, true, 'the server cut the publisher');
  assert.equal((await firstMultivariant(server, 'fewer')).variants.length, 1);
  await sender.stop();
  await server.api.post('/api/shows/fewer/end');
  await running;
  assert.equal(recorder.inits.size, 2, 'other tracks are another epoch');
  const [init] = recorder.inits.values();
  assertPictures(large, recorder.media().flatMap((bytes) => readMedia(bytes, readInit(init).trex).samples));
});

test('a player changes between sizes and languages', { timeout: 240000 }, async (t) => {
  const { metadata, tags } = await severalTracks();
  const server = await startServer(t);
  const show = await server.api.show({ id: 'choice' });
  const round = tags.filter((tag) => tag.stamp < SECONDS * 1000);
  const sender = await send(t, `${server.rtmp}/${show.stream_key}`, [metadata, ...repeat(round, 5, SECONDS * 1000)]);
  await firstMultivariant(server, 'choice');
  const browser = await launchBrowser(t);
  const pages = await startPages(t);
  const page = await openPage(browser, `${pages}/page.html?base=${encodeURIComponent(server.http)}&show=choice&hls=1.7`);
  await waitInPage(page, (n) => window.seen?.frames.length >= n, 60, 30000, 'no picture');
  assert.deepEqual(await page.evaluate(() => [window.hls.levels.map((level) => level.height).sort(), window.hls.audioTracks.map((track) => track.lang)]),
    [[180, 360], ['de', 'en']]);
  for (const height of [180, 360, 180]) {
    await page.evaluate((wanted) => { window.hls.nextLevel = window.hls.levels.findIndex((level) => level.height === wanted); }, height);
    await waitInPage(page, (wanted) => document.getElementById('video').videoHeight === wanted, height, 15000, `no change to ${height} lines`);
  }
  await page.evaluate(() => { window.hls.audioTrack = 1; });
  const from = await page.evaluate(() => window.seen.frames.length);
  await waitInPage(page, (n) => window.hls.audioTrack === 1 && window.seen.frames.length >= n + 90, from, 15000, 'it stands still in another language');
  const seen = await page.evaluate(() => ({ errors: window.seen.errors, waits: window.seen.waits }));
  t.diagnostic(JSON.stringify(seen));
  assert.deepEqual(seen.errors.filter((error) => error.fatal), []);
  await sender.stop();
});
