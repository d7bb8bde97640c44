// A live show as clients see it: the rules over the sequence of playlists, and
// the rules of blocking reload, hints and retention (rfc8216bis 6.2).
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { readInit, readMedia } from './kit/boxes.mjs';
import { SequenceChecker, applyDelta } from './kit/checker.mjs';
import { fetchBytes, fetchText, firstPlaylist, nextQuery, parsePlaylist } from './kit/playlist.mjs';
import { publish, sourceFile } from './kit/publisher.mjs';
import { Recorder, sha256 } from './kit/recorder.mjs';
import { startServer } from './kit/server.mjs';
import { together } from './kit/together.mjs';
import { until } from './kit/wait.mjs';

const test = together('the playlists of a live show');

const WATCH_MS = 45000;
const SECONDS = 110;

const holds = (p, msn, part) => p.openMsn > msn || (p.openMsn === msn && p.open.parts.length > part);
const newest = (p) => (p.open.parts.length ? [p.openMsn, p.open.parts.length - 1]
  : [p.openMsn - 1, p.segments[p.segments.length - 1].parts.length - 1]);

test('a live show, watched for some windows', { timeout: 240000 }, async (t) => {
  const server = await startServer(t);
  const show = await server.api.show({ id: 'seq' });
  const live = server.url('/live/seq');

  await t.test('a show that has not begun answers 503 with Retry-After, an unknown one 404', async () => {
    const known = await fetchText(`${live}/video.m3u8`);
    assert.equal(known.status, 503);
    assert.equal(known.headers.get('retry-after'), '1');
    assert.equal(known.headers.get('cache-control'), 'no-store');
    assert.equal((await fetchText(server.url('/live/nobody/video.m3u8'))).status, 404);
  });

  const file = await sourceFile({ seconds: SECONDS });
  const publisher = publish(t, `${server.rtmp}/${show.stream_key}`, file);
  await firstPlaylist(`${live}/video.m3u8`);

  const hashes = new Map(); // URL -> hash of its bytes, ever
  const breaches = [];
  const checkers = {};
  const follow = (rendition) => {
    const checker = new SequenceChecker(rendition);
    checkers[rendition] = checker;
    const onPlaylist = (text, before) => {
      const p = checker.push(text);
      if (!p || !before) return;
      const [msn, part] = before.open.parts.length ? [before.openMsn, before.open.parts.length] : [before.openMsn, 0];
      if (!p.ended && !holds(p, msn, part)) breaches.push(`${rendition}: a reload for ${msn}.${part} was answered without it`);
      const own = newest(p);
      for (const report of p.reports) {
        const other = [report.lastMsn, report.lastPart];
        const apart = (own[0] - other[0]) * 7 + own[1] - other[1];
        if (Math.abs(apart) > 7 + 2) breaches.push(`${rendition} at ${own} reports ${other}`);
      }
      if (!p.ended && p.reports.length !== 1) breaches.push(`${rendition}: ${p.reports.length} rendition reports`);
    };
    return new Recorder(server.http, 'seq', rendition, { onPlaylist });
  };
  const recorders = [follow('video'), follow('audio')];
  const running = Promise.all(recorders.map((recorder) => recorder.run(WATCH_MS)));

  await t.test('a reload for what is long past gets the whole playlist, before one that waits', async () => {
    const now = parsePlaylist((await fetchText(`${live}/video.m3u8`)).text);
    const order = [];
    const held = fetchText(`${live}/video.m3u8?${nextQuery(now)}`).then((answer) => { order.push('held'); return answer; });
    const past = fetchText(`${live}/video.m3u8?_HLS_msn=0`).then((answer) => { order.push('past'); return answer; });
    assert.equal((await past).status, 200);
    const p = parsePlaylist((await held).text);
    assert.ok(p.segments.length > 0);
    if (newest(now).join() !== newest(parsePlaylist((await past).text)).join()) return; // a part closed meanwhile
    assert.deepEqual(order, ['past', 'held']);
  });

  await t.test('bad directives are refused at once', async () => {
    const p = parsePlaylist((await fetchText(`${live}/video.m3u8`)).text);
    for (const query of ['_HLS_part=1', `_HLS_msn=${p.openMsn + 4}`, `_HLS_msn=${p.openMsn + 4}&_HLS_part=0`,
      `_HLS_msn=${p.openMsn}&_HLS_part=500`, '_HLS_msn=x', '_HLS_msn=-1', '_HLS_msn=1&_HLS_part=x', '_HLS_msn=99999999999999999999']) {
      const answer = await fetchText(`${live}/video.m3u8?${query}`);
      assert.equal(answer.status, 400, query);
      assert.equal(answer.headers.get('access-control-allow-origin'), '*', query);
    }
  });

  await t.test('unknown query parameters are ignored, the first of two counts', async () => {
    assert.equal((await fetchText(`${live}/video.m3u8?CMCD=sf%3Dh&x=1&y`)).status, 200);
    const p = parsePlaylist((await fetchText(`${live}/video.m3u8`)).text);
    const answer = await fetchText(`${live}/video.m3u8?a=b&_HLS_msn=${p.openMsn}&_HLS_msn=0`);
    assert.equal(answer.status, 200);
    assert.ok(parsePlaylist(answer.text).openMsn > p.openMsn, 'the reload was not held');
  });

  await t.test('a reload for a segment waits for the whole segment', async () => {
    const p = parsePlaylist((await fetchText(`${live}/audio.m3u8`)).text);
    const answer = parsePlaylist((await fetchText(`${live}/audio.m3u8?_HLS_msn=${p.openMsn}`)).text);
    assert.ok(answer.segments.some((segment) => segment.msn === p.openMsn));
  });

  await t.test('a part beyond the last of its segment means the first of the next', async () => {
    const p = parsePlaylist((await fetchText(`${live}/video.m3u8`)).text);
    const done = p.segments[p.segments.length - 1];
    const answer = await fetchText(`${live}/video.m3u8?_HLS_msn=${done.msn}&_HLS_part=${done.parts.length}`);
    assert.equal(answer.status, 200);
    assert.ok(holds(parsePlaylist(answer.text), done.msn + 1, 0));
  });

  await t.test('a hinted part is held and comes whole; one behind it is not there', async () => {
    for (let turn = 0; turn < 5; turn++) {
      const p = parsePlaylist((await fetchText(`${live}/video.m3u8?${nextQuery(parsePlaylist((await fetchText(`${live}/video.m3u8`)).text))}`)).text);
      const hint = new URL(p.hint, `${live}/`).href;
      const answer = await fetchBytes(hint);
      if (answer.status === 404) continue; // abandoned: the segment ended before it
      assert.equal(answer.status, 200);
      const again = await fetchBytes(hint);
      assert.equal(sha256(answer.bytes), sha256(again.bytes));
      assert.match(answer.headers.get('cache-control'), /immutable/);
      const beyond = hint.replace(/\.(\d+)\.m4s/, (all, n) => `.${Number(n) + 9}.m4s`);
      assert.equal((await fetchBytes(beyond)).status, 404);
      return;
    }
    assert.fail('no hinted part was answered');
  });

  await t.test('gzip and identity say the same', async () => {
    const p = parsePlaylist((await fetchText(`${live}/video.m3u8`)).text);
    const query = nextQuery(p);
    const [packed, plain] = await Promise.all([
      fetchText(`${live}/video.m3u8?${query}`, { headers: { 'accept-encoding': 'gzip' } }),
      fetchText(`${live}/video.m3u8?${query}`, { headers: { 'accept-encoding': 'identity' } }),
    ]);
    assert.equal(packed.headers.get('content-encoding'), 'gzip');
    assert.equal(plain.headers.get('content-encoding'), null);
    assert.match(plain.headers.get('vary') ?? '', /accept-encoding/i);
    if (newest(parsePlaylist(packed.text)).join() === newest(parsePlaylist(plain.text)).join())
      assert.equal(packed.text, plain.text);
  });

  await t.test('what has left the playlist can still be fetched', async () => {
    const p = parsePlaylist((await fetchText(`${live}/video.m3u8`)).text);
    const parted = p.segments.find((segment) => segment.parts.length);
    const part = parted.parts[0];
    const partHash = sha256((await fetchBytes(`${live}/${part.uri}`)).bytes);
    const first = p.segments[0];
    const firstHash = sha256((await fetchBytes(`${live}/${first.uri}`)).bytes);
    let q;
    do {
      await sleep(200);
      q = parsePlaylist((await fetchText(`${live}/video.m3u8`)).text);
    } while (q.segments.some((segment) => segment.msn === first.msn || (segment.msn === parted.msn && segment.parts.length)));
    await sleep(2500 * q.targetDuration); // of the 3 TARGETDURATIONs that a part stays (6.2.2)
    const old = await fetchBytes(`${live}/${part.uri}`);
    assert.equal(old.status, 200, `${part.uri} left too early`);
    assert.equal(sha256(old.bytes), partHash);
    const segment = await fetchBytes(`${live}/${first.uri}`);
    assert.equal(segment.status, 200, `${first.uri} left too early`);
    assert.equal(sha256(segment.bytes), firstHash);
  });

  await t.test('a delta and the whole say the same', async () => {
    let before = parsePlaylist((await fetchText(`${live}/video.m3u8`)).text);
    let skipped = 0;
    for (let turn = 0; turn < 12; turn++) {
      const query = nextQuery(before);
      const [full, delta] = (await Promise.all([
        fetchText(`${live}/video.m3u8?${query}`), fetchText(`${live}/video.m3u8?${query}&_HLS_skip=YES`),
      ])).map((answer) => parsePlaylist(answer.text));
      if (newest(full).join() === newest(delta).join()) {
        const { missing, segments } = applyDelta(before, delta);
        assert.equal(missing, 0);
        assert.deepEqual(segments.map((s) => [s.msn, s.uri, s.duration, s.pdt]), full.segments.map((s) => [s.msn, s.uri, s.duration, s.pdt]));
        assert.deepEqual(delta.open.parts, full.open.parts);
        skipped += delta.skipped;
      }
      before = full;
    }
    assert.ok(skipped > 0, 'nothing was skipped');
  });

  await running;

  await t.test('the sequence of playlists breaks no rule', () => {
    const found = [...breaches, ...Object.values(checkers).flatMap((checker) => checker.breaches)];
    assert.deepEqual(found.slice(0, 20), []);
    for (const recorder of recorders) {
      assert.ok(recorder.texts.length > 100, `${recorder.rendition}: ${recorder.texts.length} playlists`);
      assert.ok(recorder.statuses.every((status) => status === 200), `${recorder.rendition}: ${new Set(recorder.statuses)}`);
    }
  });

  await t.test('each version adds a part', () => {
    const sizes = recorders[0].texts.map((text) => parsePlaylist(text)).map((p) => newest(p));
    let jumps = 0;
    for (let i = 1; i < sizes.length; i++) {
      const [msn, part] = sizes[i - 1];
      const next = sizes[i];
      const one = (next[0] === msn && next[1] === part + 1) || (next[0] === msn + 1 && next[1] === 0);
      if (!one) jumps += 1;
    }
    t.diagnostic(`${sizes.length} versions, ${jumps} of them more than one part on`);
    assert.ok(jumps <= sizes.length / 10, `${jumps} of ${sizes.length} reloads missed a part`);
  });

  await t.test('one URL has one content, for ever', async () => {
    for (const recorder of recorders)
      for (const part of recorder.parts.values()) if (part.bytes) hashes.set(part.uri, sha256(part.bytes));
    const p = parsePlaylist((await fetchText(`${live}/video.m3u8`)).text);
    let again = 0;
    for (const segment of p.segments)
      for (const part of segment.parts)
        if (hashes.has(part.uri)) {
          assert.equal(sha256((await fetchBytes(`${live}/${part.uri}`)).bytes), hashes.get(part.uri), part.uri);
          again += 1;
        }
    t.diagnostic(`${hashes.size} parts, ${again} fetched twice`);
  });

  await t.test('media times run on without a gap over all parts of both renditions', () => {
    for (const recorder of recorders) {
      const init = readInit(recorder.init());
      let end = null;
      for (const bytes of recorder.media()) {
        const media = readMedia(bytes, init.trex);
        if (end !== null) assert.equal(media.start, end, recorder.rendition);
        end = media.start + media.duration;
      }
    }
  });

  await t.test('the host ends the show: the publisher is cut and the playlists end', async () => {
    const held = fetchText(`${live}/video.m3u8?${nextQuery(parsePlaylist((await fetchText(`${live}/video.m3u8`)).text))}`);
    const shown = await server.api.post('/api/shows/seq/end');
    assert.equal(shown.state, 'ended');
    assert.equal((await held).status, 200);
    await publisher.gone;
    for (const rendition of ['video', 'audio']) {
      const answer = await fetchText(`${live}/${rendition}.m3u8?_HLS_msn=99999`);
      assert.equal(answer.status, 200, 'directives are ignored behind ENDLIST');
      assert.ok(checkers[rendition].push(answer.text).ended);
      assert.deepEqual(checkers[rendition].breaches, []);
    }
  });
});

