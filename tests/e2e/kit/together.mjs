// Tests of one file that wait most of their time and share nothing: several run at a time.
// Stands in for node's own test: const test = together('what the file is about').
import { setImmediate as next } from 'node:timers/promises';
import test from 'node:test';

const AT_ONCE = 3;

export function together(words) {
  const list = [];
  test(words, { concurrency: AT_ONCE }, async (t) => {
    await next(); // the file has been read to its end
    await Promise.all(list.map((one) => t.test(...one)));
  });
  return (...one) => { list.push(one); };
}
