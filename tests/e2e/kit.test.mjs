// The judges' own tests: a clean sequence passes, each seeded breach is found, and the box
// reader reads what the standard says.
import assert from 'node:assert/strict';
import test from 'node:test';
import { boxes, readEmsg, readMedia } from './kit/boxes.mjs';
import { SequenceChecker, applyDelta } from './kit/checker.mjs';
import { attributes, ms, nextQuery, parsePlaylist } from './kit/playlist.mjs';

const HEAD = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.002,CAN-SKIP-UNTIL=12.000
#EXT-X-PART-INF:PART-TARGET=0.334
`;

function segment(msn, { parts = true, lines = '', duration = '2.000', pdt } = {}) {
  const date = new Date(pdt ?? 1795374000000 + (msn - 1) * 2000).toISOString();
  const list = parts ? [0, 1, 2, 3, 4, 5].map((i) => `#EXT-X-PART:DURATION=${i < 5 ? '0.334' : '0.330'},URI="e/video-${msn}.${i}.m4s"${i === 0 ? ',INDEPENDENT=YES' : ''}\n`).join('') : '';
  return `#EXT-X-PROGRAM-DATE-TIME:${date}\n${lines}${list}#EXTINF:${duration},\ne/video-${msn}.m4s\n`;
}

function open(msn, n) {
  const date = new Date(1795374000000 + (msn - 1) * 2000).toISOString();
  let text = `#EXT-X-PROGRAM-DATE-TIME:${date}\n`;
  for (let i = 0; i < n; i++) text += `#EXT-X-PART:DURATION=0.334,URI="e/video-${msn}.${i}.m4s"${i === 0 ? ',INDEPENDENT=YES' : ''}\n`;
  return `${text}#EXT-X-PRELOAD-HINT:TYPE=PART,URI="e/video-${msn}.${n}.m4s"\n#EXT-X-RENDITION-REPORT:URI="audio.m3u8",LAST-MSN=${msn},LAST-PART=0\n`;
}

function playlist(first, last, nOpen) {
  let text = `${HEAD}#EXT-X-MEDIA-SEQUENCE:${first}\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n#EXT-X-MAP:URI="e/video-init.mp4"\n`;
  for (let msn = first; msn <= last; msn++) text += segment(msn, { parts: msn > last - 2 });
  return text + open(last + 1, nOpen);
}

const CLEAN = [playlist(1, 6, 1), playlist(1, 6, 2), playlist(1, 6, 5), playlist(1, 7, 1), playlist(2, 8, 0), playlist(3, 9, 2)];

function judge(texts) {
  const checker = new SequenceChecker('video');
  for (const text of texts) checker.push(text);
  return checker.breaches;
}

test('a clean sequence has no breach', () => {
  assert.deepEqual(judge(CLEAN), []);
});

