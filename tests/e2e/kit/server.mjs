// The real program on free ports in a folder of its own, and the addresses it listens on.
// Its log is kept in build/e2e, whether the test passes or not.
import { spawn } from 'node:child_process';
import { appendFileSync, createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Api } from './api.mjs';
import { putFirst } from './priority.mjs';
import { until } from './wait.mjs';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
export const KEPT = join(ROOT, 'build/e2e'); // logs, pages, pictures, recordings
const START_MS = 30000;
const STOP_MS = 30000;
const HURRY_MS = 100;

export function program() {
  const candidates = [process.env.VITRINE_PROGRAM, join(ROOT, 'build/release/vitrine'), join(ROOT, 'build/dev/vitrine')];
  const found = candidates.find((path) => path && existsSync(path));
  if (!found) throw new Error('build/release/vitrine is not there: run ./dev build first');
  return found;
}

// The environment without what the developer has set for a server of their own.
function cleanEnvironment(more) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('VITRINE_'));
  return { ...Object.fromEntries(kept), ...more };
}

export class Server {
  constructor(name, dir, file = program()) {
    this.name = name;
    this.dir = dir;
    this.file = file;
    this.text = '';
    this.exit = null; // { code, signal } once it has gone
  }

  get log() {
    return this.text;
  }

  url(path) {
    return `${this.http}${path}`;
  }

  // Starts, or starts again on the same folder and ports.
  async start(env = {}) {
    this.exit = null;
    this.startedAt = this.text.length;
    const ports = this.http ? {
      VITRINE_RTMP_LISTEN: `127.0.0.1:${this.rtmpPort}`,
      VITRINE_HTTP_LISTEN: `127.0.0.1:${this.httpPort}`,
      VITRINE_ADMIN_LISTEN: `127.0.0.1:${this.adminPort}`,
      ...(this.rtmpsPort ? { VITRINE_RTMPS_LISTEN: `127.0.0.1:${this.rtmpsPort}` } : {}),
    } : {
      VITRINE_RTMP_LISTEN: '127.0.0.1:0',
      VITRINE_HTTP_LISTEN: '127.0.0.1:0',
      VITRINE_ADMIN_LISTEN: '127.0.0.1:0',
    };
    this.child = putFirst(spawn(this.file, ['serve'], {
      cwd: this.dir,
      env: cleanEnvironment({ VITRINE_DATA_DIR: join(this.dir, 'data'), ...ports, ...env }),
      stdio: ['ignore', 'pipe', 'pipe'],
    }));
    mkdirSync(KEPT, { recursive: true });
    const kept = createWriteStream(join(KEPT, `${this.name}.log`), { flags: 'a' });
    const take = (chunk) => {
      this.text += chunk;
      kept.write(chunk);
    };
    this.child.stdout.setEncoding('utf8').on('data', take);
    this.child.stderr.setEncoding('utf8').on('data', take);
    this.gone = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        this.exit = { code, signal };
        kept.end();
        resolve(this.exit);
      });
    });
    await this.waitListening();
    return this;
  }

  async waitListening() {
    const end = Date.now() + START_MS;
    for (;;) {
      const lines = this.text.slice(this.startedAt);
      const port = (name) => Number(new RegExp(`listening .*\\b${name}=\\S*:(\\d+)\\s`).exec(lines)?.[1] ?? 0);
      if (port('rtmp') && port('http') && port('admin')) {
        this.rtmpPort = port('rtmp');
        this.httpPort = port('http');
        this.adminPort = port('admin');
        this.rtmpsPort = port('rtmps'); // 0: it was not asked for
        this.rtmps = this.rtmpsPort ? `rtmps://127.0.0.1:${this.rtmpsPort}/live` : null;
        this.rtmp = `rtmp://127.0.0.1:${this.rtmpPort}/live`;
        this.http = `http://127.0.0.1:${this.httpPort}`;
        this.admin = `http://127.0.0.1:${this.adminPort}`;
        const token = readFileSync(join(this.dir, 'data/api-token'), 'utf8').trim();
        this.api = new Api(this.http, token);
        return;
      }
      if (this.exit) throw new Error(`the server ended at once: ${JSON.stringify(this.exit)}\n${this.text}`);
      if (Date.now() > end) throw new Error(`the server does not listen:\n${this.text}`);
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
  }

  // What the private pages said last, beside the log: no secret may be in them either.
  async keepPages() {
    for (const page of ['metrics', 'stat']) {
      const answer = await fetch(`${this.admin}/${page}`, { signal: AbortSignal.timeout(2000) }).catch(() => null);
      if (answer) appendFileSync(join(KEPT, `${this.name}.${page}`), await answer.text().catch(() => ''));
    }
  }

  // SIGTERM, and how it ended.
  async stop(signal = 'SIGTERM') {
    if (this.exit) return this.exit;
    await this.keepPages();
    this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    const exit = await this.gone;
    clearTimeout(timer);
    return exit;
  }

  // How often the log has these words.
  said(words) {
    return this.text.split(words).length - 1;
  }

  // SIGUSR2: the process has become the next one, and listens.
  async handOver() {
    const before = this.said('listening admin=');
    this.child.kill('SIGUSR2');
    await until('the next process', () => this.said('listening admin=') > before || this.exit);
    if (this.exit) throw new Error(`the server ended at a hand-over:\n${this.text.slice(-2000)}`);
  }

  // The end of a test that does not judge ends: who is asked a second time waits for nobody.
  async leave() {
    if (this.exit) return;
    const hurry = setInterval(() => this.child.kill('SIGTERM'), HURRY_MS);
    const { signal } = await this.stop();
    clearInterval(hurry);
    if (signal) throw new Error(`the server ended by ${signal}:\n${this.text.slice(-2000)}`);
  }
}

// For one test: gone with its folder when the test is over.
export async function startServer(t, env = {}, file = program()) {
  const name = t.name.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 60);
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-e2e-'));
  const server = new Server(name, dir, file);
  t.after(async () => {
    await server.leave();
    rmSync(dir, { recursive: true, force: true });
  });
  return server.start(env);
}
