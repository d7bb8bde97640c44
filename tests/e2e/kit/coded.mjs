// Media in any codec that Debian's ffmpeg can make, as messages of (Enhanced) RTMP: ffmpeg
// itself sends only H.264 and AAC. It encodes into an MP4 file, mp4box reads that, and the
// tags are built here by "Enhanced RTMP v2", from the standard and not from our reader.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createFile } from 'mp4box';
import { madeOnce } from './made.mjs';
import { KEPT } from './server.mjs';

const run = promisify(execFile);
const MEDIA = join(KEPT, 'media');

export const VIDEO = 9;
export const AUDIO = 8;
export const DATA = 18;

const ENCODERS = {
  h264: (gop) => ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-b_strategy', '0', '-g', gop, '-keyint_min', gop, '-sc_threshold', '0', '-pix_fmt', 'yuv420p'],
  // x265 opens its GOPs by default: all key pictures but the first are CRA.
  hevc: (gop) => ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', `keyint=${gop}:min-keyint=${gop}:scenecut=0:bframes=2:info=0:log-level=error`, '-pix_fmt', 'yuv420p', '-tag:v', 'hvc1'],
  'hevc-pq': (gop) => ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', `keyint=${gop}:min-keyint=${gop}:scenecut=0:bframes=0:info=0:log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc`, '-pix_fmt', 'yuv420p10le', '-tag:v', 'hvc1'],
  // The same, and what it says of the display it was mastered on and of its light.
  'hevc-hdr': (gop) => ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', `keyint=${gop}:min-keyint=${gop}:scenecut=0:bframes=0:info=0:log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400`, '-pix_fmt', 'yuv420p10le', '-tag:v', 'hvc1'],
  av1: (gop) => ['-c:v', 'libaom-av1', '-usage', 'realtime', '-cpu-used', '8', '-g', gop, '-keyint_min', gop, '-pix_fmt', 'yuv420p'],
  'av1-svt': (gop) => ['-c:v', 'libsvtav1', '-preset', '12', '-g', gop, '-pix_fmt', 'yuv420p'],
  vp9: (gop) => ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', gop, '-keyint_min', gop, '-pix_fmt', 'yuv420p'],
  aac: () => ['-c:a', 'aac', '-b:a', '96k'],
  opus: (gop, ms = 20) => ['-c:a', 'libopus', '-b:a', '96k', '-frame_duration', String(ms)],
};

async function encode(codec, { seconds, size, fps, gop, frameMs, seed, bitrate }) {
  const isSound = codec === 'aac' || codec === 'opus';
  const what = isSound ? `${seed}-${frameMs}ms` : `${size}-${fps}fps-gop${gop}-${bitrate}`;
  const file = join(MEDIA, `${codec}-${seconds}s-${what}.mp4`);
  const source = isSound ? `anoisesrc=r=48000:a=0.1:seed=${seed}` : `testsrc2=s=${size}:r=${fps}`;
  return madeOnce(file, (made) => run('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', '-f', 'lavfi', '-i', source,
    '-t', String(seconds), ...ENCODERS[codec](String(gop), frameMs), ...(isSound ? ['-ac', '2'] : ['-b:v', bitrate]),
    '-fflags', '+bitexact', '-flags', '+bitexact', '-f', 'mp4', made]));
}

const RECORDS = { avc1: 'avcC', hvc1: 'hvcC', av01: 'av1C', vp09: 'vpcC', mp4a: 'esds', Opus: 'dOps' };

function recordOf(bytes, entry) {
  const box = entry[RECORDS[entry.type]];
  if (entry.type === 'mp4a') return Buffer.from(box.esd.descs[0].descs[0].data);
  return Buffer.from(bytes.subarray(box.start + 8, box.start + box.size));
}

// { codec, fourcc, record, timescale, samples: [{ dts, cts, key, data }] }
export function readTrack(file, codec) {
  const bytes = readFileSync(file);
  const reader = createFile();
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  copy.fileStart = 0;
  reader.appendBuffer(copy);
  reader.flush();
  const track = reader.moov.traks[0];
  const entry = track.mdia.minf.stbl.stsd.entries[0];
  const samples = reader.getTrackSamplesInfo(track.tkhd.track_id).map((sample) => ({
    dts: sample.dts, cts: sample.cts, key: sample.is_sync, data: bytes.subarray(sample.offset, sample.offset + sample.size),
  }));
  return { codec, fourcc: entry.type, record: recordOf(bytes, entry), timescale: track.mdia.mdhd.timescale, samples };
}

export async function makeTrack(codec, options = {}) {
  const all = { seconds: 12, size: '640x360', fps: 30, gop: 60, frameMs: 20, seed: 7, bitrate: '600k', ...options };
  return readTrack(await encode(codec, all), codec);
}

// ---- tags ----

const SEQUENCE_START = 0;
const CODED_FRAMES = 1;
const SEQUENCE_END = 2;
const CODED_FRAMES_X = 3;
const METADATA = 4;
const MULTITRACK_AUDIO = 5;
const MULTITRACK_VIDEO = 6;
const KEY = 1;
const INTER = 2;

function i24(value) {
  const bytes = Buffer.alloc(3);
  bytes.writeIntBE(value, 0, 3);
  return bytes;
}

// "OpusHead" as RFC 7845 has it, from the body of MP4's dOps: the same fields, the other
// way round.
export function opusHead(dOps) {
  const head = Buffer.alloc(dOps.length + 8);
  head.write('OpusHead', 0, 'latin1');
  head[8] = 1;
  head[9] = dOps[1];
  head.writeUInt16LE(dOps.readUInt16BE(2), 10);
  head.writeUInt32LE(dOps.readUInt32BE(4), 12);
  head.writeUInt16LE(dOps.readUInt16BE(8), 16);
  dOps.copy(head, 18, 10);
  return head;
}

