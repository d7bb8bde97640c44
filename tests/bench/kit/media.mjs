// The streams that are published: made once, 720p at 30 frames a second with a key frame
// every 2 s, at a constant rate, and stereo sound.
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDER, Program } from './programs.mjs';

export const FPS = 30;
export const GOP = 60;
const AUDIO_KBPS = 128;
const LENGTH_S = 20;

// kbps of the video; all of the stream is AUDIO_KBPS more.
async function make(path, kbps) {
  const video = ['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'main', '-bf', '0', '-g', GOP, '-keyint_min', GOP,
    '-sc_threshold', '0', '-b:v', `${kbps}k`, '-minrate', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps / 2}k`,
    '-x264-params', 'nal-hrd=cbr', '-pix_fmt', 'yuv420p'];
  await new Program('ffmpeg', ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y',
    '-f', 'lavfi', '-i', `testsrc2=size=1280x720:rate=${FPS}`, '-f', 'lavfi', '-i', 'anoisesrc=r=48000:a=0.1',
    '-t', LENGTH_S, ...video, '-c:a', 'aac', '-b:a', `${AUDIO_KBPS}k`, '-ac', '2', '-f', 'flv', `${path}.part`].map(String)).result();
  renameSync(`${path}.part`, path);
}

async function made(name, kbps) {
  const path = join(FOLDER, `${name}.flv`);
  if (!existsSync(path)) await make(path, kbps);
  return path;
}

// 2.5 Mb/s with its sound: what publishers send.
export function stream() { return made('720p30-2500', 2500 - AUDIO_KBPS); }
// Segments of 690 kB of video.
export function heavyStream() { return made('720p30-2760', 2760); }
