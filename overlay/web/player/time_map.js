// Where a moment of the player lies in programme time (Unix milliseconds of the media).
//
// Every cue in the media tells both: the player's time at which its box stands, and its
// own "w". Those pairs are exact and hold until the next one, across discontinuities. As
// long as there is none, the playlist's PROGRAM-DATE-TIME answers.

const PAIRS_MAX = 500; // more than a window of snapshots

export class TimeMap {
    #pairs = []; // {time, w} by time
    #fallback;

    // fallback(time): programme time, or NaN while it is not known.
    constructor(fallback = () => NaN) {
        this.#fallback = fallback;
    }

    add(time, w) {
        if (!Number.isFinite(time) || !Number.isFinite(w)) return;
        let at = this.#pairs.length;
        while (at > 0 && this.#pairs[at - 1].time > time) at--;
        if (this.#pairs[at - 1]?.time === time) this.#pairs[at - 1] = {time, w};
        else this.#pairs.splice(at, 0, {time, w});
        if (this.#pairs.length > PAIRS_MAX) this.#pairs.shift();
    }

    clear() {
        this.#pairs = [];
    }

    // Programme time at a player's time in seconds; NaN while nothing is known.
    at(time) {
        let pair = this.#pairs[0];
        for (const next of this.#pairs) {
            if (next.time > time) break;
            pair = next;
        }
        return pair ? pair.w + (time - pair.time) * 1000 : this.#fallback(time);
    }
}
