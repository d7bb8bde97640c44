// What TLS costs the server: the same publishers with it and without, through the same
// kind of bridge, one after the other.
import { join } from 'node:path';
import { certificate } from '../e2e/kit/certificates.mjs';
import { cpuRate, sleep } from './kit/machine.mjs';
import { stream } from './kit/media.mjs';
import { FOLDER, Program, ROOT, tool } from './kit/programs.mjs';
import { makeShows, withServer } from './kit/vitrine.mjs';

export const title = 'publishing over TLS, 2.5 Mb/s 720p30 each, one worker';
const START_MS = 5000;

// The port of a bridge to this port.
async function withBridge(port, kind, fn) {
  const bridge = new Program(process.execPath, [join(ROOT, 'tests/bench/kit/bridge.mjs'), String(port), kind]);
  try {
    const until = Date.now() + START_MS;
    while (!/listening \d+/.test(bridge.text)) {
      if (Date.now() > until) throw new Error(`the bridge does not listen: ${bridge.text}`);
      await sleep(20);
    }
    return await fn(Number(/listening (\d+)/.exec(bridge.text)[1]));
  } finally {
    await bridge.stop();
  }
}

export async function run({ smoke }) {
  const file = await stream();
  const n = smoke ? 2 : 20;
  const [settleMs, measureMs] = smoke ? [2000, 1500] : [6000, 20000];
  const pair = certificate(FOLDER, 'bench');
  const env = { VITRINE_WORKERS: '1', VITRINE_RTMPS_LISTEN: '127.0.0.1:0', VITRINE_TLS_CERTIFICATE: pair.certificate, VITRINE_TLS_KEY: pair.key };
  const cost = (kind) => withServer(`rtmps-${kind}`, env, async (server, pid) => {
    const keys = await makeShows(server, n);
    return withBridge(kind === 'tls' ? server.rtmpsPort : server.rtmpPort, kind, async (at) => {
      const seconds = Math.ceil((settleMs + measureMs) / 1000) + 1;
      const publishers = tool('publishers', `rtmp://127.0.0.1:${at}/live`, file, '--keys', keys, '--count', n, '--seconds', seconds);
      await sleep(settleMs);
      const rate = await cpuRate(pid, measureMs);
      await publishers.result();
      return rate / n;
    });
  });
  return [
    { what: `${n} publishers: CPU per stream-second`, unit: 'ms', ours: await cost('plain') },
    { what: 'the same over TLS 1.3', unit: 'ms', ours: await cost('tls') },
  ];
}
