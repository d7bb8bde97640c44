// The cards of one show for one video: what the player finds in its media, what the server
// says beside it, and the picture that is on screen, brought together.

import {cleanCue, cleanProduct} from './cue.js';
import {ShowFeed} from './feed.js';
import {watchFrames} from './frames.js';
import {fillProduct, productOf} from './product.js';
import {CueBook, snapOfState} from './reducer.js';
import {TimeMap} from './time_map.js';

const EARLY_MS = 2; // cue times are whole milliseconds, frames are not
const STILL_MS = 400; // without a new picture: it stands still
const HELP_MS = 1500; // between tries to get a player to the media that is back
const SEED_AFTER_MS = 700; // without a cue in the media by then, the server is asked

// Events of the shop:
//   cards  the set of visible cards changed, at the frame where it does. detail = {t, time,
//          cards: [{c, r, product, offer, sold}]}: t is media time in ms (null before the
//          server told where 0 is), time the player's in seconds; the card in front first.
//   offer  the offer of a visible card began, changed or ended. detail = {card, offer}.
//   buy    buy() was called. detail = {card, url}; preventDefault() to open nothing.
//   show   the show's own state changed. detail = {state, live, away_since_ms, title, host,
//          viewers}: "live" and not live is a host who will be back in a moment.
//   away   the picture stands still because of that, or moves again. detail = {away,
//          since_ms}. Cards go on by the clock meanwhile.
//   error  something could not be read or reached; it goes on. detail = {message}.
export class Shop extends EventTarget {
    #video;
    #base;
    #feed;
    #ownFeed;
    #book = new CueBook();
    #live = new Map(); // sku -> product as it is now, in the cue's short names
    #times;
    #source;
    #stopFrames;
    #listeners = [];
    #anchor = null; // programme time of media time 0
    #drawn = '[]';
    #offers = new Map();
    #found = null; // the book's answer that was drawn last
    #seedTimer = 0;
    #lastTime = NaN;
    #lastClock = NaN; // the video's, and when it moved
    #movedAt = 0;
    #awayAt = 0;
    #helpedAt = 0;
    #beat;

    // listen(sink): starts the source of the player's kind, see source_*.js.
    constructor(video, {listen, show, base, feed}) {
        super();
        this.cards = [];
        this.away = false;
        this.#video = video;
        this.#base = base;
        this.#times = new TimeMap(time => this.#source?.programTime(time) ?? NaN);
        const sink = {
            cue: (cue, time) => this.#takeCue(cue, time),
            range: (cue, time, end) => this.#takeRange(cue, time, end),
            reset: () => this.#times.clear(),
        };
        this.#source = listen(sink);

        this.#ownFeed = !feed;
        this.#feed = feed ?? new ShowFeed({base: this.#base, show});
        this.#listen('state', event => this.#takeState(event.detail));
        this.#listen('cue', event => this.#book.add(cleanCue(event.detail)));
        this.#listen('product', event => this.#takeProduct(event.detail));
        this.#listen('show', event => this.#emit('show', event.detail));
        this.#listen('missing', () => this.#emit('error', {message: `there is no show "${show}"`}));
        if (this.#feed.state) this.#takeState(this.#feed.state);

        this.#stopFrames = watchFrames(video, time => this.away || this.#evaluate(time));
        this.#beat = setInterval(() => this.#lookForHost(), STILL_MS / 2);
        this.#seedTimer = setTimeout(() => this.#seed(), SEED_AFTER_MS);
    }

    // Media time in ms at the playhead, or null while it is not known.
    get mediaTime() {
        return this.#mediaTime(this.#video.currentTime);
    }

    // The viewer wants the product of a card (its c). Opens the shop's page beside the
    // video unless a listener prevents it.
    buy(c) {
        const card = this.cards.find(one => one.c === c);
        if (!card || card.sold) return false;
        const event = new CustomEvent('buy', {cancelable: true, detail: {card, url: card.product.url}});
        if (!this.dispatchEvent(event) || !card.product.url) return false;
        window.open(card.product.url, '_blank', 'noopener');
        return true;
    }

    detach() {
        this.#source.stop();
        this.#stopFrames();
        clearTimeout(this.#seedTimer);
        clearInterval(this.#beat);
        this.#listeners.forEach(([type, listener]) => this.#feed.removeEventListener(type, listener));
        if (this.#ownFeed) this.#feed.close();
        this.cards = [];
    }

    #listen(type, listener) {
        this.#feed.addEventListener(type, listener);
        this.#listeners.push([type, listener]);
    }

    #takeCue(cue, time) {
        if (cue.w === undefined) cue.w = Math.round(this.#times.at(time));
        else this.#times.add(time, cue.w);
        this.#book.add(cue);
    }

    // A range of the playlist that has no time of its own stands at its start.
    #takeRange(cue, time, end) {
        if (cue.w === undefined) cue.w = Math.round(this.#times.at(time));
        this.#book.addRange(cue, end);
    }

    #takeState(state) {
        if (!state || typeof state !== 'object') return;
        if (Number.isFinite(state.anchor_ms) && state.anchor_ms > 0) this.#anchor = state.anchor_ms;
        if (typeof state.s === 'string' && state.s) this.#book.token = state.s;
        const snap = this.#anchor === null ? null : snapOfState(state);
        if (snap) this.#book.add(snap);
        (state.products ?? []).forEach(p => this.#takeProduct(p));
        this.#emit('show', {state: state.state, live: state.live, away_since_ms: state.away_since_ms ?? null,
                            title: state.title, host: state.host, viewers: state.viewers});
    }

    #takeProduct(p) {
        const clean = cleanProduct(p);
        if (!clean?.i) return;
        this.#live.set(clean.i, clean);
        this.#found = null;
        this.#evaluate(this.#lastTime);
    }

