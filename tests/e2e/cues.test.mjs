// Cues in the media as other people's code reads them: mux.js and cml-id3 take our emsg
// apart, m3u8-parser our ranges; and every rendition and copy says the same.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';
import { readInit, readMedia } from './kit/boxes.mjs';
import { firstPlaylist, parsePlaylist } from './kit/playlist.mjs';
import { publish, sourceFile } from './kit/publisher.mjs';
import { Recorder } from './kit/recorder.mjs';
import { startServer } from './kit/server.mjs';
import { until } from './kit/wait.mjs';

const require = createRequire(import.meta.url);
const SCHEME = 'https://aomedia.org/emsg/ID3';
const HOSTILE = 'Ligne “Rosé” – <img src=x onerror=alert(1)> 💄 \'";,';

test('cues in band and in the playlist', { timeout: 120000 }, async (t) => {
  const server = await startServer(t);
  const show = await server.api.show({ id: 'cues' });
  await server.api.product('lip', { title: HOSTILE });
  await server.api.product('nail');
  publish(t, `${server.rtmp}/${show.stream_key}`, await sourceFile({ seconds: 110 }));
  await firstPlaylist(server.url('/live/cues/video.m3u8'));
  const video = new Recorder(server.http, 'cues', 'video');
  const audio = new Recorder(server.http, 'cues', 'audio');
  const running = Promise.all([video.run(90000), audio.run(90000)]);

  // Each step waits until the one before has aired and its segment is over, as ranges need it.
  const segmentsFrom = (n) => [...video.segments.keys()].filter((msn) => msn >= n).length;
  const segmentsMore = (n) => {
    const from = Math.max(0, ...video.segments.keys()) + 1;
    return until(`${n} more segments`, () => segmentsFrom(from) >= n, 30000);
  };
  const aired = (k, c) => until(`${k} ${c} airs`, async () => (await server.api.get('/api/shows/cues/cues')).cues
    .some((cue) => cue.q && cue.k === k && cue.c === c));
  await segmentsMore(1);
  const posted = [];
  const post = async (body) => { posted.push({ k: body.k, ...(await server.api.post('/api/shows/cues/cues', body)) }); };
  await post({ k: 'show', sku: 'lip' });
  await segmentsMore(1);
  await post({ k: 'show', c: 'n', sku: 'nail', at: { in_ms: 2000 } });
  await server.api.product('lip', { title: HOSTILE, price_minor: 2200 });
  await aired('show', 'n');
  await segmentsMore(1);
  await post({ k: 'hide', c: 'n' });
  await segmentsMore(1);
  posted.push({ k: 'hide', ...(await server.api.delete(`/api/shows/cues/cues/${posted[0].c}`)) });
  await segmentsMore(1);
  const journal = (await server.api.get('/api/shows/cues/cues')).cues;
  video.stop();
  audio.stop();
  await running;

  const { trex, timescale } = readInit(video.init());
  const found = [...video.parts.values()].flatMap((part) => {
    const media = readMedia(part.bytes, trex);
    const from = Math.min(...media.samples.map((sample) => sample.pts));
    return media.emsgs.map((emsg) => ({ ...emsg, part, media, from }));
  });
  const cml = await import('@svta/cml-id3');
  const read = (emsg) => {
    const [frame] = cml.getId3Frames(new Uint8Array(emsg.data));
    assert.equal(frame.key, 'TXXX');
    assert.equal(frame.info, 'shop.cue.v1');
    return JSON.parse(frame.data);
  };
  const cues = found.map((emsg) => ({ emsg, cue: read(emsg) }));
  const deltas = cues.filter(({ cue }) => cue.k !== 'snap');

  await t.test('emsg is version 1, in 90 kHz ticks, by the scheme of ID3 in CMAF', () => {
    assert.ok(found.length > 10, `${found.length} boxes`);
    for (const emsg of found) {
      assert.equal(emsg.scheme, SCHEME);
      assert.equal(emsg.value, 'shop.cue.v1');
      assert.equal(emsg.timescale, 90000);
      assert.equal(timescale, 90000);
      assert.ok(emsg.data.length <= 1100);
    }
  });

  await t.test('cml-id3 reads what the journal holds', () => {
    const aired = journal.filter((cue) => cue.q);
    assert.ok(aired.length >= 5, `${aired.length} cues aired`);
    for (const want of aired) {
      const [{ cue, emsg }, ...more] = deltas.filter((one) => one.cue.q === want.q);
      assert.deepEqual(more, [], `q ${want.q} twice in the video`);
      const { m, ...rest } = want;
      assert.deepEqual(cue, rest);
      assert.equal(Math.floor(emsg.time / 90), m);
      assert.equal(emsg.id, cue.q);
    }
    assert.equal(deltas.length, aired.length, 'something else is in the media');
    assert.equal(deltas[0].cue.p.t, HOSTILE);
  });

  await t.test('mux.js reads the same', () => {
    const probe = require('mux.js/lib/mp4/probe');
    for (const { emsg, cue } of cues) {
      const tags = probe.getEmsgID3(new Uint8Array(emsg.part.bytes), 0);
      const all = tags.flatMap((tag) => tag.frames).map((frame) => JSON.parse(frame.data ?? frame.value));
      assert.ok(all.some((one) => JSON.stringify(one) === JSON.stringify(cue)), JSON.stringify(all));
      const [tag] = tags.filter((one) => one.frames.some((frame) => JSON.stringify(JSON.parse(frame.data ?? frame.value)) === JSON.stringify(cue)));
      assert.ok(Math.abs(tag.cueTime - emsg.time / 90000) < 1e-6);
    }
  });

  await t.test('a cue stands in the part of its time, in the order of q', () => {
    for (const { emsg, cue } of deltas) {
      const end = Math.max(...emsg.media.samples.map((sample) => sample.pts + sample.duration));
      assert.ok(emsg.time >= emsg.from && emsg.time < end, `q ${cue.q} at ${emsg.time}, its part is ${emsg.from} to ${end}`);
    }
    const qs = deltas.map(({ cue }) => cue.q);
    assert.deepEqual(qs, [...qs].sort((a, b) => a - b));
    for (let i = 1; i < deltas.length; i++) assert.ok(deltas[i].emsg.time >= deltas[i - 1].emsg.time);
  });

  await t.test('the API said when', () => {
    for (const want of posted) {
      const hit = deltas.find(({ cue }) => cue.k === want.k && cue.c === want.c && cue.r === want.r);
      assert.ok(hit, JSON.stringify(want));
      assert.equal(Math.floor(hit.emsg.time / 90), want.media_time_ms);
    }
  });

  await t.test('each segment opens with the state of all cards, which is what the cues before it made', () => {
    const byPart = new Map();
    for (const { emsg, cue } of cues.filter(({ cue: one }) => one.k === 'snap')) byPart.set(`${emsg.part.msn}.${emsg.part.index}`, { emsg, cue });
    for (const part of video.parts.values()) {
      if (part.index !== 0) continue;
      const hit = byPart.get(`${part.msn}.0`);
      assert.ok(hit, `segment ${part.msn} has no snapshot`);
      const up = new Map();
      for (const { cue } of deltas.filter((one) => one.cue.q <= hit.cue.b)) {
        if (cue.k === 'hide') up.delete(cue.c);
        else if (cue.k === 'show') up.set(cue.c, cue);
        else if (up.has(cue.c)) up.set(cue.c, { ...up.get(cue.c), ...cue });
      }
      assert.deepEqual(hit.cue.a.map((card) => [card.c, card.r]).sort(), [...up.values()].map((card) => [card.c, card.r]).sort(), `segment ${part.msn}`);
    }
  });

  await t.test('the audio rendition carries none beside a video', () => {
    const init = readInit(audio.init());
    for (const part of audio.parts.values()) assert.deepEqual(readMedia(part.bytes, init.trex).emsgs, []);
  });

  await t.test('ranges say the same as the cues, never in the open segment', () => {
    const ranges = new Map();
    for (const recorder of [video, audio])
      for (const text of recorder.texts) {
        const p = parsePlaylist(text);
        const last = p.segments.at(-1);
        if (!last) { // the first version may list parts of the open segment only
          assert.deepEqual(p.ranges, []);
          continue;
        }
        const open = last.pdt + last.duration;
        for (const range of p.ranges) {
          assert.equal(range.CLASS, 'live.vitrine.card');
          assert.ok(Date.parse(range['START-DATE']) < open + 1, `${range.ID} begins in the open segment`);
          const cue = JSON.parse(Buffer.from(range['X-LIVE-VITRINE-CUE'], 'base64url').toString('utf8'));
          const [hit] = deltas.filter(({ cue: one }) => one.c === cue.c && one.r === cue.r);
          assert.ok(hit, `${range.ID} is no cue`);
          assert.equal(Date.parse(range['START-DATE']), hit.cue.w);
          const known = ranges.get(range.ID);
          if (known) assert.equal(range['X-LIVE-VITRINE-CUE'], known['X-LIVE-VITRINE-CUE']);
          ranges.set(range.ID, { ...known, ...range });
        }
      }
    assert.ok(ranges.size >= 2, `${ranges.size} ranges`);
    for (const range of ranges.values()) assert.ok(range['END-DATE'], `${range.ID} never ended`);
    const { Parser } = require('m3u8-parser');
    const parser = new Parser();
    parser.push(video.texts.find((text) => text.includes('EXT-X-DATERANGE')));
    parser.end();
    assert.ok(parser.manifest.dateRanges.length > 0);
  });

  await t.test('hostile text reaches no attribute of the playlist', () => {
    for (const text of [...video.texts, ...audio.texts]) assert.ok(!text.includes('onerror') && !text.includes('Ros'));
  });
});
