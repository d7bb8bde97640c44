// Files that tests make once and keep in build/e2e/media. Several test files run at a time:
// the first that wants a file makes it, the others wait for it.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 50;
const making = new Map(); // path -> promise, of this process

// The process that holds the lock has ended without giving it back.
function isLeft(lock) {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

function take(lock) {
  try {
    writeFileSync(lock, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

async function makeAlone(path, make) {
  const lock = `${path}.lock`;
  const part = `${path}.${process.pid}.part`; // two that find a lock left behind may both make it
  mkdirSync(dirname(path), { recursive: true });
  while (!existsSync(path)) {
    if (take(lock)) {
      try {
        if (!existsSync(path)) {
          await make(part);
          renameSync(part, path);
        }
      } finally {
        rmSync(lock, { force: true });
      }
    } else if (isLeft(lock)) {
      rmSync(lock, { force: true });
    } else {
      await sleep(LOOK_MS);
    }
  }
  return path;
}

// The path, once the file is there; make(path) writes it under another name.
export async function madeOnce(path, make) {
  if (existsSync(path)) return path;
  if (!making.has(path)) making.set(path, makeAlone(path, make).finally(() => making.delete(path)));
  return making.get(path);
}
