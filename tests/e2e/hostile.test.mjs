// Peers that want memory: what they announce is not theirs until it has come.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'node:test';
import { ANNOUNCED, announceOnEveryStream } from './kit/hostile.mjs';
import { fetchBytes, fetchText, firstPlaylist } from './kit/playlist.mjs';
import { sourceFile } from './kit/publisher.mjs';
import { RtmpClient, flvTags, message } from './kit/rtmp.mjs';
import { startServer } from './kit/server.mjs';
import { until } from './kit/wait.mjs';

const PEERS = 32;
const MIB = 1024; // KiB

const residentKib = (pid) => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

const metric = async (server, name) => Number(new RegExp(`^vitrine_${name} (\\d+)$`, 'm').exec((await fetchText(`${server.admin}/metrics`)).text)?.[1]);
const received = (server) => metric(server, 'rtmp_bytes_total');

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

// As much as a message may have by default, and as much as RTMP has room for.
const LENGTHS = [['8 MiB', ANNOUNCED, {}], ['16 MB', 0xffffff, { VITRINE_RTMP_MEDIA_MESSAGE: '16MiB' }]];

for (const [words, length, environment] of LENGTHS) test(`64 chunk streams that announce ${words} each cost a connection less than 1 MiB`, { timeout: 60000 }, async (t) => {
  const server = await startServer(t, environment);
  for (const client of await publishers(t, server, 'warm')) client.kill();
  const clients = await publishers(t, server, 'hostile');
  const before = residentKib(server.child.pid);
  const start = await received(server);
  let sent = 0;
  for (const client of clients) sent += announceOnEveryStream(client.socket, length);
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

// A key frame with a filler NAL unit behind its picture (H.264 7.3.2.7), so that the message
// has this many bytes.
function inflate(tag, length) {
  const nal = Buffer.alloc(length - tag.body.length, 0xff);
  nal.writeUInt32BE(nal.length - 4, 0);
  nal[4] = 12;
  nal[nal.length - 1] = 0x80;
  return { ...tag, body: Buffer.concat([tag.body, nal]) };
}

test('the longest message that RTMP has is taken when it may come, and is shown', { timeout: 60000 }, async (t) => {
  const server = await startServer(t, { VITRINE_RTMP_MEDIA_MESSAGE: '16MiB' });
  const client = await publisher(t, server, 'large');
  const tags = flvTags(readFileSync(await sourceFile({ seconds: 12 }))).filter((tag) => tag.type !== 18);
  const keys = tags.filter((tag) => tag.type === 9 && tag.body[0] === 0x17 && tag.body[1] === 1);
  for (const tag of tags.filter(({ stamp }) => stamp < 8000)) {
    const { stamp, body } = tag === keys[1] ? inflate(tag, 0xffffff) : tag;
    await (tag.type === 9 ? client.video(stamp, body) : client.audio(stamp, body));
  }
  await firstPlaylist(server.url('/live/large/video.m3u8'));
  const playlist = await until('the segment with the large picture', async () => {
    const { text } = await fetchText(server.url('/live/large/video.m3u8'));
    return /video-2\.m4s/.test(text) && text;
  });
  assert.doesNotMatch(playlist, /GAP/, 'a picture was lost');
  const uri = /URI="(\w+\/video-2\.0\.m4s)"/.exec(playlist)[1];
  const part = await fetchBytes(server.url(`/live/large/${uri}`));
  assert.ok(part.bytes.length > 0xffffff, `${part.bytes.length} bytes`);
  assert.equal(client.over, undefined, 'the publisher was cut off');
});

// How a connection is driven into a limit once it is let in (or before), with what is set.
const DRIVEN = [
  ['media_message', { VITRINE_RTMP_MEDIA_MESSAGE: '256KiB' }, (client) => client.write(message({ csid: 6, type: 9, stream: 1, body: Buffer.from([0x17]), announced: 256 * 1024 + 1 }))],
  ['command_message', { VITRINE_RTMP_COMMAND_MESSAGE: '16KiB' }, (client) => client.write(message({ csid: 4, type: 18, stream: 1, body: Buffer.from([2]), announced: 16 * 1024 + 1 }))],
  ['chunk_streams', { VITRINE_RTMP_CHUNK_STREAMS: '16' }, (client) => announceOnEveryStream(client.socket, 1000)],
  ['first_media', { VITRINE_RTMP_FIRST_MEDIA: '3s' }, () => {}],
];

test('a connection that is driven into a limit ends, and its counter counts it', { timeout: 60000 }, async (t) => {
  await Promise.all(DRIVEN.map(async ([name, environment, drive]) => {
    const server = await startServer(t, environment);
    const client = await publisher(t, server, 'driven');
    assert.equal(await metric(server, `rtmp_limit_${name}_total`), 0, name);
    await drive(client);
    await client.closed;
    assert.equal(await metric(server, `rtmp_limit_${name}_total`), 1, name);
    await until(`${name} in the log`, () => /publisher broken off: .* \(session \w+, \d+ s, \d+ bytes\)/.test(server.log));
  }));
});
