import assert from 'node:assert/strict';
import {test} from 'node:test';
import {cleanCue} from '../../overlay/web/player/cue.js';
import {CueBook, snapOfState} from '../../overlay/web/player/reducer.js';

const product = (sku, more = {}) => ({i: sku, t: `The ${sku}`, u: `/p/${sku}`, a: 1000, y: 'EUR', ...more});
const cue = fields => cleanCue({v: 1, s: 'S1', ...fields});
const show = (q, w, c, r, more = {}) => cue({k: 'show', q, w, c, r, p: product(c), ...more});
const hide = (q, w, c, r) => cue({k: 'hide', q, w, c, r});
const snap = (b, w, cards) => cue({k: 'snap', b, w, a: cards});

function book(...cues) {
    const result = new CueBook();
    cues.forEach(one => result.add(one));
    return result;
}

const ids = (of, w) => of.at(w).cards.map(card => `${card.c}.${card.r}`);

test('a card is up from its time on, and not before', () => {
    const of = book(show(1, 1000, 'a', 1));
    assert.deepEqual(ids(of, 999), []);
    assert.deepEqual(ids(of, 1000), ['a.1']);
    assert.deepEqual(ids(of, 999), [], 'asking for an earlier time gives that time');
});

test('hide takes the card away, and a later show brings it back', () => {
    const of = book(show(1, 1000, 'a', 1), hide(2, 2000, 'a', 2), show(3, 3000, 'a', 3));
    assert.deepEqual(ids(of, 1500), ['a.1']);
    assert.deepEqual(ids(of, 2000), []);
    assert.deepEqual(ids(of, 3000), ['a.3']);
});

test('what is not newer than the card is ignored', () => {
    const of = book(show(1, 1000, 'a', 5), hide(2, 2000, 'a', 5), cue({k: 'upd', q: 3, w: 2100, c: 'a', r: 4, p: {n: 0}}));
    assert.deepEqual(ids(of, 3000), ['a.5']);
    assert.equal(of.at(3000).cards[0].sold, false);
});

test('the same cue twice changes nothing', () => {
    const of = book(show(1, 1000, 'a', 1));
    const version = of.version;
    assert.equal(of.add(show(1, 1000, 'a', 1)), false);
    assert.equal(of.version, version);
});

test('cues may come in any order', () => {
    const of = book(hide(3, 3000, 'a', 3), cue({k: 'upd', q: 2, w: 2000, c: 'a', r: 2, p: {n: 3}}), show(1, 1000, 'a', 1));
    assert.equal(of.at(2500).cards[0].p.n, 3);
    assert.deepEqual(ids(of, 3000), []);
});

test('a snapshot repairs a lost hide', () => {
    const of = book(show(1, 1000, 'a', 1), snap(2, 4000, []));
    assert.deepEqual(ids(of, 3999), ['a.1']);
    assert.deepEqual(ids(of, 4000), []);
});

test('a snapshot tells a late joiner what is up', () => {
    const of = book(snap(7, 4000, [{c: 'a', r: 3, p: product('a')}, {c: 'b', r: 1, p: product('b')}]),
                    hide(8, 5000, 'a', 4));
    assert.deepEqual(ids(of, 4000), ['b.1', 'a.3'], 'the last one lies in front');
    assert.deepEqual(ids(of, 5000), ['b.1']);
});

test('a card that is shown again comes to the front, an updated one keeps its place', () => {
    const of = book(show(1, 1000, 'a', 1), show(2, 2000, 'b', 1), show(3, 3000, 'a', 2),
                    cue({k: 'upd', q: 4, w: 4000, c: 'b', r: 2, p: {n: 3}}));
    assert.deepEqual(ids(of, 2000), ['b.1', 'a.1']);
    assert.deepEqual(ids(of, 3000), ['a.2', 'b.1']);
    assert.deepEqual(ids(of, 4000), ['a.2', 'b.2']);
});

