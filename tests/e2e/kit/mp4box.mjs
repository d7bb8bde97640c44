// What mp4box, which players of others stand on, makes of a rendition.
import { createFile } from 'mp4box';

// The codec's name and how many samples it found, of an initialisation section and what
// comes behind it; throws with its words when it does not take them.
export function readByMp4box(pieces) {
  const reader = createFile();
  const found = { codec: undefined, nSamples: 0 };
  reader.onReady = ({ tracks: [track] }) => {
    found.codec = track.codec;
    reader.setExtractionOptions(track.id, null, { nbSamples: 1 });
    reader.start();
  };
  reader.onSamples = (id, user, list) => { found.nSamples += list.length; };
  reader.onError = (...words) => { throw new Error(`mp4box: ${words}`); };
  let at = 0;
  for (const bytes of pieces) {
    const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    copy.fileStart = at;
    at += bytes.length;
    reader.appendBuffer(copy);
  }
  reader.flush();
  return found;
}
