// Real encoders other than ffmpeg: GStreamer's rtmp2sink, and OBS on a display that nobody
// sees.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { putFirst } from './priority.mjs';
import { Publisher } from './publisher.mjs';

// A pipeline of live sources: 320x240 at 30 fps with a key frame each second.
export function publishGstreamer(t, url, { insecure = false } = {}) {
  const child = spawn('gst-launch-1.0', ['-e',
    'flvmux', 'name=mux', 'streamable=true', '!', 'rtmp2sink', `location=${url}`, ...(insecure ? ['tls-validation-flags=0'] : []),
    'videotestsrc', 'is-live=true', '!', 'video/x-raw,width=320,height=240,framerate=30/1', '!',
    'x264enc', 'tune=zerolatency', 'speed-preset=ultrafast', 'bitrate=300', 'key-int-max=30', '!',
    'video/x-h264,profile=baseline', '!', 'h264parse', '!', 'queue', '!', 'mux.',
    'audiotestsrc', 'is-live=true', 'volume=0.1', '!', 'audio/x-raw,rate=44100,channels=2', '!', 'voaacenc', '!', 'aacparse', '!', 'queue', '!', 'mux.',
  ], { stdio: ['ignore', 'ignore', 'pipe'] });
  const publisher = new Publisher(putFirst(child));
  t.after(() => publisher.stop());
  return publisher;
}

const GLOBAL = `[General]
FirstRun=true
LastVersion=486539266
Pre19Defaults=false
Pre21Defaults=false
Pre23Defaults=false
Pre24.1Defaults=false
[Basic]
Profile=Show
ProfileDir=Show
SceneCollection=Show
SceneCollectionFile=Show
ConfigOnNewProfile=false
[OBSWebSocket]
ServerEnabled=false
FirstLoad=false
`;

const PROFILE = `[General]
Name=Show
[Output]
Mode=Simple
Reconnect=true
RetryDelay=1
MaxRetries=20
[SimpleOutput]
VBitrate=300
ABitrate=96
StreamEncoder=x264
Preset=ultrafast
UseAdvanced=true
x264Settings=keyint=20 min-keyint=20 scenecut=0
[Video]
BaseCX=320
BaseCY=240
OutputCX=320
OutputCY=240
FPSType=1
FPSInt=10
[Audio]
SampleRate=48000
ChannelSetup=Stereo
`;

const SCENES = {
  name: 'Show', current_scene: 'Empty', current_program_scene: 'Empty', scene_order: [{ name: 'Empty' }],
  sources: [{ id: 'scene', name: 'Empty', settings: { items: [] } }],
};

// OBS's folder, with a profile that streams to this server under this key.
function makeObsHome(server, key) {
  const home = mkdtempSync(join(tmpdir(), 'vitrine-obs-'));
  const config = join(home, '.config/obs-studio');
  const profile = join(config, 'basic/profiles/Show');
  mkdirSync(profile, { recursive: true });
  mkdirSync(join(config, 'basic/scenes'), { recursive: true });
  mkdirSync(join(home, 'run'), { mode: 0o700 });
  writeFileSync(join(config, 'global.ini'), GLOBAL);
  writeFileSync(join(profile, 'basic.ini'), PROFILE);
  writeFileSync(join(profile, 'service.json'), JSON.stringify({ type: 'rtmp_custom', settings: { server, key, use_auth: false } }));
  writeFileSync(join(config, 'basic/scenes/Show.json'), JSON.stringify(SCENES));
  return home;
}

// OBS's own process: the display in front of it would keep it alive.
function obsProcess(home) {
  const found = execFileSync('ps', ['-eo', 'pid=,comm='], { encoding: 'utf8' });
  for (const line of found.split('\n')) {
    const [pid, name] = line.trim().split(/\s+/);
    if (name !== 'obs') continue;
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOME=${home}\0`)) return Number(pid);
    } catch { /* it has gone meanwhile */ }
  }
  return null;
}

// Streams at once. stop() ends OBS as its window's close button does.
// OBS trusts what is in /etc/ssl/certs: certificates is a folder that stands in its place, for
// this process alone.
export function publishObs(t, server, key, { certificates } = {}) {
  const home = makeObsHome(server, key);
  const inPlace = certificates ? ['unshare', '--mount', ...(process.getuid() === 0 ? [] : ['--map-root-user']), 'sh', '-c', `mount --bind '${certificates}' /etc/ssl/certs && exec "$@"`, 'sh'] : [];
  const display = 100 + process.pid % 900; // the first to try: two at a time shall not try the same
  const [command, ...options] = [...inPlace, 'xvfb-run', '-a', '-n', String(display), '-s', '-screen 0 640x480x24', 'obs', '--startstreaming', '--multi', '--minimize-to-tray',
    '--disable-missing-files-check', '--profile', 'Show', '--collection', 'Show'];
  const child = spawn(command, options, {
    env: { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: join(home, '.config'), XDG_RUNTIME_DIR: join(home, 'run'), LIBGL_ALWAYS_SOFTWARE: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const publisher = new Publisher(child);
  const stopWrapper = publisher.stop.bind(publisher);
  publisher.stop = async (signal = 'SIGINT') => {
    const pid = obsProcess(home);
    if (pid) process.kill(pid, signal);
    const ended = await Promise.race([publisher.gone, new Promise((resolve) => { setTimeout(resolve, 8000); })]);
    if (ended) return;
    const left = obsProcess(home);
    if (left) process.kill(left, 'SIGKILL');
    await stopWrapper('SIGTERM');
  };
  t.after(async () => {
    await publisher.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });
  return publisher;
}