test('a card whose time is over comes to the front when it is shown again', () => {
    const of = book(show(1, 1000, 'a', 1, {x: 1500}), show(2, 2000, 'b', 1), show(3, 3000, 'a', 2));
    assert.deepEqual(ids(of, 3000), ['a.2', 'b.1']);
});

test('a range of a card that is up keeps its place', () => {
    const of = new CueBook();
    of.addRange(show(1, 1000, 'a', 1), 3000);
    of.addRange(show(2, 2000, 'b', 1));
    of.addRange(show(3, 3000, 'a', 2));
    assert.deepEqual(ids(of, 3000), ['b.1', 'a.2']);
});

test('deltas that a snapshot includes are not applied again', () => {
    const of = book(show(1, 1000, 'a', 1), hide(2, 2000, 'a', 2), snap(2, 4000, [{c: 'b', r: 1, p: product('b')}]));
    assert.deepEqual(ids(of, 4000), ['b.1']);
});

test('a hide that comes late takes effect at its own time', () => {
    const of = book(show(1, 1000, 'a', 1));
    assert.deepEqual(ids(of, 5000), ['a.1']);
    of.add(hide(2, 3000, 'a', 2));
    assert.deepEqual(ids(of, 5000), []);
    assert.deepEqual(ids(of, 2999), ['a.1']);
});

test('a card goes by itself at its expiry', () => {
    const of = book(show(1, 1000, 'a', 1, {x: 4000}));
    assert.equal(of.at(1000).until, 4000);
    assert.deepEqual(ids(of, 3999), ['a.1']);
    assert.deepEqual(ids(of, 4000), []);
});

test('a partial update changes its fields, a whole product replaces', () => {
    const of = book(show(1, 1000, 'a', 1, {p: product('a', {l: 2000, n: 9})}),
                    cue({k: 'upd', q: 2, w: 2000, c: 'a', r: 2, p: {n: 1}}),
                    cue({k: 'upd', q: 3, w: 3000, c: 'a', r: 3, p: product('a', {a: 500})}));
    assert.deepEqual(of.at(2000).cards[0].p, product('a', {l: 2000, n: 1}));
    assert.deepEqual(of.at(3000).cards[0].p, product('a', {a: 500}));
});

test('sold out is a matter of the card or of its stock', () => {
    const of = book(show(1, 1000, 'a', 1), cue({k: 'sold', q: 2, w: 2000, c: 'a', r: 2}),
                    show(3, 3000, 'b', 1, {p: product('b', {n: 0})}));
    assert.equal(of.at(1000).cards[0].sold, false);
    assert.equal(of.at(2000).cards[0].sold, true);
    assert.equal(of.at(3000).cards[0].sold, true);
});

test('an offer comes and goes with its card', () => {
    const of = book(show(1, 1000, 'a', 1), cue({k: 'offer+', q: 2, w: 2000, c: 'a', r: 2, o: {i: 'o', a: 500}}),
                    cue({k: 'offer-', q: 3, w: 3000, c: 'a', r: 3}));
    assert.equal(of.at(1000).cards[0].o, null);
    assert.deepEqual(of.at(2000).cards[0].o, {i: 'o', a: 500});
    assert.equal(of.at(3000).cards[0].o, null);
});

test('the end of the show clears the screen', () => {
    const of = book(show(1, 1000, 'a', 1), cue({k: 'end', q: 2, w: 2000}));
    assert.deepEqual(ids(of, 2000), []);
});

test('another broadcast is another book', () => {
    const of = new CueBook('S1');
    of.add(show(1, 1000, 'a', 1));
    of.add(show(1, 1000, 'z', 1, {s: 'S2'}));
    assert.deepEqual(ids(of, 1000), ['a.1']);
    of.token = 'S2';
    assert.deepEqual(ids(of, 1000), ['z.1']);
});

test('a snapshot without details borrows them from the cue', () => {
    const of = book(show(1, 1000, 'a', 1), snap(1, 2000, [{c: 'a', r: 1, p: {i: 'a'}}]));
    assert.equal(of.at(2000).cards[0].p.t, 'The a');
});

