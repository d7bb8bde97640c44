// What no parser sees: rules that hold over the sequence of a rendition's playlists, in the
// order in which one client got them (rfc8216bis). push() takes each playlist; what breaks
// a rule is kept in breaches, as sentences.
import { parsePlaylist } from './playlist.mjs';

const PART_LIST_KEEP_TARGETS = 3; // parts further from the end than this many TARGETDURATIONs should be gone

export class SequenceChecker {
  constructor(name) {
    this.name = name;
    this.breaches = [];
    this.last = null;
    this.parts = new Map(); // "msn.index" -> { uri, duration, independent, gap }
    this.segments = new Map(); // msn -> { uri, duration, pdt, discontinuity, gap, map, discontinuitySequence }
    this.ranges = new Map(); // ID -> attributes
    this.uris = new Map(); // uri -> what it is, "segment 3" or "part 3.1"
    this.n = 0;
  }

  breach(words) {
    this.breaches.push(`${this.name} #${this.n}: ${words}`);
  }

  expect(truth, words) {
    if (!truth) this.breach(words);
  }

  push(text) {
    this.n += 1;
    let p;
    try {
      p = parsePlaylist(text);
    } catch (error) {
      this.breach(error.message);
      return null;
    }
    this.checkConstants(p);
    this.checkNumbers(p);
    this.checkSegments(p);
    this.checkOpen(p);
    this.checkEnd(p);
    this.last = p;
    return p;
  }

  // 6.2.1 and what AVPlayer refuses: they are constants of the show.
  checkConstants(p) {
    this.expect(p.version >= 9, `VERSION ${p.version}`);
    this.expect(p.targetDuration >= 1, 'no TARGETDURATION');
    if (!p.ended) {
      this.expect(p.canBlock, 'no CAN-BLOCK-RELOAD');
      this.expect(p.partTarget > 0, 'no PART-TARGET');
      this.expect(p.partHoldBack >= 3 * p.partTarget, `PART-HOLD-BACK ${p.partHoldBack} under three parts of ${p.partTarget}`);
      if (p.canSkipUntil) this.expect(p.canSkipUntil >= 6000 * p.targetDuration, `CAN-SKIP-UNTIL ${p.canSkipUntil}`);
      if (p.holdBack) this.expect(p.holdBack >= 3000 * p.targetDuration, `HOLD-BACK ${p.holdBack}`);
    }
    const before = this.last;
    if (!before) return;
    this.expect(p.targetDuration === before.targetDuration, `TARGETDURATION ${before.targetDuration} became ${p.targetDuration}`);
    if (p.ended || before.ended) return;
    this.expect(p.partTarget === before.partTarget, `PART-TARGET ${before.partTarget} became ${p.partTarget}`);
    this.expect(p.serverControl === before.serverControl, `SERVER-CONTROL became ${p.serverControl}`);
  }

  checkNumbers(p) {
    const before = this.last;
    this.expect(p.mediaSequence >= 1, `MEDIA-SEQUENCE ${p.mediaSequence}`);
    if (!before) return;
    this.expect(p.mediaSequence >= before.mediaSequence, `MEDIA-SEQUENCE ${before.mediaSequence} became ${p.mediaSequence}`);
    this.expect(p.discontinuitySequence >= before.discontinuitySequence,
      `DISCONTINUITY-SEQUENCE ${before.discontinuitySequence} became ${p.discontinuitySequence}`);
    this.expect(p.openMsn >= before.openMsn, 'segments at the end were taken back');
    if (p.openMsn === before.openMsn)
      this.expect(p.open.parts.length >= before.open.parts.length, 'parts of the open segment were taken back');
    const removed = before.segments.filter((segment) => segment.msn < p.mediaSequence && segment.discontinuity).length;
    this.expect(p.discontinuitySequence === before.discontinuitySequence + removed || p.skipped > 0 || before.skipped > 0,
      `DISCONTINUITY-SEQUENCE counts ${p.discontinuitySequence - before.discontinuitySequence}, ${removed} were removed`);
  }

  checkUri(uri, what) {
    const known = this.uris.get(uri);
    this.expect(!known || known === what, `${uri} was ${known} and is ${what}`);
    this.uris.set(uri, what);
  }

