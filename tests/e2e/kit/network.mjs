// A bad network: a second network namespace behind a pair of interfaces on which the kernel
// loses packets. And a clock that runs fast, for what lives there and here.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const FAKETIME = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu'].map((dir) => `${dir}/faketime/libfaketimeMT.so.1`)
  .find((path) => existsSync(path));

// The environment of a program whose seconds are `speed` times shorter.
export const fastClock = (speed) => ({ LD_PRELOAD: FAKETIME, FAKETIME: `+0 x${speed}` });

// Why there cannot be such a network here; false: there can.
export function noNetwork() {
  if (process.getuid() !== 0) return 'network namespaces need root';
  if (!FAKETIME) return 'libfaketime is not installed';
  const name = `vitrine-try-${process.pid}`;
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
    execFileSync('nft', ['list', 'tables'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'this machine gives no network namespaces or no nftables';
  }
}

// lossPercent of the packets are lost in each direction; mbit is the rate away from the
// namespace. Retransmissions wait for rtoMinMs at least, which a fast clock must shorten.
export function startNetwork(t, { lossPercent, mbit, rtoMinMs }) {
  const id = process.pid % 65536;
  const [space, near, far, table] = [`vitrine-${id}`, `vtn${id}`, `vtf${id}`, `vitrine_${id}`];
  const subnet = `10.${64 + (id >> 8) % 128}.${id & 255}`;
  const run = (command) => execFileSync(command[0], command.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] });
  const ip = (text) => run(['ip', ...text.split(' ')]);
  const lose = (rule) => `add table ip ${table}; add chain ip ${table} in { type filter hook input priority 0; }; ` +
    `add rule ip ${table} in ${rule} numgen random mod 100 < ${lossPercent} drop`;
  t.after(() => {
    for (const command of [['nft', 'delete', 'table', 'ip', table], ['ip', 'netns', 'del', space], ['ip', 'link', 'del', near]]) {
      try {
        execFileSync(command[0], command.slice(1), { stdio: 'ignore' });
      } catch { /* it was not made, or went with the namespace */ }
    }
  });
  ip(`netns add ${space}`);
  ip(`link add ${near} type veth peer name ${far} netns ${space}`);
  ip(`addr add ${subnet}.1/24 dev ${near}`);
  ip(`link set ${near} up`);
  ip(`-n ${space} addr add ${subnet}.2/24 dev ${far}`);
  ip(`-n ${space} link set ${far} up`);
  ip(`route change ${subnet}.0/24 dev ${near} rto_min ${rtoMinMs}ms`);
  ip(`-n ${space} route change ${subnet}.0/24 dev ${far} rto_min ${rtoMinMs}ms`);
  run(['nft', lose(`iifname "${near}"`)]);
  run(['ip', 'netns', 'exec', space, 'nft', lose(`iifname "${far}"`)]);
  run(['ip', 'netns', 'exec', space, 'tc', 'qdisc', 'add', 'dev', far, 'root', 'tbf', 'rate', `${mbit}mbit`, 'burst', '64kb', 'latency', '50ms']);
  return { address: `${subnet}.1`, inside: ['ip', 'netns', 'exec', space] };
}