test('ranges of the playlist alone show, change and end a card', () => {
    const of = new CueBook();
    of.addRange(show(1, 1000, 'a', 1), 2000);
    of.addRange(cue({k: 'upd', q: 2, w: 2000, c: 'a', r: 2, p: product('a', {n: 1})}));
    assert.equal(of.at(1500).cards[0].p.n, undefined);
    assert.equal(of.at(2500).cards[0].p.n, 1);
    of.addRange(cue({k: 'upd', q: 2, w: 2000, c: 'a', r: 2, p: product('a', {n: 1})}), 3000);
    assert.deepEqual(ids(of, 3000), []);
});

test('a delta in the media says more than its range, whichever came first', () => {
    for (const rangeFirst of [true, false]) {
        const of = new CueBook();
        const range = () => of.addRange(show(1, 1000, 'a', 1));
        if (rangeFirst) range();
        of.add(show(1, 1000, 'a', 1, {x: 3000}));
        if (!rangeFirst) range();
        assert.deepEqual(ids(of, 2999), ['a.1']);
        assert.deepEqual(ids(of, 3000), []);
    }
});

test('the fullest product of a card and revision is kept', () => {
    const of = book(snap(1, 2000, [{c: 'a', r: 1, p: {i: 'a', t: 'The a'}}]), show(1, 1000, 'a', 1));
    assert.equal(of.at(2000).cards[0].p.a, 1000);
});

test('an update without an expiry takes it away', () => {
    const of = book(show(1, 1000, 'a', 1, {x: 3000}), cue({k: 'upd', q: 2, w: 2000, c: 'a', r: 2, p: {n: 1}}));
    assert.deepEqual(ids(of, 4000), ['a.2']);
});

test('an update in a range shows the card to who joined after its show', () => {
    const of = new CueBook();
    of.addRange(cue({k: 'upd', q: 9, w: 2000, c: 'a', r: 4, p: product('a')}));
    assert.deepEqual(ids(of, 2000), ['a.4']);
});

test('the answer of /state is a snapshot at its time', () => {
    const of = new CueBook();
    of.add(snapOfState({s: 'S1', t: 4000, anchor_ms: 100000, b: 3, cards: [{c: 'a', r: 2, m: 1000, p: product('a')}]}));
    assert.deepEqual(ids(of, 103999), []);
    assert.deepEqual(ids(of, 104000), ['a.2']);
});

test('until is the next time at which something may change', () => {
    const of = book(show(1, 1000, 'a', 1), snap(1, 2000, [{c: 'a', r: 1, p: product('a')}]), hide(2, 3000, 'a', 2));
    assert.equal(of.at(0).until, 1000);
    assert.equal(of.at(1000).until, 2000);
    assert.equal(of.at(2500).until, 3000);
    assert.equal(of.at(3000).until, Infinity);
});

test('what is no cue is left out', () => {
    for (const bad of [null, 7, {}, {v: 2, k: 'show', s: 'S', q: 1, c: 'a', r: 1}, {v: 1, k: 'show', s: 'S', q: 0, c: 'a', r: 1},
                       {v: 1, k: 'show', s: 'S', q: 1, c: 'a', r: -1}, {v: 1, k: 'show', s: 'S'.repeat(17), q: 1, c: 'a', r: 1},
                       {v: 1, k: 'snap', s: 'S', b: 1}, {v: 1, k: 'show', s: 'S', q: 1.5, c: 'a', r: 1}]) {
        assert.equal(cleanCue(bad), null);
    }
    const of = book(cue({k: 'qa', q: 1, w: 1000, c: 'a', r: 1}), cue({k: 'later', q: 2, w: 1000, c: 'a', r: 1}));
    assert.deepEqual(ids(of, 2000), []);
});

