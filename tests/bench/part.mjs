// From the writing of a frame to the part it closes, at a viewer who waits for it.
import { withServer, makeShows, publish, untilLive } from './kit/vitrine.mjs';
import { stream } from './kit/media.mjs';
import { partFrames, wakesOf } from './kit/wakes.mjs';
import { percentile, sorted } from './kit/figures.mjs';
import { tool } from './kit/programs.mjs';

export const title = 'frame to part, one viewer';

export async function run({ smoke }) {
  const file = await stream();
  // Less than one turn of the file, whose last group of pictures is shorter.
  const seconds = smoke ? 2 : 12;
  return withServer('part', {}, async (server) => {
    const publisher = publish(server, file, await makeShows(server, 1), '--seconds', seconds + 60, '--mark');
    const playlist = await untilLive(server, 'b0', publisher);
    const address = server.http.replace('http://', '');
    const ask = (...more) => tool('waiters', address, '/live/b0/video.m3u8', '--seconds', seconds, ...more).result();
    const [reloads, parts] = await Promise.all([ask(), ask('--parts')]);
    const marks = await publisher.stop();
    const rows = [];
    for (const [output, what] of [[reloads, 'held playlist'], [parts, 'held part']]) {
      const wakes = wakesOf(output, marks, partFrames(playlist));
      for (const [key, from, budget] of [['next', 'the closing frame', 3], ['own', 'its own last frame', 36]]) {
        const late = sorted(wakes.flatMap((wake) => wake[key]));
        rows.push({ what: `${what}, from ${from}, p50`, unit: 'ms', ours: percentile(late, 0.5) });
        rows.push({ what: `${what}, from ${from}, p99 (n=${late.length})`, unit: 'ms', ours: percentile(late, 0.99), budget });
      }
    }
    return rows;
  });
}
