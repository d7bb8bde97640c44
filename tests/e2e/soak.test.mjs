// An hour of a show over a line that loses 5 % of its packets each way. The clocks of the
// server and of the encoder run fast, so that the hour is over in minutes; the network's
// own waits are shortened as much.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { readInit, readMedia } from './kit/boxes.mjs';
import { SequenceChecker } from './kit/checker.mjs';
import { fastClock, noNetwork, startNetwork } from './kit/network.mjs';
import { fetchBytes, fetchText, firstPlaylist } from './kit/playlist.mjs';
import { putFirst } from './kit/priority.mjs';
import { Publisher, sourceFile } from './kit/publisher.mjs';
import { startServer } from './kit/server.mjs';
import { until } from './kit/wait.mjs';

const SPEED = 24;
const SECONDS = Number(process.env.VITRINE_SOAK_SECONDS ?? 3600); // of the show
const WARM_SECONDS = 600; // windows are full and caches warm
const LOSS_PERCENT = 5;
const GROWTH_KB = 4096;

function usage(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { kb: Number(/VmRSS:\s+(\d+)/.exec(status)[1]), fds: readdirSync(`/proc/${pid}/fd`).length };
}

// Each rendition's media as it came: how much, and where it broke off.
class Tally {
  constructor() {
    this.seconds = 0;
    this.gapSeconds = 0;
    this.holes = 0;
  }

  take(segment, init) {
    if (!segment.bytes) {
      this.gapSeconds += segment.duration / 1000;
      this.next = undefined;
      return;
    }
    const media = readMedia(segment.bytes, init.trex);
    if (this.next !== undefined && Math.abs(media.start - this.next) > 1) this.holes += 1;
    this.next = media.start + media.duration;
    this.seconds += media.duration / init.timescale;
    this.end = this.next / init.timescale;
  }
}

// Each whole segment once, by blocking reload. Returns the judge of the playlists.
async function follow(server, rendition, tally) {
  const checker = new SequenceChecker(rendition);
  const end = Date.now() + SECONDS * 1000 / SPEED;
  const take = async (uri) => {
    const { status, bytes } = await fetchBytes(server.url(`/live/soak/${uri}`));
    assert.equal(status, 200, `${uri} has left the window: the machine is too slow for this clock`);
    return bytes;
  };
  let last = 0;
  let init;
  while (Date.now() < end) {
    const p = await firstPlaylist(server.url(`/live/soak/${rendition}.m3u8?_HLS_msn=${last + 1}`));
    checker.push(p.text);
    for (const segment of p.segments.filter((one) => one.msn > last)) {
      last = segment.msn;
      if (segment.map) init = readInit(await take(segment.map));
      tally.take({ ...segment, bytes: segment.gap ? null : await take(segment.uri) }, init);
    }
  }
  return checker;
}

// The file's end and beginning do not fit to the millisecond: ffmpeg leaves a frame's gap.
const isSeam = (breach) => /under 85 %/.test(breach);

test('an hour over a line that loses 5 % of its packets', { timeout: 900000, skip: noNetwork() }, async (t) => {
  const network = startNetwork(t, { lossPercent: LOSS_PERCENT, mbit: 200, rtoMinMs: 10 });
  const server = await startServer(t, { VITRINE_RTMP_LISTEN: `${network.address}:0`, VITRINE_HLS_WINDOW: '120s', ...fastClock(SPEED) });
  const show = await server.api.show({ id: 'soak' });
  const file = await sourceFile({ seconds: 12 });
  const [command, ...words] = [...network.inside, 'ffmpeg', '-hide_banner', '-loglevel', 'warning', '-nostdin', '-re', '-stream_loop', '-1', '-i', file,
    '-c', 'copy', '-f', 'flv', `rtmp://${network.address}:${server.rtmpPort}/live/${show.stream_key}`];
  const start = () => new Publisher(putFirst(spawn(command, words, { env: { ...process.env, ...fastClock(SPEED) }, stdio: ['ignore', 'ignore', 'pipe'] })));
  let encoder = start();
  t.after(() => encoder.stop());
  // ffmpeg waits for a connection for five seconds of its clock, which a single packet that is
  // lost takes longer: then it is started again.
  await until('the show is on the air', async () => {
    if (encoder.exit) {
      t.diagnostic(`the encoder begins again: ${encoder.words.slice(-200)}`);
      encoder = start();
    }
    return (await fetchText(server.url('/live/soak/video.m3u8'))).status === 200;
  }, 60000);

  const tallies = {};
  const running = ['video', 'audio'].map((rendition) => {
    tallies[rendition] = new Tally();
    return follow(server, rendition, tallies[rendition]);
  });
  const pid = server.child.pid;
  let before;
  const warm = setTimeout(() => { before = usage(pid); }, Math.min(WARM_SECONDS, SECONDS / 2) * 1000 / SPEED);
  t.after(() => clearTimeout(warm));
  const checkers = await Promise.all(running);
  const after = usage(pid);
  const cut = encoder.exit;
  await encoder.stop();

  const { video, audio } = tallies;
  t.diagnostic(`video ${video.seconds.toFixed(1)} s and ${video.gapSeconds.toFixed(1)} s of gaps, audio ${audio.seconds.toFixed(1)} s and ${audio.gapSeconds.toFixed(1)} s`);
  t.diagnostic(`${video.holes} and ${audio.holes} breaks; memory ${before.kb} then ${after.kb} kB, ${before.fds} then ${after.fds} descriptors`);
  for (const checker of checkers) assert.deepEqual(checker.breaches.filter((breach) => !isSeam(breach)), []);
  for (const [rendition, { seconds, gapSeconds }] of Object.entries(tallies)) {
    assert.ok(seconds + gapSeconds > SECONDS * 0.9, `only ${seconds + gapSeconds} s of ${rendition}: the machine is too slow for this clock`);
    assert.ok(gapSeconds < SECONDS * 0.03, `${gapSeconds} s of ${rendition} were given up`);
  }
  assert.ok(Math.abs(video.end - audio.end) < 2.5, `the ends are ${video.end - audio.end} s apart`);
  assert.ok(after.kb - before.kb < GROWTH_KB, 'memory grows');
  assert.ok(Math.abs(after.fds - before.fds) <= 2, 'descriptors grow');
  assert.equal(cut, undefined, `the encoder was cut off: ${encoder.words}`);
});
