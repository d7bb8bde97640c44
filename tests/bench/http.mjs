// HTTP from memory over keep-alive connections, at a fixed rate; nginx serves the same
// bytes from files.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withServer, makeShows, publish, untilLive } from './kit/vitrine.mjs';
import { heavyStream } from './kit/media.mjs';
import { cpuMs, cpuRate, sleep } from './kit/machine.mjs';
import { line, tool } from './kit/programs.mjs';
import { withRival } from './kit/rival.mjs';

export const title = 'HTTP from memory, one worker';

async function load(pid, address, path, { rate, connections, seconds, idle = 0 }) {
  const begin = process.hrtime.bigint();
  const before = cpuMs(pid);
  const output = await tool('requests', address, path, '--rate', rate, '--connections', connections, '--seconds', seconds).result();
  const spentMs = cpuMs(pid) - before - idle * Number(process.hrtime.bigint() - begin) / 1e9;
  const { n, p99_us: p99 } = line(output, 'requests');
  return { cpuUs: spentMs * 1000 / n, p99 };
}

// The newest complete segment.
function segmentOf(playlist) {
  const names = playlist.split('\n').filter((row) => row && !row.startsWith('#'));
  return `/live/b0/${names.at(-1)}`;
}

export async function run({ smoke }) {
  const file = await heavyStream();
  const seconds = smoke ? 1 : 6;
  const small = { rate: smoke ? 500 : 5000, connections: 32, seconds };
  const large = { rate: smoke ? 20 : 300, connections: 8, seconds };
  const mine = await withServer('http', { VITRINE_WORKERS: '1' }, async (server, pid) => {
    const publisher = publish(server, file, await makeShows(server, 1), '--seconds', 60);
    await untilLive(server, 'b0', publisher);
    await sleep(smoke ? 2500 : 12000); // until the window is full
    const address = server.http.replace('http://', '');
    const idle = await cpuRate(pid, smoke ? 500 : 3000);
    const path = '/live/b0/video.m3u8?_HLS_skip=YES';
    const playlist = await (await fetch(server.url(path))).text();
    const playlistLoad = await load(pid, address, path, { ...small, idle });
    const segment = segmentOf(await (await fetch(server.url('/live/b0/video.m3u8'))).text());
    await publisher.stop(); // the show's media stays for ten minutes
    await sleep(500);
    const bytes = Buffer.from(await (await fetch(server.url(segment))).arrayBuffer());
    const segmentLoad = await load(pid, address, segment, large);
    return { playlist, playlistLoad, bytes, segmentLoad };
  });
  const rival = await withRival(async (nginx) => {
    writeFileSync(join(nginx.www, 'video.m3u8'), mine.playlist);
    writeFileSync(join(nginx.www, 'video.m4s'), mine.bytes);
    return {
      playlist: await load(nginx.pid, nginx.http, '/video.m3u8', small),
      segment: await load(nginx.pid, nginx.http, '/video.m4s', large),
    };
  });
  const kB = (content) => (content.length / 1000).toFixed(1);
  return [
    { what: `playlist of ${kB(mine.playlist)} kB, CPU per request`, unit: 'µs', ours: mine.playlistLoad.cpuUs, rival: rival?.playlist.cpuUs, budget: 10 },
    { what: 'the same, p99 of the first byte', unit: 'µs', ours: mine.playlistLoad.p99, rival: rival?.playlist.p99 },
    { what: `segment of ${kB(mine.bytes)} kB, CPU per request`, unit: 'µs', ours: mine.segmentLoad.cpuUs, rival: rival?.segment.cpuUs, budget: 120 },
    { what: 'the same, p99 of the first byte', unit: 'µs', ours: mine.segmentLoad.p99, rival: rival?.segment.p99 },
  ];
}
