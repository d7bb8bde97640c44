// Waiting for what has to come, instead of for as long as it took once.
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 50;

// What look() gives, once that is something true.
export async function until(words, look, withinMs = 20000) {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`did not happen within ${withinMs} ms: ${words}`);
    await sleep(LOOK_MS);
  }
}

// The figures, once look() has given the same ones several times running.
export async function steady(words, look, withinMs = 20000) {
  const SAME = 5;
  let last;
  let n = 0;
  return until(`${words} at rest`, async () => {
    const now = await look();
    n = JSON.stringify(now) === JSON.stringify(last) ? n + 1 : 0;
    last = now;
    return n >= SAME && now;
  }, withinMs);
}
