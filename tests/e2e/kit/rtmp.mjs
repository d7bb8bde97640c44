// A publisher that asks and sends nothing: handshake, connect, createStream, publish, each
// when the one before is answered (Adobe's RTMP 1.0). For tests that need many of them,
// quickly.
import { connect } from 'node:net';

const text = (value) => Buffer.concat([Buffer.from([2, value.length >> 8, value.length & 255]), Buffer.from(value)]);
const number = (value) => { const out = Buffer.alloc(9); out.writeDoubleBE(value, 1); return out; };
const NULL = Buffer.from([5]);

function object(fields) {
  const parts = Object.entries(fields).map(([name, value]) => Buffer.concat([text(name).subarray(1), text(value)]));
  return Buffer.concat([Buffer.from([3]), ...parts, Buffer.from([0, 0, 9])]);
}

// One message in chunks of 128 bytes.
function command(stream, ...values) {
  const body = Buffer.concat(values);
  const header = Buffer.alloc(12);
  header[0] = 3;
  header.writeUIntBE(body.length, 4, 3);
  header[7] = 20;
  header.writeUInt32LE(stream, 8);
  const chunks = [header, body.subarray(0, 128)];
  for (let at = 128; at < body.length; at += 128) chunks.push(Buffer.from([0xc3]), body.subarray(at, at + 128));
  return Buffer.concat(chunks);
}

export class Knocker {
  constructor(port, key) {
    this.key = key;
    this.text = ''; // all that the server has said
    this.length = 0;
    this.step = 0;
    this.socket = connect(port, '127.0.0.1');
    this.startedAt = performance.now();
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => { this.socket.on('close', resolve); });
    this.answered = new Promise((resolve) => {
      this.socket.on('data', (chunk) => this.take(chunk, resolve));
      this.socket.on('close', () => resolve({ started: false, ms: performance.now() - this.startedAt, text: this.text }));
    });
    const c0c1 = Buffer.alloc(1537);
    c0c1[0] = 3;
    this.socket.write(c0c1);
  }

  take(chunk, resolve) {
    this.length += chunk.length;
    this.text += chunk.toString('latin1');
    if (this.step === 0 && this.length >= 3073) {
      this.step = 1;
      this.socket.write(Buffer.alloc(1536));
      this.socket.write(command(0, text('connect'), number(1), object({ app: 'live', type: 'nonprivate', flashVer: 'Knocker', tcUrl: 'rtmp://127.0.0.1/live' })));
    }
    if (this.step === 1 && this.text.includes('NetConnection.Connect.Success')) {
      this.step = 2;
      this.socket.write(command(0, text('createStream'), number(2), NULL));
      this.socket.write(command(1, text('publish'), number(3), NULL, text(this.key), text('live')));
    }
    if (this.text.includes('NetStream.Publish.Start')) resolve({ started: true, ms: performance.now() - this.startedAt, text: this.text });
    else if (this.text.includes('NetStream.Publish.BadName')) resolve({ started: false, ms: performance.now() - this.startedAt, text: this.text });
  }

  leave() {
    this.socket.destroy();
    return this.closed;
  }
}

// A knocker that is gone when the test is over.
export function knock(t, port, key) {
  const knocker = new Knocker(port, key);
  t.after(() => knocker.leave());
  return knocker;
}
