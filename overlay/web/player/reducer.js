// What cards are up at a time of the programme: a function of all cues known so far, and
// of nothing else. Cues may come twice, late, in any order and over several ways; asking
// for an earlier time gives the cards of that time.
//
// Times are programme time: Unix milliseconds of the media, "w" of a cue. The rules are
// those of shop.cue.v1: the last snapshot at or before the time, then every later delta
// in order of q; a delta counts when its revision is greater than the card's.

import {cleanCue} from './cue.js';

const DELTAS_MAX = 20000; // as many as a show can have
const SNAPS_MAX = 20000; // one for each stretch between two deltas

const NEVER = Infinity;

// Index of the first element whose key is greater than value.
function upperBound(list, key, value) {
    let low = 0;
    let high = list.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (list[middle][key] <= value) low = middle + 1;
        else high = middle;
    }
    return low;
}

// then: the key that decides among equals.
function insertSorted(list, key, then, element, max) {
    let at = upperBound(list, key, element[key]);
    while (at > 0 && list[at - 1][key] === element[key] && list[at - 1][then] > element[then]) at--;
    list.splice(at, 0, element);
    if (list.length > max) list.shift();
}

// A product that brings its title is whole and replaces; otherwise it changes some fields.
function mergeProduct(old, next) {
    if (!next) return old;
    return next.t !== undefined || !old ? next : {...old, ...next};
}

// One card in the hands of the fold below.
class Card {
    constructor(c) {
        this.c = c;
        this.r = -1;
        this.up = false;
        this.p = null;
        this.o = null;
        this.sold = false;
        this.end = NEVER; // its own expiry, "x"
        this.order = 0; // of its last show: the greatest is in front
    }

    apply(delta, order) {
        if (delta.r <= this.r) return;
        this.r = delta.r;
        if (delta.k === 'hide') {
            this.up = false;
            return;
        }
        if (delta.k === 'show') {
            // A range does not say whether its revision was shown or only updated.
            if (!this.up || !delta.ranged) this.order = order;
            Object.assign(this, {up: true, p: mergeProduct(this.p, delta.p), o: delta.o,
                                 sold: false, end: delta.x ?? NEVER});
            return;
        }
        this.p = mergeProduct(this.p, delta.p);
        if (delta.k === 'sold') this.sold = true;
        if (delta.k === 'offer+') this.o = delta.o;
        if (delta.k === 'offer-') this.o = null;
        if (delta.k === 'upd') {
            if (delta.o) this.o = delta.o;
            if (delta.p?.n > 0) this.sold = false;
            this.end = delta.x ?? NEVER;
        }
    }
}

const CARD_KINDS = new Set(['show', 'upd', 'hide', 'sold', 'offer+', 'offer-', 'end']);

export class CueBook {
    #token; // of the show; null: that of the newest cue
    #shows = new Map(); // token -> {deltas by q, snaps by w, snapAt by b, details, ends}
    #latest = null;
    #version = 0;
    #memo = null;

    constructor(token = null) {
        this.#token = token;
    }

    // The broadcast whose cues count; a new one starts empty.
    get token() {
        return this.#token;
    }

    set token(token) {
        if (token === this.#token) return;
        this.#token = token;
        this.#version++;
    }

    // Changes with everything that was new.
    get version() {
        return this.#version;
    }

    #open(token) {
        let show = this.#shows.get(token);
        if (!show) {
            show = {deltas: [], snaps: [], snapAt: new Map(), details: new Map(), ends: new Map()};
            this.#shows.set(token, show);
            if (this.#shows.size > 4) this.#shows.delete(this.#shows.keys().next().value);
        }
        this.#latest = token;
        return show;
    }

    // Takes a cue as cleanCue() gives it; w stands in for a cue that has none. True when
    // it was new.
    add(cue, w = cue?.w) {
        if (!cue || !Number.isFinite(w)) return false;
        const known = cue.k === 'snap' || CARD_KINDS.has(cue.k);
        if (!known) return false;
        const show = this.#open(cue.s);
        return cue.k === 'snap' ? this.#addSnap(show, cue, w) : this.#addDelta(show, cue, w);
    }

    #addDelta(show, cue, w) {
        const at = upperBound(show.deltas, 'q', cue.q);
        const known = show.deltas[at - 1]?.q === cue.q ? show.deltas[at - 1] : null;
        this.#learn(show, cue);
        // A range says less than its delta (no "x"): the delta takes its place.
        if (known && (cue.ranged || !known.ranged)) return false;
        if (known) show.deltas[at - 1] = {...cue, w};
        else insertSorted(show.deltas, 'q', 'w', {...cue, w}, DELTAS_MAX);
        this.#version++;
        return true;
    }

