// The control API as a script would use it.
import { noteAnswer, noteSecrets } from './secrets.mjs';

export class ApiError extends Error {
  constructor(method, path, status, problem) {
    super(`${method} ${path}: ${status} ${JSON.stringify(problem)}`);
    this.status = status;
    this.problem = problem;
  }
}

export class Api {
  constructor(base, token) {
    this.base = base;
    this.token = token;
    if (token) noteSecrets({ token });
  }

  as(token) {
    return new Api(this.base, token);
  }

  // The answer as it came: { status, headers, body }, body parsed when it is JSON.
  async call(method, path, body, headers = {}) {
    const response = await fetch(this.base + path, {
      method,
      headers: {
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '');
    const parsed = json && text ? JSON.parse(text) : text;
    if (!noteSecrets(parsed)) noteAnswer(text);
    return { status: response.status, headers: response.headers, body: parsed };
  }

  // The body of a success; anything else is thrown.
  async do(method, path, body, headers) {
    const answer = await this.call(method, path, body, headers);
    if (answer.status >= 300) throw new ApiError(method, path, answer.status, answer.body);
    return answer.body;
  }

  get(path) { return this.do('GET', path); }
  post(path, body, headers) { return this.do('POST', path, body ?? {}, headers); }
  put(path, body) { return this.do('PUT', path, body); }
  patch(path, body) { return this.do('PATCH', path, body); }
  delete(path) { return this.do('DELETE', path); }

  show(fields = {}) {
    return this.post('/api/shows', { title: 'A show', host: 'Ada', ...fields });
  }

  product(sku, fields = {}) {
    return this.put(`/api/products/${sku}`, {
      title: `Product ${sku}`, url: `https://shop.example/p/${sku}`, price_minor: 2800, currency: 'EUR', stock: 12, ...fields,
    });
  }

  pin(show, sku, fields = {}) {
    return this.post(`/api/shows/${show}/cues`, { k: 'show', sku, at: 'now', ...fields });
  }
}
