// Reads ISO BMFF (ISO/IEC 14496-12) as far as the tests need it: the boxes of a part, the
// samples of its fragments, and emsg. Written from the standard, not from our writer.
export class Cursor {
  constructor(buffer, at = 0, end = buffer.length) {
    this.buffer = buffer;
    this.at = at;
    this.end = end;
  }

  u8() { this.at += 1; return this.buffer.readUInt8(this.at - 1); }
  u16() { this.at += 2; return this.buffer.readUInt16BE(this.at - 2); }
  u24() { this.at += 3; return this.buffer.readUIntBE(this.at - 3, 3); }
  u32() { this.at += 4; return this.buffer.readUInt32BE(this.at - 4); }
  i32() { this.at += 4; return this.buffer.readInt32BE(this.at - 4); }
  u64() { this.at += 8; return Number(this.buffer.readBigUInt64BE(this.at - 8)); }
  skip(n) { this.at += n; return this; }

  text() { // up to a NUL
    const nul = this.buffer.indexOf(0, this.at);
    const text = this.buffer.toString('utf8', this.at, nul);
    this.at = nul + 1;
    return text;
  }

  rest() { return this.buffer.subarray(this.at, this.end); }
}

// [{ type, start, end, body }]: body is where the content begins.
export function boxes(buffer, start = 0, end = buffer.length) {
  const found = [];
  for (let at = start; at < end;) {
    if (at + 8 > end) throw new Error(`half a box header at ${at}`);
    let size = buffer.readUInt32BE(at);
    const type = buffer.toString('latin1', at + 4, at + 8);
    let body = at + 8;
    if (size === 1) {
      size = Number(buffer.readBigUInt64BE(at + 8));
      body = at + 16;
    }
    if (size < body - at || at + size > end) throw new Error(`box ${type} at ${at} has size ${size} of ${end - at}`);
    found.push({ type, start: at, end: at + size, body });
    at += size;
  }
  return found;
}

function child(buffer, parent, type) {
  return boxes(buffer, parent.body, parent.end).find((box) => box.type === type);
}

export function readEmsg(buffer, box) {
  const c = new Cursor(buffer, box.body, box.end);
  const version = c.u8();
  c.u24();
  if (version !== 1) throw new Error(`emsg version ${version}`);
  const timescale = c.u32();
  const time = c.u64();
  const duration = c.u32();
  const id = c.u32();
  const scheme = c.text();
  const value = c.text();
  return { timescale, time, duration, id, scheme, value, data: c.rest(), bytes: buffer.subarray(box.start, box.end) };
}

const NON_SYNC = 0x00010000;

function readTfhd(buffer, box) {
  const c = new Cursor(buffer, box.body, box.end);
  c.u8();
  const flags = c.u24();
  const track = c.u32();
  if (flags & 0x1) c.u64();
  if (flags & 0x2) c.u32();
  return {
    track,
    duration: flags & 0x8 ? c.u32() : undefined,
    size: flags & 0x10 ? c.u32() : undefined,
    flags: flags & 0x20 ? c.u32() : undefined,
  };
}

function readTfdt(buffer, box) {
  const c = new Cursor(buffer, box.body, box.end);
  const version = c.u8();
  c.u24();
  return version === 1 ? c.u64() : c.u32();
}

// trex gives defaults; a part alone has none, so the caller passes them.
function readTrun(buffer, box, defaults, state, moof) {
  const c = new Cursor(buffer, box.body, box.end);
  const version = c.u8();
  const flags = c.u24();
  const n = c.u32();
  let data = moof.start + (flags & 0x1 ? c.i32() : 0);
  const first = flags & 0x4 ? c.u32() : undefined;
  const samples = [];
  for (let i = 0; i < n; i++) {
    const duration = flags & 0x100 ? c.u32() : defaults.duration;
    const size = flags & 0x200 ? c.u32() : defaults.size;
    let sampleFlags = flags & 0x400 ? c.u32() : defaults.flags;
    if (i === 0 && first !== undefined) sampleFlags = first;
    const offset = flags & 0x800 ? (version === 0 ? c.u32() : c.i32()) : 0;
    samples.push({
      dts: state.dts, pts: state.dts + offset, duration, key: !(sampleFlags & NON_SYNC),
      data: buffer.subarray(data, data + size),
    });
    state.dts += duration;
    data += size;
  }
  return samples;
}

// Everything in a part or segment: { emsgs, samples, start, duration, types }.
export function readMedia(buffer, trex = {}) {
  const top = boxes(buffer);
  const emsgs = top.filter((box) => box.type === 'emsg').map((box) => readEmsg(buffer, box));
  const samples = [];
  let start;
  for (const moof of top.filter((box) => box.type === 'moof')) {
    for (const traf of boxes(buffer, moof.body, moof.end).filter((box) => box.type === 'traf')) {
      const tfhd = readTfhd(buffer, child(buffer, traf, 'tfhd'));
      const state = { dts: readTfdt(buffer, child(buffer, traf, 'tfdt')) };
      start ??= state.dts;
      const defaults = {
        duration: tfhd.duration ?? trex.duration, size: tfhd.size ?? trex.size, flags: tfhd.flags ?? trex.flags ?? 0,
      };
      for (const trun of boxes(buffer, traf.body, traf.end).filter((box) => box.type === 'trun'))
        samples.push(...readTrun(buffer, trun, defaults, state, moof));
    }
  }
  const duration = samples.reduce((sum, sample) => sum + sample.duration, 0);
  return { emsgs, samples, start, duration, types: top.map((box) => box.type) };
}

// What an initialisation section says: timescale and trex defaults of its one track.
export function readInit(buffer) {
  const top = boxes(buffer);
  const moov = top.find((box) => box.type === 'moov');
  const trak = child(buffer, moov, 'trak');
  const mdia = child(buffer, trak, 'mdia');
  const mdhd = child(buffer, mdia, 'mdhd');
  const c = new Cursor(buffer, mdhd.body, mdhd.end);
  const version = c.u8();
  c.u24();
  c.skip(version === 1 ? 16 : 8);
  const timescale = c.u32();
  const hdlr = child(buffer, mdia, 'hdlr');
  const handler = buffer.toString('latin1', hdlr.body + 8, hdlr.body + 12);
  const trexBox = child(buffer, child(buffer, moov, 'mvex'), 'trex');
  const x = new Cursor(buffer, trexBox.body + 4, trexBox.end);
  x.u32();
  x.u32();
  const trex = { duration: x.u32(), size: x.u32(), flags: x.u32() };
  return { timescale, handler, trex, types: top.map((box) => box.type) };
}
