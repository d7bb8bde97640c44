// Reads media playlists (rfc8216bis) strictly: a line it does not know is an error, because
// our server should send no such line. And follows one with blocking reloads.
const ATTRIBUTE = /([A-Z0-9-]+)=("[^"]*"|[^",]*)(?:,|$)/y;

export function attributes(text) {
  const found = {};
  ATTRIBUTE.lastIndex = 0;
  while (ATTRIBUTE.lastIndex < text.length) {
    const match = ATTRIBUTE.exec(text);
    if (!match) throw new Error(`attribute list: ${text}`);
    if (match[1] in found) throw new Error(`attribute ${match[1]} twice: ${text}`);
    found[match[1]] = match[2].startsWith('"') ? match[2].slice(1, -1) : match[2];
  }
  return found;
}

// Decimal seconds as whole milliseconds: sums must not drift in the checker.
export function ms(seconds) {
  const match = /^(\d+)(?:\.(\d{1,6}))?$/.exec(seconds);
  if (!match) throw new Error(`not seconds: ${seconds}`);
  return Number(match[1]) * 1000 + Number((match[2] ?? '').padEnd(6, '0')) / 1000;
}

function number(text) {
  if (!/^\d+$/.test(text)) throw new Error(`not a number: ${text}`);
  return Number(text);
}

const newSegment = () => ({ parts: [], ranges: [] });

const TAGS = {
  'EXT-X-VERSION': (p, value) => { p.version = number(value); },
  'EXT-X-TARGETDURATION': (p, value) => { p.targetDuration = number(value); },
  'EXT-X-INDEPENDENT-SEGMENTS': (p) => { p.independentSegments = true; },
  'EXT-X-PART-INF': (p, value) => { p.partTarget = ms(attributes(value)['PART-TARGET']); },
  'EXT-X-SERVER-CONTROL': (p, value) => {
    const a = attributes(value);
    p.serverControl = value;
    p.canBlock = a['CAN-BLOCK-RELOAD'] === 'YES';
    p.partHoldBack = a['PART-HOLD-BACK'] && ms(a['PART-HOLD-BACK']);
    p.holdBack = a['HOLD-BACK'] && ms(a['HOLD-BACK']);
    p.canSkipUntil = a['CAN-SKIP-UNTIL'] && ms(a['CAN-SKIP-UNTIL']);
  },
  'EXT-X-MEDIA-SEQUENCE': (p, value) => { p.mediaSequence = number(value); },
  'EXT-X-DISCONTINUITY-SEQUENCE': (p, value) => { p.discontinuitySequence = number(value); },
  'EXT-X-SKIP': (p, value) => { p.skipped = number(attributes(value)['SKIPPED-SEGMENTS']); },
  'EXT-X-MAP': (p, value, open) => { p.map = attributes(value).URI; open.map = p.map; },
  'EXT-X-DISCONTINUITY': (p, value, open) => { open.discontinuity = true; },
  'EXT-X-GAP': (p, value, open) => { open.gap = true; },
  'EXT-X-PROGRAM-DATE-TIME': (p, value, open) => {
    open.pdt = Date.parse(value);
    if (Number.isNaN(open.pdt) || !/\.\d{3}Z$/.test(value)) throw new Error(`date ${value}`);
  },
  'EXT-X-DATERANGE': (p, value, open) => { open.ranges.push(attributes(value)); p.ranges.push(attributes(value)); },
  'EXT-X-PART': (p, value, open) => {
    const a = attributes(value);
    open.parts.push({ uri: a.URI, duration: ms(a.DURATION), independent: a.INDEPENDENT === 'YES', gap: a.GAP === 'YES' });
  },
  'EXTINF': (p, value, open) => {
    const match = /^([\d.]+),(.*)$/.exec(value);
    if (!match) throw new Error(`EXTINF:${value}`);
    open.duration = ms(match[1]);
  },
  'EXT-X-PRELOAD-HINT': (p, value) => {
    const a = attributes(value);
    if (a.TYPE === 'PART') {
      if (p.hint) throw new Error('two part hints');
      p.hint = a.URI;
    }
  },
  'EXT-X-RENDITION-REPORT': (p, value) => {
    const a = attributes(value);
    p.reports.push({ uri: a.URI, lastMsn: number(a['LAST-MSN']), lastPart: number(a['LAST-PART']) });
  },
  'EXT-X-ENDLIST': (p) => { p.ended = true; },
};

export function parsePlaylist(text) {
  const p = {
    text, segments: [], reports: [], ranges: [], skipped: 0, ended: false, discontinuitySequence: 0, mediaSequence: 0,
  };
  let open = newSegment();
  const lines = text.split('\n');
  if (lines.shift() !== '#EXTM3U') throw new Error('no #EXTM3U');
  if (lines.pop() !== '') throw new Error('no line end at the end');
  for (const line of lines) {
    if (line.startsWith('#EXT')) {
      const [, name, value] = /^#([A-Z-]+)(?::(.*))?$/.exec(line) ?? [];
      if (!TAGS[name]) throw new Error(`unknown line: ${line}`);
      TAGS[name](p, value, open);
    } else if (line && !line.startsWith('#')) {
      if (open.duration === undefined) throw new Error(`a URI without EXTINF: ${line}`);
      p.segments.push({ ...open, uri: line, msn: p.mediaSequence + p.skipped + p.segments.length });
      open = newSegment();
    }
  }
  p.open = open; // parts (and tags) of the segment that is being made
  p.openMsn = p.mediaSequence + p.skipped + p.segments.length;
  return p;
}

// The newest thing in a playlist, as a client asks for what comes after it.
export function lastPart(p) {
  if (p.open.parts.length) return { msn: p.openMsn, part: p.open.parts.length - 1 };
  const last = p.segments[p.segments.length - 1];
  return last ? { msn: last.msn, part: Math.max(0, last.parts.length - 1) } : null;
}

export function parseMultivariant(text) {
  const lines = text.split('\n');
  const found = { media: [], variants: [] };
  for (let i = 0; i < lines.length; i++) {
    if (lines[i].startsWith('#EXT-X-MEDIA:')) found.media.push(attributes(lines[i].slice(13)));
    if (lines[i].startsWith('#EXT-X-STREAM-INF:'))
      found.variants.push({ ...attributes(lines[i].slice(18)), uri: lines[i + 1] });
  }
  return found;
}

export async function fetchText(url, options) {
  const response = await fetch(url, options);
  return { status: response.status, text: await response.text(), headers: response.headers };
}

export async function fetchBytes(url, options) {
  const response = await fetch(url, options);
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()), headers: response.headers };
}

// The first playlist, once there is one.
export async function firstPlaylist(url, withinMs = 30000) {
  const until = Date.now() + withinMs;
  for (;;) {
    const answer = await fetchText(url);
    if (answer.status === 200) return parsePlaylist(answer.text);
    if (Date.now() > until) throw new Error(`${url}: ${answer.status} for ${withinMs} ms`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

// What comes behind the newest part: a blocking reload.
export function nextQuery(p) {
  if (!p.open.parts.length) return `_HLS_msn=${p.openMsn}&_HLS_part=0`;
  return `_HLS_msn=${p.openMsn}&_HLS_part=${p.open.parts.length}`;
}
