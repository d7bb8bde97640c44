// A small RTMP publisher for what no real encoder does on request: broken dialogues, other
// codecs' tags, many connections. (Adobe "RTMP specification" 1.0.)
import { once } from 'node:events';
import { connect } from 'node:net';
import { noteAnswer } from './secrets.mjs';

const CHUNK_SIZE = 65536;

function amfValue(value) {
  if (value === null) return Buffer.from([5]);
  if (typeof value === 'number') {
    const out = Buffer.alloc(9);
    out.writeDoubleBE(value, 1);
    return out;
  }
  if (typeof value === 'boolean') return Buffer.from([1, value ? 1 : 0]);
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    const out = Buffer.alloc(3);
    out[0] = 2;
    out.writeUInt16BE(text.length, 1);
    return Buffer.concat([out, text]);
  }
  if (Array.isArray(value)) {
    const out = Buffer.alloc(5);
    out[0] = 10;
    out.writeUInt32BE(value.length, 1);
    return Buffer.concat([out, ...value.map(amfValue)]);
  }
  const fields = Object.entries(value).map(([name, field]) => Buffer.concat([amfValue(name).subarray(1), amfValue(field)]));
  return Buffer.concat([Buffer.from([3]), ...fields, Buffer.from([0, 0, 9])]);
}

export const amf = (...values) => Buffer.concat(values.map(amfValue));

// One message as chunks of a stream: a full header, then short ones.
export function message({ csid, type, stream = 0, stamp = 0, body, chunkSize = CHUNK_SIZE, announced = body.length }) {
  const extended = stamp >= 0xffffff;
  const head = Buffer.alloc(12 + (extended ? 4 : 0));
  head[0] = csid;
  head.writeUIntBE(extended ? 0xffffff : stamp, 1, 3);
  head.writeUIntBE(announced, 4, 3);
  head[7] = type;
  head.writeUInt32LE(stream, 8);
  if (extended) head.writeUInt32BE(stamp, 12);
  const out = [head];
  for (let at = 0; at < body.length; at += chunkSize) {
    if (at > 0) {
      const more = Buffer.alloc(1 + (extended ? 4 : 0));
      more[0] = 0xc0 | csid;
      if (extended) more.writeUInt32BE(stamp, 1);
      out.push(more);
    }
    out.push(body.subarray(at, at + chunkSize));
  }
  return Buffer.concat(out);
}

export class RtmpClient {
  constructor(port, host = '127.0.0.1') {
    this.socket = connect({ port, host, noDelay: true });
    this.received = Buffer.alloc(0);
    this.socket.on('data', (chunk) => { this.received = Buffer.concat([this.received, chunk]); this.wake?.(); });
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => { this.socket.on('close', () => { this.over = true; if (this.received.includes('error')) noteAnswer(this.received.toString('latin1')); this.wake?.(); resolve(); }); });
  }

  // True once what came satisfies fn, false when the peer has closed before.
  async until(fn) {
    for (;;) {
      if (fn(this.received)) return true;
      if (this.over) return false;
      await new Promise((resolve) => { this.wake = resolve; });
    }
  }

  holds(text) { return this.until((bytes) => bytes.includes(text)); }

  write(bytes) { return new Promise((resolve) => { this.socket.write(bytes, () => resolve()); }); }

  async handshake() {
    await Promise.race([once(this.socket, 'connect').catch(() => {}), this.closed]);
    const c1 = Buffer.alloc(1536, 7);
    c1.writeUInt32BE(0, 0);
    c1.writeUInt32BE(0, 4);
    await this.write(Buffer.concat([Buffer.from([3]), c1]));
    if (!await this.until((bytes) => bytes.length >= 3073)) throw new Error('no handshake');
    await this.write(this.received.subarray(1, 1537));
    this.received = this.received.subarray(3073);
  }

  async connect(app = 'live', more = {}) {
    await this.write(Buffer.concat([
      message({ csid: 2, type: 1, body: Buffer.from([0, 1, 0, 0]) }),
      message({ csid: 3, type: 20, body: amf('connect', 1, { app, type: 'nonprivate', flashVer: 'FMLE/3.0 (compatible; FMSc/1.0)', tcUrl: `rtmp://127.0.0.1/${app}`, ...more }) }),
    ]));
    return this.holds('NetConnection.Connect.Success');
  }

  askToPublish(key) {
    return this.write(Buffer.concat([
      message({ csid: 3, type: 20, body: amf('releaseStream', 2, null, key) }),
      message({ csid: 3, type: 20, body: amf('FCPublish', 3, null, key) }),
      message({ csid: 3, type: 20, body: amf('createStream', 4, null) }),
      message({ csid: 4, type: 20, stream: 1, body: amf('publish', 5, null, key, 'live') }),
    ]));
  }

  // The answer to publish; onFCPublish, which comes before it, has the same code.
  async isLetIn() {
    await this.holds('onStatus');
    return this.received.includes('NetStream.Publish.Start', Math.max(0, this.received.indexOf('onStatus')));
  }

  // From nothing to Publish.Start; throws with what the server said instead.
  async publish(key, app, more) {
    await this.handshake();
    if (!await this.connect(app, more)) throw new Error('connect was not answered');
    await this.askToPublish(key);
    if (!await this.isLetIn()) throw new Error(this.sentence() ?? 'closed without a word');
  }

  // What onStatus said to a human, if it said anything.
  sentence() {
    const at = this.received.lastIndexOf('description');
    if (at < 0) return undefined;
    const len = this.received.readUInt16BE(at + 12);
    return this.received.toString('utf8', at + 14, at + 14 + len);
  }

  metadata(fields) { return this.write(message({ csid: 4, type: 18, stream: 1, body: amf('@setDataFrame', 'onMetaData', fields) })); }
  video(stamp, body) { return this.write(message({ csid: 6, type: 9, stream: 1, stamp, body })); }
  audio(stamp, body) { return this.write(message({ csid: 4, type: 8, stream: 1, stamp, body })); }
  kill() { this.socket.resetAndDestroy(); }
}

// The tags of an FLV file: [{ type, stamp, body }].
export function flvTags(bytes) {
  const tags = [];
  for (let at = 9 + 4; at + 11 <= bytes.length;) {
    const size = bytes.readUIntBE(at + 1, 3);
    const stamp = (bytes[at + 7] << 24 | bytes.readUIntBE(at + 4, 3)) >>> 0;
    tags.push({ type: bytes[at], stamp, body: bytes.subarray(at + 11, at + 11 + size) });
    at += 11 + size + 4;
  }
  return tags;
}

// One that asks and sends nothing: what it was told, and how long it took.
class Knocker {
  constructor(port, key) {
    this.client = new RtmpClient(port);
    this.answered = this.ask(key, performance.now());
  }

  async ask(key, since) {
    let started = true;
    await this.client.publish(key).catch(() => { started = false; });
    return { started, ms: performance.now() - since, text: this.client.received.toString('latin1') };
  }

  leave() {
    this.client.socket.destroy();
    return this.client.closed;
  }
}

// It is gone when the test is over.
export function knock(t, port, key) {
  const knocker = new Knocker(port, key);
  t.after(() => knocker.leave());
  return knocker;
}
