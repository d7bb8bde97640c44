// Makes the files beside it: a second of 66x66 pictures (30 a second, a key frame every 10)
// or of sound in each codec, as FLV files with the messages of Enhanced RTMP. They were
// made with Debian 12's ffmpeg; other encoders give other bytes of the same kind.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flvFile, makeTrack, tagsOf } from '../../../e2e/kit/coded.mjs';

const here = dirname(fileURLToPath(import.meta.url));
for (const codec of ['hevc', 'hevc-pq', 'av1', 'vp9', 'opus']) {
  const track = await makeTrack(codec, { seconds: 1, size: '66x66', gop: 10, bitrate: '40k' });
  writeFileSync(join(here, `${codec}.flv`), flvFile(tagsOf(track)));
}
