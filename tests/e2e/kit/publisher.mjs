// ffmpeg as a publisher, and the files it publishes: made once, kept in build/e2e/media.
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { madeOnce } from './made.mjs';
import { putFirst } from './priority.mjs';
import { KEPT } from './server.mjs';

const run = promisify(execFile);
const MEDIA = join(KEPT, 'media');

const VIDEO = {
  // B-frames, so that decode and presentation order differ; a burnt-in frame number.
  bframes: ['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'high', '-bf', '2', '-b_strategy', '0'],
  bframes4: ['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'high', '-bf', '4', '-b_strategy', '0'],
  plain: ['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'main', '-bf', '0'],
};

// An FLV of `seconds`, 640x360 at 30 fps unless told, with a key frame each `gop` frames, and noise, so
// that no two audio frames are the same. A `filter` of ffmpeg's changes what is seen, and not
// the configuration.
export async function sourceFile({ video = 'plain', seconds = 12, gop = 60, audio = true, fps = 30, size = '640x360', filter } = {}) {
  const named = `${size === '640x360' ? '' : `-${size}`}${filter ? `-${filter.replace(/[^a-z0-9]+/g, '-')}` : ''}`;
  const file = join(MEDIA, `${video}-${seconds}s-gop${gop}-${fps}fps-${audio ? 'av' : 'v'}${named}.flv`);
  return madeOnce(file, (made) => run('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y',
    '-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${fps}${filter ? `,${filter}` : ''}`,
    ...(audio ? ['-f', 'lavfi', '-i', 'anoisesrc=r=44100:a=0.1:seed=7'] : []),
    '-t', String(seconds), ...VIDEO[video], '-g', String(gop), '-keyint_min', String(gop), '-sc_threshold', '0',
    '-b:v', '800k', '-pix_fmt', 'yuv420p', ...(audio ? ['-c:a', 'aac', '-b:a', '96k', '-ac', '2'] : ['-an']), '-f', 'flv', made]));
}

export class Publisher {
  constructor(child) {
    this.child = child;
    this.words = '';
    child.stderr.setEncoding('utf8').on('data', (chunk) => { this.words += chunk; });
    this.gone = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        this.exit = { code, signal };
        resolve(this.exit);
      });
    });
  }

  async stop(signal = 'SIGINT') {
    if (!this.exit) this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 3000);
    await this.gone;
    clearTimeout(timer);
  }
}

// Publishes a file at the speed of its clock, once or for ever. One -re per input.
export function publish(t, url, file, { loop = false, seconds } = {}) {
  const child = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'warning', '-nostdin', '-re',
    ...(loop ? ['-stream_loop', '-1'] : []), '-i', file, ...(seconds ? ['-t', String(seconds)] : []),
    '-c', 'copy', '-f', 'flv', url], { stdio: ['ignore', 'ignore', 'pipe'] });
  const publisher = new Publisher(putFirst(child));
  t.after(() => publisher.stop());
  return publisher;
}

// Packets of one stream as ffprobe sees them: [{ pts, dts, key, hash, size }], times in
// ticks of the stream's time base, given too.
export async function packets(file, stream) {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-select_streams', stream, '-show_packets', '-show_data_hash', 'MD5',
    '-show_entries', 'packet=pts,dts,flags,size,data_hash:stream=time_base', '-of', 'json', file],
  { maxBuffer: 1 << 28 });
  const found = JSON.parse(stdout);
  const [num, den] = found.streams[0].time_base.split('/').map(Number);
  return {
    tick: num / den,
    list: found.packets.map((packet) => ({
      pts: packet.pts, dts: packet.dts, key: packet.flags.includes('K'), size: Number(packet.size), hash: packet.data_hash,
    })),
  };
}

// Frames as they are stamped: ffmpeg would put them on a grid of its own, where the frames of
// a busy encoder fall on one another.
export const AS_STAMPED = ['-vsync', 'passthrough', '-enc_time_base', '-1'];

// What ffmpeg has to complain about when it decodes the file; empty is good.
export async function decodeErrors(file) {
  const { stderr } = await run('ffmpeg', ['-hide_banner', '-nostdin', '-v', 'error', '-xerror', '-i', file, ...AS_STAMPED, '-f', 'null', '-'],
    { maxBuffer: 1 << 26 }).catch((error) => ({ stderr: `${error.message}\n${error.stderr}` }));
  return stderr.trim();
}

export const AGAIN_MS = 500; // an encoder's pause before it connects again

// What encoders' own supervisors do: whenever it ends it is started anew.
export function supervise(t, url, file) {
  const keeper = { starts: 0, over: false };
  (async () => {
    while (!keeper.over) {
      keeper.publisher = publish(t, url, file, { loop: true });
      keeper.starts++;
      await keeper.publisher.gone;
      await sleep(AGAIN_MS);
    }
  })();
  t.after(() => { keeper.over = true; });
  return keeper;
}
