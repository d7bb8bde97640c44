// What the kernel tells of this machine and of one process.
import { readdirSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

const TICK_MS = 10; // USER_HZ is 100 on every Linux

// All threads' time on a processor, in ms. The scheduler's own count is in ns; where it is
// not there, the ticks of /proc/PID/stat.
export function cpuMs(pid) {
  try {
    let ns = 0n;
    for (const task of readdirSync(`/proc/${pid}/task`))
      ns += BigInt(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    return Number(ns) / 1e6;
  } catch {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }
}

export function rssMB(pid) {
  const kb = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kb[1]) * 1024 / 1e6;
}

export function openFilesMax() {
  const limit = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'))[1];
  return limit === 'unlimited' ? Infinity : Number(limit);
}

export function sleep(ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}

// CPU time of a process over a while, in ms of CPU per second.
export async function cpuRate(pid, ms) {
  const before = cpuMs(pid);
  const begin = process.hrtime.bigint();
  await sleep(ms);
  return (cpuMs(pid) - before) / (Number(process.hrtime.bigint() - begin) / 1e9);
}

export function describe() {
  const name = /^PRETTY_NAME="(.*)"/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  return `${cpus()[0].model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, ${name}`;
}

// How much others used the machine: 1 s of it, before a bench.
export async function busyShare() {
  const read = () => readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1).map(Number);
  const before = read();
  await sleep(1000);
  const spent = read().map((value, i) => value - before[i]);
  const all = spent.slice(0, 8).reduce((sum, value) => sum + value, 0);
  return all ? 1 - (spent[3] + spent[4]) / all : 0;
}
