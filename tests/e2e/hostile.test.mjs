// Peers that want memory: what they announce is not theirs until it has come.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'node:test';
import { announceOnEveryStream } from './kit/hostile.mjs';
import { fetchText } from './kit/playlist.mjs';
import { knock } from './kit/rtmp.mjs';
import { startServer } from './kit/server.mjs';

const PEERS = 32;
const MIB = 1024; // KiB

const residentKib = (pid) => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

async function publishers(t, server, prefix) {
  const knockers = [];
  for (let i = 0; i < PEERS; i++) {
    const show = await server.api.show({ id: `${prefix}-${i}` });
    const knocker = knock(t, server.rtmpPort, show.stream_key);
    assert.ok((await knocker.answered).started);
    knockers.push(knocker);
  }
  return knockers;
}

test('64 chunk streams that announce 8 MiB each cost a connection less than 1 MiB', { timeout: 60000 }, async (t) => {
  const server = await startServer(t);
  for (const knocker of await publishers(t, server, 'warm')) await knocker.leave();
  const knockers = await publishers(t, server, 'hostile');
  const before = residentKib(server.child.pid);
  for (const knocker of knockers) announceOnEveryStream(knocker.socket);
  await sleep(1000);
  const grown = (residentKib(server.child.pid) - before) / PEERS;
  t.diagnostic(`${grown.toFixed(0)} KiB for each connection`);
  assert.ok(knockers.every((knocker) => !knocker.socket.destroyed), 'one was cut: nothing was measured');
  assert.ok(grown < MIB, `${grown} KiB`);
});

test('16 MB announced is more than a message may have, and ends the connection', { timeout: 60000 }, async (t) => {
  const server = await startServer(t);
  const show = await server.api.show({ id: 'greedy' });
  const knocker = knock(t, server.rtmpPort, show.stream_key);
  assert.ok((await knocker.answered).started);
  announceOnEveryStream(knocker.socket, 0xffffff);
  await knocker.closed;
  assert.equal((await fetchText(`${server.admin}/healthz`)).status, 200);
});