const SEEDED = [
  ['a target duration that changes', (t) => t.replace('TARGETDURATION:2', 'TARGETDURATION:3'), /TARGETDURATION/],
  ['a part target that changes', (t) => t.replace('PART-TARGET=0.334', 'PART-TARGET=0.335'), /PART-TARGET/],
  ['a hold back that changes', (t) => t.replace('PART-HOLD-BACK=1.002', 'PART-HOLD-BACK=1.100'), /SERVER-CONTROL/],
  ['a hold back under three parts', (t) => t.replace('PART-HOLD-BACK=1.002', 'PART-HOLD-BACK=1.000'), /under three parts/],
  ['a segment with another URI', (t) => t.replace('\ne/video-8.m4s', '\nf/video-8.m4s'), /segment 8/],
  ['a segment with another duration', (t) => t.replace('#EXTINF:2.000,\ne/video-5.m4s', '#EXTINF:2.001,\ne/video-5.m4s'), /segment 5/],
  ['a part that is too long', (t) => t.replace('DURATION=0.334,URI="e/video-10.1', 'DURATION=0.335,URI="e/video-10.1'), /target is/],
  ['a part that is too short', (t) => t.replace('DURATION=0.334,URI="e/video-9.1', 'DURATION=0.200,URI="e/video-9.1'), /85 %/],
  ['parts that do not make their segment', (t) => t.replace('DURATION=0.334,URI="e/video-9.1', 'DURATION=0.300,URI="e/video-9.1'), /EXTINF says/],
  ['a date that is not the sum', (t) => t.replace(new Date(1795374000000 + 6 * 2000).toISOString(), new Date(1795374000000 + 6 * 2000 + 40).toISOString()), /sum of what went before/],
  ['a hint that is not the next part', (t) => t.replace('e/video-10.2.m4s"\n#EXT-X-REND', 'e/video-9.4.m4s"\n#EXT-X-REND'), /was part 9.4/],
  ['no hint', (t) => t.replace(/#EXT-X-PRELOAD-HINT.*\n/, ''), /no PRELOAD-HINT/],
  ['a line nobody knows', (t) => t.replace('#EXT-X-PART-INF', '#EXT-X-PART-INFO'), /unknown line/],
  ['a media sequence that goes back', (t) => t.replace('MEDIA-SEQUENCE:3', 'MEDIA-SEQUENCE:1'), /MEDIA-SEQUENCE|segment/],
  ['a discontinuity number that jumps', (t) => t.replace('DISCONTINUITY-SEQUENCE:0', 'DISCONTINUITY-SEQUENCE:1'), /DISCONTINUITY-SEQUENCE/],
  ['no date', (t) => t.replace(/#EXT-X-PROGRAM-DATE-TIME.*\n/, ''), /PROGRAM-DATE-TIME/],
  ['no map', (t) => t.replace(/#EXT-X-MAP.*\n/, ''), /MAP/],
];

for (const [name, change, words] of SEEDED) {
  test(`the checker finds ${name}`, () => {
    const last = CLEAN[CLEAN.length - 1];
    const changed = change(last);
    assert.notEqual(changed, last);
    const breaches = judge([...CLEAN.slice(0, -1), changed]);
    assert.ok(breaches.some((words_) => words.test(words_)), JSON.stringify(breaches));
  });
}

test('the checker finds a range that changes, and allows its end', () => {
  const range = (more) => `#EXT-X-DATERANGE:ID="a",START-DATE="2026-11-22T18:00:00.000Z",X-A="b"${more}\n`;
  const put = (text, more) => text.replace('#EXT-X-PROGRAM', `${range(more)}#EXT-X-PROGRAM`);
  assert.deepEqual(judge([put(CLEAN[0], ''), put(CLEAN[1], ',END-DATE="2026-11-22T18:00:09.000Z"')]), []);
  assert.match(judge([put(CLEAN[0], ''), put(CLEAN[1], '').replace('X-A="b"', 'X-A="c"')])[0], /DATERANGE a: X-A/);
});

test('the checker finds an end that is taken back and what may not follow it', () => {
  const end = `${CLEAN[0]}#EXT-X-ENDLIST\n`;
  const breaches = judge([end, CLEAN[1]]).join('\n');
  assert.match(breaches, /hint after the end/);
  assert.match(breaches, /taken back/);
});

test('parts listed too far from the end are found', () => {
  const text = CLEAN[5].replace(segment(4, { parts: false }), segment(4));
  assert.notEqual(text, CLEAN[5]);
  assert.match(judge([text]).join('\n'), /still lists its parts/);
});

test('a delta gives the whole', () => {
  const before = parsePlaylist(CLEAN[4]);
  const full = parsePlaylist(CLEAN[5]);
  const delta = parsePlaylist(CLEAN[5].replace(segment(3, { parts: false }), '#EXT-X-SKIP:SKIPPED-SEGMENTS=1\n'));
  assert.equal(delta.skipped, 1);
  const { missing, segments } = applyDelta(before, delta);
  assert.equal(missing, 0);
  assert.deepEqual(segments.map((s) => [s.msn, s.uri]), full.segments.map((s) => [s.msn, s.uri]));
});

test('the query asks for what comes next', () => {
  assert.equal(nextQuery(parsePlaylist(CLEAN[0])), '_HLS_msn=7&_HLS_part=1');
  assert.equal(nextQuery(parsePlaylist(CLEAN[4])), '_HLS_msn=9&_HLS_part=0');
});

test('attributes and seconds are read exactly', () => {
  assert.deepEqual(attributes('A=1,B="x,y",C=YES'), { A: '1', B: 'x,y', C: 'YES' });
  assert.throws(() => attributes('A=1,A=2'));
  assert.equal(ms('0.334'), 334);
  assert.equal(ms('2'), 2000);
  assert.throws(() => ms('2s'));
});

function box(type, ...parts) {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

const words = (...values) => {
  const out = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => out.writeInt32BE(value | 0, i * 4));
  return out;
};

test('the box reader reads samples with signed composition offsets', () => {
  const mdat = box('mdat', Buffer.from('aaabb'));
  const traf = (offset) => box('traf', box('tfhd', words(0x020000, 1)), box('tfdt', words(0x01000000, 0, 90000)),
    box('trun', words(0x01000f01, 2, offset, 3000, 3, 0x02000000, 6000, 3030, 2, 0x01010000, -3000)));
  const moof = (offset) => box('moof', box('mfhd', words(0, 1)), traf(offset));
  const size = moof(0).length;
  const media = readMedia(Buffer.concat([moof(size + 8), mdat]));
  assert.equal(media.start, 90000);
  assert.equal(media.duration, 6030);
  assert.deepEqual(media.samples.map(({ dts, pts, key, data }) => [dts, pts, key, data.toString()]),
    [[90000, 96000, true, 'aaa'], [93000, 90000, false, 'bb']]);
});

test('the box reader reads emsg version 1 and refuses a broken size', () => {
  const emsg = box('emsg', words(0x01000000, 90000, 0, 180000, 0, 7), Buffer.from('urn:x\0v\0data'));
  const [found] = boxes(emsg);
  const { time, id, scheme, value, data } = readEmsg(emsg, found);
  assert.deepEqual([time, id, scheme, value, data.toString()], [180000, 7, 'urn:x', 'v', 'data']);
  assert.throws(() => boxes(emsg.subarray(0, emsg.length - 1)));
});