function extended(isVideo, key, packetType, fourcc, trackId, body) {
  const kind = isVideo ? 0x80 | (key ? KEY : INTER) << 4 : 9 << 4;
  if (!trackId) return Buffer.concat([Buffer.from([kind | packetType]), Buffer.from(fourcc, 'latin1'), body]);
  const multitrack = isVideo ? MULTITRACK_VIDEO : MULTITRACK_AUDIO; // OneTrack: 0 in the high half
  return Buffer.concat([Buffer.from([kind | multitrack, packetType]), Buffer.from(fourcc, 'latin1'), Buffer.from([trackId]), body]);
}

// The stamp's millisecond of a time in ticks, as encoders round it.
export const stampOf = (ticks, timescale) => Math.round(ticks * 1000 / timescale);

function extendedTags(track, isVideo, trackId) {
  const record = track.fourcc === 'Opus' ? opusHead(track.record) : track.record;
  const tags = [{ stamp: 0, body: extended(isVideo, true, SEQUENCE_START, track.fourcc, trackId, record) }];
  for (const sample of track.samples) {
    const stamp = stampOf(sample.dts, track.timescale);
    const offset = stampOf(sample.cts, track.timescale) - stamp;
    const timed = isVideo && (track.fourcc === 'hvc1' || track.fourcc === 'avc1');
    const bare = timed && offset === 0;
    const type = bare ? CODED_FRAMES_X : CODED_FRAMES;
    const body = timed && !bare ? Buffer.concat([i24(offset), sample.data]) : sample.data;
    tags.push({ stamp, body: extended(isVideo, sample.key, type, track.fourcc, trackId, body) });
  }
  return tags;
}

function legacyTags(track, isVideo) {
  const number = { avc1: 7, hvc1: 12 }[track.fourcc];
  const head = (key, type, offset) => (isVideo ? Buffer.concat([Buffer.from([(key ? KEY : INTER) << 4 | number, type]), i24(offset)])
    : Buffer.from([0xaf, type]));
  const tags = [{ stamp: 0, body: Buffer.concat([head(true, 0, 0), track.record]) }];
  for (const sample of track.samples) {
    const stamp = stampOf(sample.dts, track.timescale);
    tags.push({ stamp, body: Buffer.concat([head(sample.key, 1, stampOf(sample.cts, track.timescale) - stamp), sample.data]) });
  }
  return tags;
}

// Messages of one track: [{ type, stamp, body }], the sequence header first.
export function tagsOf(track, { legacy = false, trackId = 0, isVideo = ['avc1', 'hvc1', 'av01', 'vp09'].includes(track.fourcc) } = {}) {
  const tags = legacy ? legacyTags(track, isVideo) : extendedTags(track, isVideo, trackId);
  return tags.map((tag) => ({ type: isVideo ? VIDEO : AUDIO, ...tag }));
}

// Several tracks in the order of their stamps, each header before all frames.
export function interleave(...lists) {
  const place = (tag, i) => (i === 0 ? -1 : tag.stamp);
  return lists.flatMap((list) => list.map((tag, i) => [place(tag, i), tag]))
    .sort(([a], [b]) => a - b).map(([, tag]) => tag);
}

// Several rounds of the same tags, without their headers from the second on.
export function repeat(tags, rounds, lengthMs) {
  const isHeader = (tag) => (tag.body[0] & 0x80 || tag.body[0] >> 4 === 9 ? (tag.body[0] & 0xf) === SEQUENCE_START : tag.body[1] === 0);
  const frames = tags.filter((tag) => !isHeader(tag));
  const more = Array.from({ length: rounds - 1 }, (_, i) => frames.map((tag) => ({ ...tag, stamp: tag.stamp + (i + 1) * lengthMs })));
  return [tags, ...more].flat();
}

// AMF0, as far as these messages need it.
const text = (value) => Buffer.concat([Buffer.from([value.length >> 8, value.length & 0xff]), Buffer.from(value, 'latin1')]);

function amf(value) {
  if (typeof value === 'string') return Buffer.concat([Buffer.from([2]), text(value)]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  return Buffer.concat([Buffer.from([3]), ...Object.entries(value).map(([name, inner]) => Buffer.concat([text(name), amf(inner)])),
    Buffer.from([0, 0, 9])]);
}

// A colorInfo message (packet type 4).
export function colorTag(stamp, fourcc, colorInfo) {
  return { type: VIDEO, stamp, body: extended(true, true, METADATA, fourcc, 0, Buffer.concat([amf('colorInfo'), amf(colorInfo)])) };
}

// onMetaData.
export function metadataTag(fields) {
  return { type: DATA, stamp: 0, body: Buffer.concat([amf('@setDataFrame'), amf('onMetaData'), amf(fields)]) };
}

// The end of one track.
export function endTag(stamp, isVideo, fourcc, trackId) {
  return { type: isVideo ? VIDEO : AUDIO, stamp, body: extended(isVideo, true, SEQUENCE_END, fourcc, trackId, Buffer.alloc(0)) };
}

// An FLV file of them, for programs that read such.
export function flvFile(tags) {
  const parts = [Buffer.from('464c5601050000000900000000', 'hex')];
  for (const { type, stamp, body } of tags) {
    const head = Buffer.alloc(11);
    head[0] = type;
    head.writeUIntBE(body.length, 1, 3);
    head.writeUIntBE(stamp & 0xffffff, 4, 3);
    head[7] = stamp >>> 24;
    const back = Buffer.alloc(4);
    back.writeUInt32BE(body.length + 11);
    parts.push(head, body, back);
  }
  return Buffer.concat(parts);
}