  checkSegments(p) {
    let map = null;
    let pdt = null;
    p.segments.forEach((segment, index) => {
      const { msn } = segment;
      if (segment.map) map = segment.map;
      this.checkUri(segment.uri, `segment ${msn}`);
      this.expect(Math.round(segment.duration / 1000) <= p.targetDuration, `segment ${msn} lasts ${segment.duration} ms`);
      this.expect(segment.pdt !== undefined, `segment ${msn} has no PROGRAM-DATE-TIME`);
      this.expect(segment.gap || map || p.skipped > 0, `segment ${msn} has no MAP before it`);
      if (pdt !== null && segment.pdt !== undefined && !segment.discontinuity)
        this.expect(Math.abs(segment.pdt - pdt) < 0.5, `segment ${msn}: date ${segment.pdt} is not the sum of what went before, ${pdt}`);
      pdt = segment.pdt === undefined ? null : segment.pdt + segment.duration;
      this.checkParts(p, msn, segment.parts, true);
      if (segment.parts.length) {
        const sum = segment.parts.reduce((total, part) => total + part.duration, 0);
        const whole = this.last === null || index > 0 || p.mediaSequence === 1;
        if (whole) this.expect(Math.abs(sum - segment.duration) < 0.5, `segment ${msn}: parts make ${sum}, EXTINF says ${segment.duration}`);
      }
      const facts = {
        uri: segment.uri, duration: segment.duration, pdt: segment.pdt, discontinuity: !!segment.discontinuity, gap: !!segment.gap,
      };
      const known = this.segments.get(msn);
      this.expect(!known || JSON.stringify(known) === JSON.stringify(facts), `segment ${msn} was ${JSON.stringify(known)} and is ${JSON.stringify(facts)}`);
      this.segments.set(msn, facts);
    });
    this.checkRanges(p);
    this.checkPartTags(p);
  }

  checkParts(p, msn, parts, complete) {
    parts.forEach((part, index) => {
      const name = `part ${msn}.${index}`;
      const final = complete && index === parts.length - 1;
      if (!part.gap || part.uri) this.checkUri(part.uri, name);
      if (p.partTarget) {
        this.expect(part.duration <= p.partTarget + 0.001, `${name} lasts ${part.duration}, the target is ${p.partTarget}`);
        const free = part.independent || part.gap || final || !complete && index === parts.length - 1 || parts[index + 1]?.gap;
        this.expect(free || part.duration >= 0.85 * p.partTarget, `${name} lasts ${part.duration}, under 85 % of ${p.partTarget}`);
      }
      const facts = { uri: part.uri, duration: part.duration, independent: part.independent, gap: part.gap };
      const known = this.parts.get(`${msn}.${index}`);
      this.expect(!known || JSON.stringify(known) === JSON.stringify(facts), `${name} was ${JSON.stringify(known)} and is ${JSON.stringify(facts)}`);
      this.parts.set(`${msn}.${index}`, facts);
    });
  }

  // 6.2.2: part tags far from the end should be gone; the newest segments keep theirs.
  checkPartTags(p) {
    if (p.ended) return;
    let behind = p.open.parts.reduce((total, part) => total + part.duration, 0);
    for (const segment of [...p.segments].reverse()) {
      if (segment.parts.length)
        this.expect(behind <= PART_LIST_KEEP_TARGETS * 1000 * p.targetDuration, `segment ${segment.msn} still lists its parts ${behind} ms from the end`);
      behind += segment.duration;
    }
  }

  // 4.4.5.1: a range may gain an end; nothing else of it changes.
  checkRanges(p) {
    for (const range of p.ranges) {
      const known = this.ranges.get(range.ID) ?? {};
      for (const [name, value] of Object.entries(known))
        this.expect(range[name] === value, `DATERANGE ${range.ID}: ${name} was ${value} and is ${range[name]}`);
      this.expect(range.ID && !Number.isNaN(Date.parse(range['START-DATE'])), `DATERANGE ${JSON.stringify(range)}`);
      this.ranges.set(range.ID, { ...known, ...range });
    }
  }

  checkOpen(p) {
    this.checkParts(p, p.openMsn, p.open.parts, false);
    if (p.ended) return;
    this.expect(p.hint !== undefined, 'no PRELOAD-HINT');
    if (p.hint) this.checkUri(p.hint, `part ${p.openMsn}.${p.open.parts.length}`);
  }

  checkEnd(p) {
    if (this.last?.ended) this.expect(p.ended, 'ENDLIST was taken back');
    if (!p.ended) return;
    this.expect(p.hint === undefined, 'a hint after the end');
    this.expect(p.reports.length === 0, 'a rendition report after the end');
    this.expect(p.open.parts.length === 0, 'an open segment after the end');
  }
}

// A delta update laid over what the client had gives the full playlist (6.2.5.1).
export function applyDelta(before, delta) {
  const skipped = before.segments.filter((segment) =>
    segment.msn >= delta.mediaSequence && segment.msn < delta.mediaSequence + delta.skipped);
  return { missing: delta.skipped - skipped.length, segments: [...skipped, ...delta.segments] };
}
