// A publisher that sends given messages over RTMP at the speed of their stamps: for what
// ffmpeg cannot send. The simple handshake, chunks of 64 KB, and no more than it needs.
import { connect } from 'node:net';

const CHUNK = 65536;
const COMMAND = 20;
const START_MS = 10000;

function amf(value) {
  if (value === null) return Buffer.from([5]);
  if (typeof value === 'boolean') return Buffer.from([1, value ? 1 : 0]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  const text = (words) => Buffer.concat([Buffer.from([words.length >> 8, words.length & 0xff]), Buffer.from(words, 'latin1')]);
  if (typeof value === 'string') return Buffer.concat([Buffer.from([2]), text(value)]);
  const entries = Object.entries(value).map(([name, inner]) => Buffer.concat([text(name), amf(inner)]));
  return Buffer.concat([Buffer.from([3]), ...entries, Buffer.from([0, 0, 9])]);
}

// One message in chunks: its head has the type 0, the others 3.
export function message(csid, type, stream, stamp, body) {
  const far = stamp >= 0xffffff;
  const head = Buffer.alloc(far ? 16 : 12);
  head[0] = csid;
  head.writeUIntBE(far ? 0xffffff : stamp, 1, 3);
  head.writeUIntBE(body.length, 4, 3);
  head[7] = type;
  head.writeUInt32LE(stream, 8);
  if (far) head.writeUInt32BE(stamp, 12);
  const next = Buffer.alloc(far ? 5 : 1);
  next[0] = 0xc0 | csid;
  if (far) next.writeUInt32BE(stamp, 1);
  const parts = [head, body.subarray(0, CHUNK)];
  for (let at = CHUNK; at < body.length; at += CHUNK) parts.push(next, body.subarray(at, at + CHUNK));
  return Buffer.concat(parts);
}

const command = (stream, ...values) => message(3, COMMAND, stream, 0, Buffer.concat(values.map(amf)));

export class Sender {
  constructor(url) {
    const { hostname, port, pathname } = new URL(url);
    const [, app, key] = /^\/([^/]*)\/(.*)$/.exec(pathname);
    Object.assign(this, { hostname, port: Number(port), app, key, url, heard: Buffer.alloc(0), closed: false });
  }

  // Until `words` are heard: statuses come in plain text.
  async hear(words, withinMs = START_MS) {
    const until = Date.now() + withinMs;
    while (!this.heard.includes(words)) {
      if (this.closed) throw new Error(`the server closed before ${words}`);
      if (Date.now() > until) throw new Error(`nothing heard of ${words}`);
      await new Promise((resolve) => { setTimeout(resolve, 5); });
    }
  }

  async start() {
    this.socket = connect(this.port, this.hostname);
    this.socket.setNoDelay(true);
    this.socket.on('data', (bytes) => { this.heard = Buffer.concat([this.heard, bytes]); });
    this.socket.on('error', () => {});
    this.gone = new Promise((resolve) => {
      this.socket.on('close', () => { this.closed = true; resolve(); });
    });
    const c1 = Buffer.alloc(1536);
    this.socket.write(Buffer.concat([Buffer.from([3]), c1]));
    while (this.heard.length < 1 + 2 * 1536) {
      if (this.closed) throw new Error('no handshake');
      await new Promise((resolve) => { setTimeout(resolve, 2); });
    }
    const size = Buffer.alloc(4);
    size.writeUInt32BE(CHUNK);
    this.socket.write(Buffer.concat([this.heard.subarray(1, 1537), message(2, 1, 0, 0, size),
      command(0, 'connect', 1, { app: this.app, type: 'nonprivate', flashVer: 'FMLE/3.0 (tests)', tcUrl: `rtmp://${this.hostname}:${this.port}/${this.app}` }),
      command(0, 'createStream', 2, null)]));
    await this.hear('NetConnection.Connect.Success');
    this.socket.write(command(1, 'publish', 3, null, this.key, 'live'));
    await this.hear('NetStream.Publish.Start');
    return this;
  }

  put({ type, stamp, body }) {
    this.socket.write(message(type === 9 ? 6 : 4, type, 1, stamp, body));
  }

  // At the speed of their stamps; false when the server has closed meanwhile.
  async send(tags) {
    const began = Date.now();
    this.base ??= tags[0]?.stamp ?? 0;
    const base = tags[0]?.stamp ?? 0;
    for (const tag of tags) {
      const wait = tag.stamp - base - (Date.now() - began);
      if (wait > 4) await new Promise((resolve) => { setTimeout(resolve, wait); });
      if (this.closed) return false;
      this.put(tag);
    }
    return true;
  }

  async stop() {
    if (this.closed) return;
    this.socket.write(Buffer.concat([command(0, 'FCUnpublish', 4, null, this.key), command(0, 'deleteStream', 5, null, 1)]));
    this.socket.end();
    await this.gone;
  }
}

// Connects, publishes and sends; gone when the test is over.
export async function send(t, url, tags) {
  const sender = await new Sender(url).start();
  t.after(() => sender.socket.destroy());
  sender.done = sender.send(tags).finally(() => { sender.over = true; });
  return sender;
}
