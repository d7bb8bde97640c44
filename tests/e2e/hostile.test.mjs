// Peers that want memory: what they announce is not theirs until it has come.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'node:test';
import { announceOnEveryStream } from './kit/hostile.mjs';
import { fetchText } from './kit/playlist.mjs';
import { RtmpClient } from './kit/rtmp.mjs';
import { startServer } from './kit/server.mjs';

const PEERS = 32;
const MIB = 1024; // KiB

const residentKib = (pid) => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

const received = async (server) => Number(/^vitrine_rtmp_bytes_total (\d+)$/m.exec((await fetchText(`${server.admin}/metrics`)).text)?.[1]);

// All that was sent has been read and dealt with.
async function settled(server, bytes) {
  while (await received(server) < bytes) await sleep(20);
}

async function publisher(t, server, id, more) {
  const show = await server.api.show({ id });
  const client = new RtmpClient(server.rtmpPort);
  t.after(() => client.kill());
  await client.publish(show.stream_key, 'live', more);
  return client;
}

async function publishers(t, server, prefix) {
  const clients = [];
  for (let i = 0; i < PEERS; i++) clients.push(await publisher(t, server, `${prefix}-${i}`));
  return clients;
}

test('64 chunk streams that announce 8 MiB each cost a connection less than 1 MiB', { timeout: 60000 }, async (t) => {
  const server = await startServer(t);
  for (const client of await publishers(t, server, 'warm')) client.kill();
  const clients = await publishers(t, server, 'hostile');
  const before = residentKib(server.child.pid);
  const start = await received(server);
  let sent = 0;
  for (const client of clients) sent += announceOnEveryStream(client.socket);
  await settled(server, start + sent);
  const grown = (residentKib(server.child.pid) - before) / PEERS;
  t.diagnostic(`${grown.toFixed(0)} KiB for each connection`);
  assert.ok(clients.every((client) => !client.over), 'one was cut: nothing was measured');
  assert.ok(grown < MIB, `${grown} KiB`);
});

test('16 MB announced is more than a message may have, and ends the connection', { timeout: 60000 }, async (t) => {
  const server = await startServer(t);
  const client = await publisher(t, server, 'greedy');
  announceOnEveryStream(client.socket, 0xffffff);
  await client.closed;
  assert.equal((await fetchText(`${server.admin}/healthz`)).status, 200);
});
