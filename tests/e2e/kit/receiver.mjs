// The shop's end of the hooks: takes what comes, and answers as the test wants it to.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

// As a receiver has to do it (standardwebhooks.com), written from the specification.
export function isSigned(headers, body, secret = SECRET) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const wanted = createHmac('sha256', key).update(content).digest();
  return (headers['webhook-signature'] ?? '').split(' ').some((one) => {
    const [version, text] = one.split(',');
    const got = Buffer.from(text ?? '', 'base64');
    return version === 'v1' && got.length === wanted.length && timingSafeEqual(got, wanted);
  });
}

export class Receiver {
  constructor() {
    this.requests = []; // { headers, body, json, id, type, data, path }
    this.answer = () => ({ status: 204 });
    this.server = createServer((request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => this.take(request, Buffer.concat(chunks).toString('utf8'), response));
    });
  }

  async take(request, body, response) {
    let json = null;
    try { json = JSON.parse(body); } catch { /* a form */ }
    const got = {
      headers: request.headers, body, json, path: request.url, id: request.headers['webhook-id'],
      type: json?.type ?? json?.action ?? new URLSearchParams(body).get('call'), data: json?.data,
    };
    this.requests.push(got);
    const { status = 200, body: reply = '', afterMs = 0, headers = {}, hang = false } = await this.answer(got);
    got.status = status;
    if (hang) return;
    if (afterMs) await sleep(afterMs);
    response.writeHead(status, headers);
    response.end(reply);
  }

  async listen(port = 0) {
    await new Promise((resolve) => { this.server.listen(port, '127.0.0.1', resolve); });
    this.port = this.server.address().port;
    return this;
  }

  url(path = '/hooks') {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  of(type) {
    return this.requests.filter((request) => request.type === type);
  }

  async until(words, truth, withinMs = 20000) {
    const end = Date.now() + withinMs;
    while (!truth(this)) {
      if (Date.now() > end) throw new Error(`${words}: ${JSON.stringify(this.requests.map((r) => [r.type, r.id, r.data ?? r.body]), null, 1)}`);
      await sleep(20);
    }
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((resolve) => { this.server.close(resolve); });
  }
}

export async function receive(t) {
  const receiver = await new Receiver().listen();
  t.after(() => receiver.close());
  return receiver;
}