test('a publisher that comes back goes on in the same playlists', { timeout: 120000 }, async (t) => {
  const server = await startServer(t);
  const show = await server.api.show({ id: 'again' });
  const url = `${server.rtmp}/${show.stream_key}`;
  const live = server.url('/live/again');
  const file = await sourceFile({ seconds: 12 });
  const checker = new SequenceChecker('video');
  const first = publish(t, url, file);
  const before = await until('two segments', async () => {
    const answer = await fetchText(`${live}/video.m3u8`);
    const p = answer.status === 200 && checker.push(answer.text);
    return p && p.segments.length >= 2 && p;
  });
  await first.stop('SIGKILL');
  await sleep(1500);
  publish(t, url, file);
  const p = await until('the show goes on', async () => {
    const answer = await fetchText(`${live}/video.m3u8`);
    assert.equal(answer.status, 200);
    const now = checker.push(answer.text);
    assert.ok(!now.ended, 'the show ended with its encoder');
    return now.openMsn >= before.openMsn + 5 && now;
  }, 30000);
  assert.deepEqual(checker.breaches, []);
  assert.ok(!p.segments.some((segment) => segment.discontinuity), 'the same tracks make no discontinuity');
  assert.equal(p.targetDuration, before.targetDuration);
  assert.equal(p.partTarget, before.partTarget);
  assert.ok(p.mediaSequence >= before.mediaSequence);
  for (const segment of before.segments) {
    const now = p.segments.find((other) => other.msn === segment.msn);
    if (now) assert.equal(now.uri, segment.uri);
  }
});