    // Snapshots of one b tell the same; the earliest answers for all of them.
    #addSnap(show, cue, w) {
        const known = show.snapAt.get(cue.b);
        cue.a.forEach(card => this.#learn(show, card));
        if (known && known.w <= w) return false;
        if (known) show.snaps.splice(show.snaps.indexOf(known), 1);
        const snap = {...cue, w};
        show.snapAt.set(cue.b, snap);
        insertSorted(show.snaps, 'w', 'b', snap, SNAPS_MAX);
        this.#version++;
        return true;
    }

    // A range of the playlist: it tells of one revision of a card from its start on, and,
    // once that is known, when this revision was over.
    addRange(cue, end = NEVER) {
        if (!cue || cue.k === 'snap' || !Number.isFinite(cue.w)) return false;
        const shown = cue.k === 'upd' && cue.p?.t !== undefined ? {...cue, k: 'show'} : cue;
        let changed = this.add({...shown, ranged: true});
        const show = this.#open(cue.s);
        const key = `${cue.c}:${cue.r}`;
        if (end !== NEVER && show.ends.get(key) !== end) {
            show.ends.set(key, end);
            this.#version++;
            changed = true;
        }
        return changed;
    }

    // What a card shows belongs to its name and revision; a cue that had to be short says
    // less of it. The fullest is kept.
    #learn(show, card) {
        if (!card.p) return;
        const key = `${card.c}:${card.r}`;
        const known = show.details.get(key);
        if (known && Object.keys(known).length >= Object.keys(card.p).length) return;
        show.details.set(key, {...known, ...card.p});
        if (show.details.size > DELTAS_MAX) show.details.delete(show.details.keys().next().value);
    }

    // {cards, until}: the cards that are up at w, the one in front first, and the next time
    // at which that may be another.
    at(w) {
        const memo = this.#memo;
        if (memo && memo.version === this.#version && w >= memo.from && w < memo.until) return memo;
        this.#memo = {version: this.#version, from: w, ...this.#fold(w)};
        return this.#memo;
    }

    #fold(w) {
        const show = this.#shows.get(this.#token ?? this.#latest);
        if (!show) return {cards: [], until: NEVER};
        const cards = new Map();
        const after = upperBound(show.snaps, 'w', w);
        const snap = show.snaps[after - 1];
        let until = show.snaps[after]?.w ?? NEVER;
        snap?.a.forEach((entry, order) => {
            const card = new Card(entry.c);
            card.apply({...entry, k: 'show'}, order - snap.a.length);
            cards.set(entry.c, card);
        });
        for (let i = upperBound(show.deltas, 'q', snap?.b ?? 0); i < show.deltas.length; i++) {
            const delta = show.deltas[i];
            if (delta.w > w) {
                until = Math.min(until, delta.w);
            } else if (delta.k === 'end') {
                cards.forEach(card => { card.up = false; });
            } else {
                if (!cards.has(delta.c)) cards.set(delta.c, new Card(delta.c));
                cards.get(delta.c).apply(delta, delta.q);
            }
        }
        const up = [];
        for (const card of cards.values()) {
            if (!card.up) continue;
            const key = `${card.c}:${card.r}`;
            const end = Math.min(card.end, show.ends.get(key) ?? NEVER);
            if (w >= end) continue;
            until = Math.min(until, end);
            const p = {...show.details.get(key), ...card.p};
            if (!p.i && !p.t) continue; // an update of a card that was never shown to us
            up.push({c: card.c, r: card.r, p, o: card.o, sold: card.sold || p.n === 0, order: card.order});
        }
        up.sort((a, b) => b.order - a.order);
        return {cards: up.map(({order, ...card}) => card), until};
    }
}

// The answer of /live/{show}/state as the snapshot that it is.
export function snapOfState(state) {
    const cards = Array.isArray(state?.cards) ? state.cards : [];
    return cleanCue({v: 1, k: 'snap', s: state?.s, b: state?.b ?? 0, a: cards,
                     w: state?.anchor_ms + state?.t});
}
