// Memory of ten publishers over time: flat once their windows are full.
import { withServer, makeShows, publish } from './kit/vitrine.mjs';
import { stream } from './kit/media.mjs';
import { rssMB, sleep } from './kit/machine.mjs';
import { slope } from './kit/figures.mjs';

export const title = 'memory over time, 10 publishers';
const PUBLISHERS = 10;

export async function run({ smoke, long }) {
  const file = await stream();
  const settleS = smoke ? 2 : 45;
  const seconds = smoke ? 2 : long ? 3600 : 300;
  return withServer('memory', {}, async (server, pid) => {
    const publishers = publish(server, file, await makeShows(server, PUBLISHERS), '--count', PUBLISHERS, '--seconds', settleS + seconds + 2);
    await sleep(settleS * 1000);
    const points = [];
    const stepS = seconds / 60;
    for (let i = 0; i <= 60; i += 1) {
      points.push([i * stepS / 60, rssMB(pid)]);
      if (i < 60) await sleep(stepS * 1000);
    }
    await publishers.stop();
    const values = points.map(([, mb]) => mb);
    return [
      { what: `RSS at the beginning, after ${settleS} s`, unit: 'MB', ours: values[0] },
      { what: `RSS at the end, ${seconds} s later`, unit: 'MB', ours: values.at(-1) },
      { what: 'highest', unit: 'MB', ours: Math.max(...values) },
      { what: 'slope', unit: 'MB/min', ours: slope(points), budget: 0 },
    ];
  });
}