// The rules once more, as directly as they can be written.
function naive(cues, t) {
    const deltas = new Map();
    cues.filter(one => one.k !== 'snap').forEach(one => deltas.has(one.q) || deltas.set(one.q, one));
    let last = null;
    for (const one of cues) {
        if (one.k === 'snap' && one.w <= t && (!last || one.w > last.w || (one.w === last.w && one.b > last.b))) last = one;
    }
    const cards = new Map((last?.a ?? []).map(card => [card.c, {r: card.r, up: true, p: card.p}]));
    const later = [...deltas.values()].filter(one => one.q > (last?.b ?? 0) && one.w <= t).sort((a, b) => a.q - b.q);
    for (const one of later) {
        const card = cards.get(one.c) ?? {r: -1, up: false, p: null};
        if (one.r <= card.r) continue;
        card.r = one.r;
        if (one.k === 'hide') card.up = false;
        if (one.k === 'show') Object.assign(card, {up: true, p: one.p});
        if (one.k === 'upd') card.p = {...card.p, ...one.p};
        cards.set(one.c, card);
    }
    return [...cards].filter(([, card]) => card.up).map(([c, card]) => `${c}.${card.r}.${card.p?.n ?? ''}`).sort();
}

function random(seed) {
    let x = seed;
    return below => {
        x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
        return Math.floor((x / 2 ** 32) * below);
    };
}

// A show as a server would air it: deltas in order of time, a snapshot now and then.
function airedShow(next) {
    const cues = [];
    const cards = new Map();
    let w = 1000;
    let q = 0;
    for (let i = 0; i < 40; i++) {
        w += next(5) * 100;
        const c = 'abcd'[next(4)];
        const card = cards.get(c) ?? {r: 0, up: false, n: undefined};
        cards.set(c, card);
        if (next(4) === 0) {
            cues.push(snap(q, w, [...cards].filter(([, one]) => one.up)
                .map(([id, one]) => ({c: id, r: one.r, p: product(id, one.n === undefined ? {} : {n: one.n})}))));
            continue;
        }
        card.r++;
        const kind = card.up ? ['hide', 'upd'][next(2)] : 'show';
        q++;
        if (kind === 'show') {
            Object.assign(card, {up: true, n: undefined});
            cues.push(show(q, w, c, card.r));
        } else if (kind === 'upd') {
            card.n = next(9);
            cues.push(cue({k: 'upd', q, w, c, r: card.r, p: {n: card.n}}));
        } else {
            card.up = false;
            cues.push(hide(q, w, c, card.r));
        }
    }
    return cues;
}

test('the state at every time is that of the naive model, whatever the order and the losses', () => {
    let compared = 0;
    for (let seed = 1; seed <= 300; seed++) {
        const next = random(seed);
        const aired = airedShow(next);
        const received = aired.filter(() => next(10) > 0); // some are lost
        const arrivals = [...received, ...received.filter(() => next(3) === 0)]; // some come twice
        for (let i = arrivals.length - 1; i > 0; i--) { // and in any order
            const j = next(i + 1);
            [arrivals[i], arrivals[j]] = [arrivals[j], arrivals[i]];
        }
        const of = new CueBook();
        const so_far = [];
        for (const arrival of arrivals) {
            of.add(arrival);
            so_far.push(arrival);
            const t = 900 + next(170) * 100; // seeks to and fro
            const got = of.at(t).cards.map(card => `${card.c}.${card.r}.${card.p?.n ?? ''}`).sort();
            assert.deepEqual(got, expected(so_far, t), `seed ${seed}, t ${t}`);
            compared++;
        }
    }
    assert.ok(compared > 5000);
});

// The naive model with the two kindnesses of the book: a snapshot counts from the earliest
// time at which one with the same b was seen, and a card without any product is not shown.
function expected(cues, t) {
    const first = new Map();
    cues.filter(one => one.k === 'snap').forEach(one => {
        if (!(first.get(one.b)?.w <= one.w)) first.set(one.b, one);
    });
    return naive([...cues.filter(one => one.k !== 'snap'), ...first.values()], t);
}
