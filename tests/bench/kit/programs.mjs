// The load generators, and everything else that a bench starts: nothing outlives the run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../e2e/kit/server.mjs';

export { ROOT };
export const FOLDER = join(ROOT, 'build/bench');
mkdirSync(FOLDER, { recursive: true });

const running = new Set();

export class Program {
  constructor(path, args, options = {}) {
    this.name = `${path.split('/').pop()} ${args.join(' ')}`;
    this.text = '';
    this.child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    running.add(this.child);
    this.child.on('error', (error) => { this.text += error.message; });
    this.child.stdout.setEncoding('utf8').on('data', (chunk) => { this.text += chunk; });
    this.child.stderr.setEncoding('utf8').on('data', (chunk) => { this.text += chunk; });
    this.gone = once(this.child, 'close').then(([code]) => {
      running.delete(this.child);
      this.code = code;
      return code;
    });
  }

  get pid() { return this.child.pid; }

  // The text when it has ended well.
  async result() {
    const code = await this.gone;
    if (code !== 0) throw new Error(`${this.name} ended with ${code}:\n${this.text.slice(-2000)}`);
    return this.text;
  }

  // Ends it, if it has not ended by itself; what it has written.
  async stop() {
    if (this.code === undefined) this.child.kill('SIGTERM');
    await this.gone;
    return this.text;
  }
}

process.on('exit', () => { for (const child of running) child.kill('SIGKILL'); });

export function tool(name, ...args) {
  return new Program(join(ROOT, 'build/release', name), args.map(String));
}

// "name a=1 b=2" lines of a generator: { a: 1, b: 2 }, or nothing.
export function line(output, name) {
  const found = new RegExp(`^${name} (.*)$`, 'm').exec(output);
  if (!found) throw new Error(`no line "${name}" in:\n${output.slice(-2000)}`);
  return fields(found[1]);
}

export function fields(words) {
  return Object.fromEntries(words.split(' ').map((word) => word.split('=')).map(([key, value]) => [key, Number(value)]));
}
