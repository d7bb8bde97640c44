// From connect() to NetStream.Publish.Start.
import { withServer, makeShows } from './kit/vitrine.mjs';
import { stream } from './kit/media.mjs';
import { withRival } from './kit/rival.mjs';
import { line, tool } from './kit/programs.mjs';

export const title = 'connect to NetStream.Publish.Start';
const AT_ONCE = 30;

async function measure(url, file, alone, crowd, ...keys) {
  const one = await tool('publishers', url, file, '--start-only', alone, '--concurrency', 1, ...keys).result();
  const many = await tool('publishers', url, file, '--start-only', crowd, '--concurrency', AT_ONCE, ...keys).result();
  return [line(one, 'start_us'), line(many, 'start_us')];
}

export async function run({ smoke }) {
  const file = await stream();
  const alone = smoke ? 5 : 200;
  const crowd = smoke ? AT_ONCE : AT_ONCE * 20;
  const mine = await withServer('start', {}, async (server) => measure(server.rtmp, file, alone, crowd, '--keys', await makeShows(server, AT_ONCE)));
  const rival = await withRival((nginx) => measure(nginx.rtmp, file, alone, crowd));
  const row = (i, which, what, budget) => ({ what, unit: 'ms', ours: mine[i][which] / 1000, rival: rival && rival[i][which] / 1000, budget });
  return [
    row(0, 'p50', 'one at a time, p50', 1), row(0, 'p99', 'one at a time, p99'),
    row(1, 'p50', `${AT_ONCE} at once, p50`, 5), row(1, 'p99', `${AT_ONCE} at once, p99`),
  ];
}
