// Many viewers of one show who all wait for the same part, on one loop.
import { withServer, makeShows, publish, untilLive } from './kit/vitrine.mjs';
import { stream } from './kit/media.mjs';
import { partFrames, wakesOf } from './kit/wakes.mjs';
import { percentile, sorted } from './kit/figures.mjs';
import { cpuMs, cpuRate, openFilesMax, rssMB, sleep } from './kit/machine.mjs';
import { tool } from './kit/programs.mjs';

export const title = 'held reload to first byte, one worker';
const BUDGETS_MS = { 1: 5, 1000: 20, 5000: 60 };

async function measure(n, seconds, settleMs, file) {
  return withServer(`reload-${n}`, { VITRINE_WORKERS: '1' }, async (server, pid) => {
    const publisher = publish(server, file, await makeShows(server, 1), '--seconds', seconds + 60, '--mark');
    const playlist = await untilLive(server, 'b0', publisher);
    const idle = await cpuRate(pid, settleMs);
    const emptyMB = rssMB(pid);
    const waiters = tool('waiters', server.http.replace('http://', ''), '/live/b0/video.m3u8', '--count', n, '--seconds', seconds + settleMs / 1000);
    await sleep(settleMs); // until all are connected
    const begin = Date.now() * 1000;
    const before = cpuMs(pid);
    await sleep(seconds * 1000 - 1000);
    const spentMs = cpuMs(pid) - before - idle * (seconds - 1);
    const end = Date.now() * 1000;
    const waiterKB = (rssMB(pid) - emptyMB) * 1000 / n;
    const output = await waiters.result();
    const all = wakesOf(output, await publisher.stop(), partFrames(playlist));
    const wakes = all.filter((wake) => wake.first_us >= begin && wake.first_us < end);
    const short = wakes.find((wake) => wake.n !== n);
    if (short) throw new Error(`part ${short.msn}.${short.part} came to ${short.n} of ${n} waiters`);
    return { late: sorted(wakes.flatMap((wake) => wake.next)), wakeMs: spentMs / wakes.length, waiterKB };
  });
}

export async function run({ smoke }) {
  const file = await stream();
  const rows = [];
  for (const n of smoke ? [50] : [1, 1000, 5000]) {
    if (n + 300 > openFilesMax()) throw new Error(`${n} waiters need more open files: ulimit -n ${n + 300}`);
    const { late, wakeMs, waiterKB } = await measure(n, smoke ? 3 : 11, smoke ? 1000 : 2000, file);
    rows.push({ what: `${n} waiting, p50`, unit: 'ms', ours: percentile(late, 0.5) });
    rows.push({ what: `${n} waiting, p99`, unit: 'ms', ours: percentile(late, 0.99), budget: BUDGETS_MS[n] });
    rows.push({ what: `${n} waiting, max`, unit: 'ms', ours: late.at(-1) });
    if (n === 1) continue; // what publishing costs drowns it
    rows.push({ what: `${n} waiting, server CPU per part and waiter`, unit: 'µs', ours: wakeMs * 1000 / n });
    if (n > 1000) rows.push({ what: `${n} waiting, server RSS per waiter`, unit: 'kB', ours: waiterKB });
  }
  return rows;
}
