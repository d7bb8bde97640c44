// A client that takes everything a rendition lists, as it comes: each playlist by blocking
// reload, each part as soon as it is listed, each segment once it is complete.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchBytes, fetchText, nextQuery, parsePlaylist } from './playlist.mjs';

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

export class Recorder {
  constructor(base, show, rendition, { onPlaylist, fetchMedia = true } = {}) {
    this.url = `${base}/live/${show}/${rendition}.m3u8`;
    this.rendition = rendition;
    this.onPlaylist = onPlaylist;
    this.fetchMedia = fetchMedia;
    this.texts = [];
    this.parts = new Map(); // "msn.index" -> { uri, bytes, label, independent, gap }
    this.segments = new Map(); // msn -> { uri, bytes, duration }
    this.inits = new Map(); // uri -> bytes
    this.statuses = [];
    this.stopped = false;
  }

  stop() {
    this.stopped = true;
  }

  async take(uri) {
    const answer = await fetchBytes(new URL(uri, this.url));
    if (answer.status !== 200) throw new Error(`${uri}: ${answer.status}`);
    return answer.bytes;
  }

  async takeParts(msn, parts) {
    for (const [index, part] of parts.entries()) {
      const name = `${msn}.${index}`;
      if (this.parts.has(name)) continue;
      const bytes = part.gap ? null : await this.take(part.uri);
      this.parts.set(name, { ...part, msn, index, bytes });
    }
  }

  async takeAll(p) {
    for (const segment of p.segments) {
      if (segment.map && !this.inits.has(segment.map)) this.inits.set(segment.map, await this.take(segment.map));
      if (segment.parts.length) await this.takeParts(segment.msn, segment.parts);
      if (!this.segments.has(segment.msn))
        this.segments.set(segment.msn, { ...segment, bytes: segment.gap ? null : await this.take(segment.uri) });
    }
    if (p.open.map && !this.inits.has(p.open.map)) this.inits.set(p.open.map, await this.take(p.open.map));
    await this.takeParts(p.openMsn, p.open.parts);
  }

  // Until the playlist ends, stop() is called, or the time is over. What goes wrong is said
  // where the caller waits for it, not before.
  run(withinMs) {
    const running = this.follow(withinMs);
    running.catch(() => {});
    return running;
  }

  async follow(withinMs) {
    const until = Date.now() + withinMs;
    let p = null;
    while (!this.stopped && Date.now() < until) {
      const answer = await fetchText(p ? `${this.url}?${nextQuery(p)}` : this.url);
      this.statuses.push(answer.status);
      if (answer.status !== 200) {
        await sleep(50);
        continue;
      }
      this.texts.push(answer.text);
      this.onPlaylist?.(answer.text, p);
      p = parsePlaylist(answer.text);
      if (this.fetchMedia) await this.takeAll(p);
      if (p.ended) break;
    }
    this.last = p;
    return this;
  }

  partsOf(msn) {
    return [...this.parts.values()].filter((part) => part.msn === msn && part.bytes).sort((a, b) => a.index - b.index);
  }

  // Everything in order: segments, and parts of the one that never was complete. (The last
  // parts of a show are listed in no playlist: it ends with whole segments.)
  media() {
    const list = [...this.segments.values()].filter((segment) => segment.bytes).map((segment) => [segment.msn, 0, segment.bytes]);
    for (const part of this.parts.values()) if (part.bytes && !this.segments.has(part.msn)) list.push([part.msn, part.index, part.bytes]);
    return list.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, , bytes]) => bytes);
  }

  init() {
    if (this.inits.size !== 1) throw new Error(`${this.inits.size} initialisation sections`);
    return [...this.inits.values()][0];
  }
}
