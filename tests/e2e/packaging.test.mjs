// What goes in comes out: every sample of a publisher, read back from the parts, with its
// times, its key flag and its bytes; and other people's parsers agree.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readInit, readMedia } from './kit/boxes.mjs';
import { readByMp4box } from './kit/mp4box.mjs';
import { fetchText, parseMultivariant, parsePlaylist } from './kit/playlist.mjs';
import { decodeErrors, packets, publish, sourceFile } from './kit/publisher.mjs';
import { Recorder } from './kit/recorder.mjs';
import { KEPT, startServer } from './kit/server.mjs';
import { together } from './kit/together.mjs';

const test = together('what goes in comes out');

const require = createRequire(import.meta.url);
const SECONDS = 12;

const md5 = (bytes) => `MD5:${createHash('md5').update(bytes).digest('hex')}`;

async function recordShow(t, file, renditions) {
  const server = await startServer(t, { VITRINE_SHOW_LINGER: '0s' });
  const show = await server.api.show({ id: 'pack' });
  const recorders = renditions.map((name) => new Recorder(server.http, 'pack', name));
  const running = recorders.map((recorder) => recorder.run((SECONDS + 60) * 1000));
  const publisher = publish(t, `${server.rtmp}/${show.stream_key}`, file);
  const multivariant = (async () => {
    for (;;) {
      const answer = await fetchText(server.url('/live/pack/index.m3u8'));
      if (answer.status === 200) return parseMultivariant(answer.text);
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  })();
  const exit = await publisher.gone;
  assert.equal(exit.code, 0, publisher.words);
  await Promise.all(running);
  for (const recorder of recorders) assert.ok(recorder.last?.ended, `${recorder.rendition} has no ENDLIST`);
  return { server, recorders, multivariant: await multivariant };
}

function samplesOf(recorder) {
  const init = readInit(recorder.init());
  const samples = recorder.media().flatMap((bytes) => readMedia(bytes, init.trex).samples);
  return { init, samples };
}

// Where the output's run of hashes begins in the input; each must be one unbroken run.
function align(input, output) {
  const hashes = output.map((sample) => md5(sample.data));
  const first = input.findIndex((packet) => packet.hash === hashes[0]);
  assert.ok(first >= 0, 'the first sample is not in the input');
  hashes.forEach((hash, i) => assert.equal(hash, input[first + i]?.hash, `sample ${i} is not packet ${first + i} of the input`));
  return first;
}

// ---- one show with B-frames, looked at from all sides ----

test('a show with B-frames', { timeout: 180000 }, async (t) => {
  const file = await sourceFile({ video: 'bframes', seconds: SECONDS });
  const { recorders, multivariant } = await recordShow(t, file, ['video', 'audio']);
  const [video, audio] = recorders;
  const inVideo = await packets(file, 'v');
  const inAudio = await packets(file, 'a');
  const outVideo = samplesOf(video);
  const outAudio = samplesOf(audio);
  const folder = join(KEPT, 'packaging');
  mkdirSync(folder, { recursive: true });
  const joined = (recorder) => {
    const path = join(folder, `${recorder.rendition}.mp4`);
    writeFileSync(path, Buffer.concat([recorder.init(), ...recorder.media()]));
    return path;
  };
  let shift; // of presentation times, in ms: one constant for both tracks

  await t.test('no picture is lost, repeated or changed', () => {
    assert.equal(outVideo.init.handler, 'vide');
    assert.equal(outVideo.init.timescale, 90000);
    assert.equal(align(inVideo.list, outVideo.samples), 0, 'the first picture is missing');
    assert.equal(outVideo.samples.length, inVideo.list.length);
  });

  await t.test('presentation times and key flags are the publisher\'s, but for one constant', () => {
    shift = outVideo.samples[0].pts / 90 - inVideo.list[0].pts;
    outVideo.samples.forEach((sample, i) => {
      assert.equal(sample.pts / 90 - inVideo.list[i].pts, shift, `picture ${i}`);
      assert.equal(sample.key, inVideo.list[i].key, `picture ${i}`);
    });
  });

  // The first picture's composition offset is taken off all decode times, so that the
  // media begins where it is presented (CMAF: no edit list).
  await t.test('decode times are the publisher\'s, but for one constant', () => {
    const decodeShift = outVideo.samples[0].dts / 90 - inVideo.list[0].dts;
    assert.equal(decodeShift - shift, inVideo.list[0].pts - inVideo.list[0].dts);
    outVideo.samples.forEach((sample, i) => {
      assert.equal(sample.dts / 90 - inVideo.list[i].dts, decodeShift, `picture ${i}`);
    });
  });

  await t.test('no gap and no overlap between samples', () => {
    for (const { samples } of [outVideo, outAudio])
      for (let i = 1; i < samples.length; i++)
        assert.equal(samples[i].dts, samples[i - 1].dts + samples[i - 1].duration, `sample ${i}`);
  });

  await t.test('sound keeps its distance from the picture within a millisecond', () => {
    const rate = outAudio.init.timescale;
    assert.equal(rate, 44100);
    const first = align(inAudio.list, outAudio.samples);
    assert.ok(first <= 4, `${first} frames of sound are missing at the start`);
    assert.ok(inAudio.list.length - first - outAudio.samples.length <= 1, 'sound is missing at the end');
    outAudio.samples.forEach((sample, i) => {
      const off = sample.pts * 1000 / rate - (inAudio.list[first + i].pts + shift);
      assert.ok(Math.abs(off) <= 1.5, `frame ${i} is off by ${off} ms`);
      assert.equal(sample.duration, 1024);
    });
  });

  await t.test('a part is emsg boxes, one moof and one mdat; its label is its length', () => {
    for (const [recorder, { init }] of [[video, outVideo], [audio, outAudio]]) {
      assert.deepEqual(init.types, ['ftyp', 'moov']);
      let sum = 0;
      let start = null;
      for (const part of recorder.parts.values()) {
        const media = readMedia(part.bytes, init.trex);
        assert.match(media.types.join(' '), /^(emsg )*moof mdat$/, part.uri);
        const length = media.duration * 1000 / init.timescale;
        assert.ok(Math.abs(part.duration - length) <= 1, `${part.uri}: ${part.duration} for ${length} ms`);
        start ??= media.start;
        const off = sum - (media.start - start) * 1000 / init.timescale;
        assert.ok(Math.abs(off) <= 1, `${part.uri}: labels are ${off} ms from the media`);
        sum += part.duration;
        if (recorder === video && part.independent) assert.ok(media.samples.some((sample) => sample.key), part.uri);
        if (recorder === video && media.samples[0].key) assert.ok(part.independent, part.uri);
      }
      assert.ok(recorder.parts.size > 20, `${recorder.parts.size} parts`);
    }
  });

  // But for the last one, whose last part is in no playlist.
  await t.test('a segment is its parts', () => {
    for (const recorder of recorders) {
      const last = Math.max(...recorder.segments.keys());
      for (const [msn, segment] of recorder.segments) {
        const joined_ = Buffer.concat(recorder.partsOf(msn).map((part) => part.bytes));
        const whole = msn === last ? segment.bytes.subarray(0, joined_.length) : segment.bytes;
        assert.ok(whole.equals(joined_), segment.uri);
        assert.ok(joined_.length > 0, segment.uri);
      }
    }
  });

  await t.test('every segment begins with a key frame', () => {
    for (const segment of video.segments.values())
      assert.ok(readMedia(segment.bytes, outVideo.init.trex).samples[0].key, segment.uri);
  });

  await t.test('ffmpeg decodes it without a word', async () => {
    assert.equal(await decodeErrors(joined(video)), '');
    assert.equal(await decodeErrors(joined(audio)), '');
  });

  await t.test('mp4box takes it and names the codecs as CODECS does', () => {
    const named = [];
    for (const [recorder, { samples }] of [[video, outVideo], [audio, outAudio]]) {
      const { codec, nSamples } = readByMp4box([recorder.init(), ...recorder.media()]);
      named.push(codec);
      assert.equal(nSamples, samples.length, 'samples that mp4box found');
    }
    const [variant] = multivariant.variants;
    assert.deepEqual(variant.CODECS.toLowerCase().split(',').sort(), named.map((name) => name.toLowerCase()).sort());
    assert.equal(variant.RESOLUTION, '640x360');
    assert.equal(variant['CLOSED-CAPTIONS'], 'NONE');
    assert.ok(Math.abs(Number(variant['FRAME-RATE']) - 30) < 0.5, variant['FRAME-RATE']);
    assert.ok(Number(variant.BANDWIDTH) > 100000);
  });

  await t.test('hls-parser in its strict mode takes every version', () => {
    const HLS = require('hls-parser');
    HLS.setOptions({ strictMode: true });
    let tolerated = 0;
    for (const recorder of recorders)
      for (const text of recorder.texts) {
        try {
          HLS.parse(text);
        } catch (error) {
          // It counts segments, the specification seconds: with three of 2 s and TARGETDURATION
          // 2 the parts of the first begin at the limit of 6 s and not past it.
          assert.match(error.message, /three target durations/);
          const p = parsePlaylist(text);
          const parted = p.segments.filter((segment) => segment.parts.length);
          const reach = [...parted, p.open].flatMap((segment) => segment.parts).reduce((sum, part) => sum + part.duration, 0);
          assert.ok(reach <= 3000 * p.targetDuration, `parts are listed ${reach} ms from the end`);
          HLS.parse(text.split('\n').filter((line) => !parted[0].parts.some((part) => line.includes(`"${part.uri}"`))).join('\n'));
          tolerated += 1;
        }
      }
    t.diagnostic(`hls-parser: ${tolerated} versions with parts up to the limit of three target durations`);
  });

  await t.test('m3u8-parser takes every version without a warning', () => {
    const { Parser } = require('m3u8-parser');
    for (const recorder of recorders)
      for (const text of recorder.texts) {
        const parser = new Parser();
        parser.on('warn', ({ message }) => assert.fail(`${message}\n${text}`));
        parser.push(text);
        parser.end();
        assert.ok(parser.manifest.segments.length > 0 || parser.manifest.preloadSegment?.parts.length > 0);
      }
  });
});

test('a show without sound', { timeout: 120000 }, async (t) => {
  const file = await sourceFile({ seconds: SECONDS, audio: false });
  const { server, recorders: [video], multivariant } = await recordShow(t, file, ['video']);
  const input = await packets(file, 'v');
  const { samples } = samplesOf(video);
  assert.equal(align(input.list, samples), 0);
  assert.equal(samples.length, input.list.length);
  assert.equal(multivariant.media.length, 0);
  assert.doesNotMatch(multivariant.variants[0].CODECS, /mp4a/);
  assert.notEqual((await fetchText(server.url('/live/pack/audio.m3u8'))).status, 200);
});
