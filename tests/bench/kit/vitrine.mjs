// The program on free ports, with shows to publish to.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server } from '../../e2e/kit/server.mjs';
import { sleep } from './machine.mjs';
import { FOLDER, tool } from './programs.mjs';

const LIVE_MS = 15000;

// Runs fn(server) on a fresh server; its folder and everything it holds goes afterwards.
export async function withServer(name, env, fn) {
  const dir = mkdtempSync(join(FOLDER, 'server-'));
  const server = new Server(`bench-${name}`, dir);
  try {
    await server.start({ VITRINE_LOG_LEVEL: 'info', ...env });
    return await fn(server, server.child.pid);
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

// n shows b0, b1, …; the file of their stream keys, one a line.
export async function makeShows(server, n) {
  const keys = [];
  for (let i = 0; i < n; i += 1)
    keys.push((await server.api.post('/api/shows', { id: `b${i}`, title: `Bench ${i}` })).stream_key);
  const path = join(server.dir, 'keys');
  writeFileSync(path, `${keys.join('\n')}\n`, { mode: 0o600 });
  return path;
}

export function publish(server, file, keys, ...options) {
  return tool('publishers', server.rtmp, file, '--keys', keys, ...options);
}

// Until the show's playlist is there.
export async function untilLive(server, id, program) {
  const until = Date.now() + LIVE_MS;
  for (;;) {
    const answer = await fetch(server.url(`/live/${id}/video.m3u8`));
    const playlist = await answer.text();
    if (answer.status === 200) return playlist;
    if (program.code !== undefined) throw new Error(`the publishers have ended:\n${program.text}`);
    if (Date.now() > until) throw new Error(`${id} does not come on air`);
    await sleep(100);
  }
}

export async function metric(server, name) {
  const all = await (await fetch(`${server.admin}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(all)[1]);
}
