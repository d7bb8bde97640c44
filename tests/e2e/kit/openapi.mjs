// Holds docs/openapi.yaml against what a server answers: observe() each call, then ask which
// answers were not as documented and which documented ones never came.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parse } from 'yaml';

const Ajv = createRequire(import.meta.url)('ajv');
const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

export class OpenApi {
  constructor(file) {
    this.doc = parse(readFileSync(file, 'utf8'), { merge: true });
    this.ajv = new Ajv({ strict: false, allErrors: true });
    this.ajv.addSchema({ $id: 'doc', ...this.doc });
    this.operations = [];
    for (const [path, item] of Object.entries(this.doc.paths))
      for (const method of METHODS)
        if (item[method]) this.operations.push(this.operation(method.toUpperCase(), path, item[method]));
    // "index" before "{rendition}": the most literal template wins.
    this.operations.sort((a, b) => (a.path.match(/\{/g) ?? []).length - (b.path.match(/\{/g) ?? []).length);
    this.faults = [];
    this.seen = new Set();
  }

  operation(method, path, operation) {
    const pattern = path.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]+');
    const responses = new Map(Object.entries(operation.responses).map(([status, response]) =>
      [Number(status), this.resolve(response)]));
    return { method, path, match: new RegExp(`^${pattern}$`), responses };
  }

  resolve(node) {
    if (!node?.$ref) return node;
    return node.$ref.slice(2).split('/').reduce((at, name) => at[name], this.doc);
  }

  validate(schema, value) {
    const absolute = JSON.parse(JSON.stringify(schema), (key, part) =>
      (key === '$ref' && typeof part === 'string' ? part.replace(/^#/, 'doc#') : part));
    const check = this.ajv.compile(absolute);
    return check(value) ? null : this.ajv.errorsText(check.errors);
  }

  observe(method, path, answer) {
    const bare = path.replace(/\?.*/, '');
    const operation = this.operations.find((one) => one.method === method && one.match.test(bare));
    const fault = (words) => this.faults.push(`${method} ${path} ${answer.status}: ${words}`);
    if (!operation) return; // a path or method that is refused as such: 404, 405
    const response = operation.responses.get(answer.status);
    this.seen.add(`${method} ${operation.path} ${answer.status}`);
    if (!response) {
      fault('is not documented');
      return;
    }
    const type = (answer.headers.get('content-type') ?? '').split(';')[0].trim();
    if (!response.content) {
      if (answer.body) fault('has a body');
      return;
    }
    const content = response.content[type];
    if (!content) fault(`has type "${type}"`);
    else if (/json/.test(type)) {
      const words = this.validate(content.schema, answer.body);
      if (words) fault(words);
    }
  }

  unseen() {
    return this.operations.flatMap(({ method, path, responses }) =>
      [...responses.keys()].map((status) => `${method} ${path} ${status}`)).filter((name) => !this.seen.has(name));
  }
}
