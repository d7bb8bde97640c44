// nginx with its RTMP module as Debian has them, for figures of the same minute on the same
// machine. Installed, or unpacked below build/tools by ./dev bench; else there is no rival.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { FOLDER, Program, ROOT } from './programs.mjs';
import { sleep } from './machine.mjs';

const UNPACKED = join(ROOT, 'build/tools/nginx');

function find(paths) { return paths.find((path) => existsSync(path)); }

const program = find(['/usr/sbin/nginx', join(UNPACKED, 'usr/sbin/nginx')]);
const rtmpModule = find(['/usr/lib/nginx/modules/ngx_rtmp_module.so', join(UNPACKED, 'usr/lib/nginx/modules/ngx_rtmp_module.so')]);

export const hasRival = Boolean(program && rtmpModule);
export function rivalName() {
  return hasRival ? execFileSync(program, ['-v'], { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' }) || 'nginx' : 'none';
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}

function configuration(dir, rtmpPort, httpPort) {
  return `
    worker_processes 1;
    daemon off;
    load_module ${rtmpModule};
    error_log ${dir}/error.log error;
    pid ${dir}/nginx.pid;
    worker_rlimit_nofile 16384;
    events { worker_connections 8192; }
    rtmp { server {
      listen 127.0.0.1:${rtmpPort};
      chunk_size 4096;
      application live { live on; hls on; hls_path ${dir}/hls; hls_fragment 2s; hls_playlist_length 16s; }
    } }
    http {
      access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000; open_file_cache max=100;
      client_body_temp_path ${dir}/t1; proxy_temp_path ${dir}/t2; fastcgi_temp_path ${dir}/t3;
      uwsgi_temp_path ${dir}/t4; scgi_temp_path ${dir}/t5;
      server { listen 127.0.0.1:${httpPort}; root ${dir}/www; }
    }`;
}

function workerOf(master) {
  return Number(execFileSync('ps', ['-o', 'pid=', '--ppid', String(master)], { encoding: 'utf8' }).trim().split(/\s+/)[0]);
}

// Runs fn({ pid, rtmp, http, www }); undefined when there is no rival here.
export async function withRival(fn) {
  if (!hasRival) return undefined;
  const dir = mkdtempSync(join(FOLDER, 'nginx-'));
  for (const name of ['hls', 'www']) {
    mkdirSync(join(dir, name));
    chmodSync(join(dir, name), 0o777); // its worker may be another user
  }
  chmodSync(dir, 0o777);
  const rtmpPort = await freePort();
  const httpPort = await freePort();
  writeFileSync(join(dir, 'nginx.conf'), configuration(dir, rtmpPort, httpPort));
  const nginx = new Program(program, ['-p', dir, '-e', join(dir, 'error.log'), '-c', join(dir, 'nginx.conf')]);
  try {
    await sleep(500);
    if (nginx.code !== undefined) throw new Error(`nginx does not start:\n${nginx.text}`);
    return await fn({ pid: workerOf(nginx.pid), rtmp: `rtmp://127.0.0.1:${rtmpPort}/live`, http: `127.0.0.1:${httpPort}`, www: join(dir, 'www') });
  } finally {
    await nginx.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
