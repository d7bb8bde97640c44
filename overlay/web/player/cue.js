// One cue of shop.cue.v1 as it arrives: text from the media, from a playlist or from the
// event stream. What comes out of here has the right types and is within its limits.

const TEXT_MAX = 2000; // characters; the server's own limit is 1,000 bytes
const CARDS_MAX = 16; // cards in a snapshot; the server shows 4

export const CUE_DESCRIPTION = 'shop.cue.v1';
export const RANGE_CLASS = 'live.vitrine.card';
export const RANGE_ATTRIBUTE = 'X-LIVE-VITRINE-CUE';

function isCount(value) {
    return Number.isSafeInteger(value) && value >= 0;
}

function isName(value, max) {
    return typeof value === 'string' && value.length > 0 && value.length <= max;
}

function cleanText(value, max) {
    return typeof value === 'string' && value ? value.slice(0, max) : undefined;
}

// Product in the cue's short names, unknown and ill-typed fields left out; null when it
// does not even name what it is.
export function cleanProduct(p) {
    if (!p || typeof p !== 'object') return null;
    const clean = {};
    for (const [key, max] of [['i', 64], ['t', 160], ['u', 400], ['m', 400], ['y', 3]]) {
        const text = cleanText(p[key], max);
        if (text !== undefined) clean[key] = text;
    }
    for (const key of ['a', 'l', 'n']) {
        if (isCount(p[key])) clean[key] = p[key];
    }
    return Object.keys(clean).length ? clean : null;
}

function cleanOffer(o) {
    if (!o || typeof o !== 'object') return null;
    const clean = {};
    if (isName(o.i, 64)) clean.i = o.i;
    for (const key of ['a', 'b', 'e', 'n', 'f']) {
        if (isCount(o[key])) clean[key] = o[key];
    }
    return clean;
}

function cleanCard(card) {
    if (!card || !isName(card.c, 16) || !isCount(card.r)) return null;
    return {
        c: card.c,
        r: card.r,
        p: cleanProduct(card.p),
        o: cleanOffer(card.o),
        x: isCount(card.x) ? card.x : undefined,
    };
}

// The cue, or null for anything that is not one of version 1. Cards of a snapshot that
// cannot be read are left out of it.
export function cleanCue(cue) {
    if (!cue || typeof cue !== 'object' || cue.v !== 1 || typeof cue.k !== 'string') return null;
    if (!isName(cue.s, 16)) return null;
    const clean = {k: cue.k, s: cue.s, w: isCount(cue.w) ? cue.w : undefined};
    if (cue.k === 'snap') {
        if (!isCount(cue.b ?? 0) || !Array.isArray(cue.a)) return null;
        clean.b = cue.b ?? 0;
        clean.a = cue.a.slice(0, CARDS_MAX).map(cleanCard).filter(Boolean);
        return clean;
    }
    if (!isCount(cue.q) || cue.q === 0) return null;
    clean.q = cue.q;
    if (cue.k === 'end') return clean;
    const card = cleanCard({...cue, r: cue.r ?? 0});
    return card && {...clean, ...card};
}

// From JSON text; null for anything else.
export function parseCue(text) {
    if (typeof text !== 'string' || text.length > TEXT_MAX) return null;
    try {
        return cleanCue(JSON.parse(text));
    } catch {
        return null;
    }
}

// From the value of the DATERANGE attribute: base64url of the JSON.
export function parseRangeCue(value) {
    if (typeof value !== 'string' || value.length > TEXT_MAX * 2) return null;
    try {
        const bytes = atob(value.replace(/-/g, '+').replace(/_/g, '/'));
        return parseCue(new TextDecoder().decode(Uint8Array.from(bytes, c => c.charCodeAt(0))));
    } catch {
        return null;
    }
}
