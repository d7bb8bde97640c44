// What publishing costs the server: CPU per second of stream, and memory. One worker each,
// here and there, because the generator needs a core, too; more of them are a row of their own.
import { withServer, makeShows, publish, metric } from './kit/vitrine.mjs';
import { stream } from './kit/media.mjs';
import { cpuRate, rssMB, sleep } from './kit/machine.mjs';
import { withRival } from './kit/rival.mjs';
import { tool } from './kit/programs.mjs';

export const title = 'publishing, 2.5 Mb/s 720p30 each, one worker';

async function ours(n, workers, settleMs, measureMs, file) {
  return withServer(`publishers-${n}`, { VITRINE_WORKERS: String(workers) }, async (server, pid) => {
    const keys = await makeShows(server, n);
    const emptyMB = rssMB(pid);
    const publishers = publish(server, file, keys, '--count', n, '--seconds', Math.ceil((settleMs + measureMs) / 1000) + 2);
    await sleep(settleMs);
    const rate = await cpuRate(pid, measureMs);
    const fullMB = rssMB(pid);
    const heldMB = await metric(server, 'vitrine_media_bytes') / 1e6 / n;
    await publishers.result();
    return { cpu: rate / n, streamMB: (fullMB - emptyMB) / n, emptyMB, fullMB, heldMB };
  });
}

async function theirs(n, settleMs, measureMs, file) {
  return withRival(async (nginx) => {
    const emptyMB = rssMB(nginx.pid);
    const publishers = tool('publishers', nginx.rtmp, file, '--count', n, '--seconds', Math.ceil((settleMs + measureMs) / 1000) + 1);
    await sleep(settleMs);
    const rate = await cpuRate(nginx.pid, measureMs);
    const streamMB = (rssMB(nginx.pid) - emptyMB) / n;
    await publishers.result();
    return { cpu: rate / n, streamMB };
  });
}

export async function run({ smoke }) {
  const file = await stream();
  const counts = smoke ? [2] : [1, 10, 50, 100];
  const compared = smoke ? [2] : [10, 100];
  const measureMs = smoke ? 1500 : 20000;
  const rows = [];
  for (const n of counts) {
    const last = n === counts.at(-1);
    // The last one runs until windows are full and what has left them is let go.
    const settleMs = smoke ? 3000 : last ? 40000 : 6000;
    const mine = await ours(n, 1, settleMs, measureMs, file);
    const rival = compared.includes(n) ? await theirs(n, smoke ? 500 : 6000, measureMs, file) : undefined;
    rows.push({ what: `${n} publishers: CPU per stream-second`, unit: 'ms', ours: mine.cpu, rival: rival?.cpu, budget: n === 100 ? 2.3 : undefined });
    if (!last) continue;
    rows.push({ what: `${n} publishers: server with empty shows, RSS`, unit: 'MB', ours: mine.emptyMB });
    rows.push({ what: `${n} publishers: server, RSS`, unit: 'MB', ours: mine.fullMB });
    rows.push({ what: 'each stream, RSS', unit: 'MB', ours: mine.streamMB, rival: rival?.streamMB });
    rows.push({ what: 'each stream, media held', unit: 'MB', ours: mine.heldMB });
    rows.push({ what: 'each stream, RSS beyond that', unit: 'MB', ours: mine.streamMB - mine.heldMB, budget: 1 });
  }
  if (!smoke) {
    const { cpu } = await ours(100, 2, 6000, measureMs, file);
    rows.push({ what: '100 publishers, two workers: CPU per stream-second', unit: 'ms', ours: cpu });
  }
  return rows;
}
