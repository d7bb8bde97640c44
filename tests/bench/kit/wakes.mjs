// Which frame closed which part: the stream has a key frame every GOP frames, each begins a
// segment, and the first one begins segment 1 of a new show.
import { FPS, GOP } from './media.mjs';
import { fields } from './programs.mjs';

// Key frames with the frames behind them, as times of writing in µs.
function gopsOf(output) {
  const gops = [];
  for (const [, words] of output.matchAll(/^mark (.*)$/gm)) {
    const mark = fields(words);
    if (mark.key) gops.push([]);
    gops.at(-1)?.push(mark.wall_us);
  }
  return gops;
}

export function partFrames(playlist) {
  return Math.floor(Number(/PART-TARGET=([\d.]+)/.exec(playlist)[1]) * FPS);
}

// All wakes with the times, in ms, from the writing of the part's own last frame (own) and
// of the next one, by which it closes (next), to each waiter's first byte.
export function wakesOf(waitersOutput, publishersOutput, framesAPart) {
  const gops = gopsOf(publishersOutput);
  const frames = gops.flat();
  const wakes = [];
  for (const [, words] of waitersOutput.matchAll(/^wake (.*)$/gm)) {
    const late = /after_us=(\S+)/.exec(words)[1].split(',').map(Number);
    const wake = fields(words.replace(/ after_us.*/, ''));
    if (gops.slice(0, wake.msn - 1).some((gop) => gop.length !== GOP)) throw new Error('a segment with frames missing');
    const next = (wake.msn - 1) * GOP + Math.min((wake.part + 1) * framesAPart, GOP);
    if (next >= frames.length) continue;
    const since = (frame) => late.map((us) => (wake.first_us + us - frames[frame]) / 1000);
    wakes.push({ ...wake, own: since(next - 1), next: since(next) });
  }
  if (wakes.length === 0) throw new Error('no part was waited for');
  return wakes;
}