    // A player without cues in its media learns from the server what is up at its playhead.
    async #seed() {
        const time = this.#mediaTime(this.#video.currentTime);
        if (time === null) {
            this.#seedTimer = setTimeout(() => this.#seed(), SEED_AFTER_MS);
            return;
        }
        try {
            const snap = snapOfState(await this.#feed.fetchState(time));
            if (snap) this.#book.add(snap);
        } catch (error) {
            this.#emit('error', {message: `the cards of the show could not be asked for (${error.message})`});
        }
    }

    // Away begins when the buffer has played out, and ends when pictures move again. A player
    // that stands in front of the gap is helped over it, also of one that was over before
    // anybody could be told of it.
    #lookForHost() {
        const {state, live, away_since_ms} = this.#feed.state ?? {};
        const {currentTime, paused, seeking} = this.#video;
        const now = performance.now();
        if (currentTime !== this.#lastClock && !seeking) {
            this.#lastClock = currentTime;
            this.#movedAt = now;
        }
        const still = now - this.#movedAt > STILL_MS;
        const atGap = !paused && this.#source.isAtGap?.(currentTime, !still);
        const away = state === 'live' && still && (this.away || !live);
        if (away !== this.away) {
            this.away = away;
            this.#awayAt = this.#movedAt;
            this.#emit('away', {away, since_ms: away ? away_since_ms ?? null : null});
        }
        if ((away || atGap) && live && now - this.#helpedAt > HELP_MS) {
            this.#helpedAt = now;
            this.#source.toLive?.(this.#video);
        }
        if (!away) return;
        if (Number.isFinite(this.#times.at(this.#lastTime))) this.#evaluate(this.#lastTime, now - this.#awayAt);
        else this.#showAt(this.#feed.serverNow(), currentTime); // who came while the host was away
    }

    #mediaTime(time) {
        const w = this.#times.at(time);
        return Number.isFinite(w) && this.#anchor !== null ? w - this.#anchor : null;
    }

    // later: ms for which the picture has stood still while the show's clock goes on.
    #evaluate(time, later = 0) {
        this.#lastTime = time;
        const w = this.#times.at(time) + later;
        if (Number.isFinite(time) && Number.isFinite(w)) this.#showAt(w, time);
    }

    // The cards of a programme time.
    #showAt(w, time) {
        // The book gives the same answer again while nothing can have changed.
        const found = this.#book.at(w + EARLY_MS);
        if (found === this.#found) return;
        this.#found = found;
        const cards = found.cards.map(card => this.#cardOf(card));
        const drawn = JSON.stringify(cards);
        if (drawn === this.#drawn) return;
        this.#drawn = drawn;
        this.cards = cards;
        const t = this.#anchor === null ? null : Math.round(w - this.#anchor);
        this.#emit('cards', {t, time, cards});
        this.#tellOffers(cards);
    }

    #cardOf({c, r, p, o, sold}) {
        const live = this.#live.get(p.i);
        const product = productOf(fillProduct(p, live), this.#base, live);
        return {c, r, product, offer: o ?? null, sold: sold || product.stock === 0};
    }

    #tellOffers(cards) {
        const now = new Map(cards.map(card => [card.c, JSON.stringify(card.offer)]));
        for (const card of cards) {
            if ((this.#offers.get(card.c) ?? 'null') !== now.get(card.c)) {
                this.#emit('offer', {card, offer: card.offer});
            }
        }
        this.#offers = now;
    }

    #emit(type, detail) {
        this.dispatchEvent(new CustomEvent(type, {detail}));
    }
}
