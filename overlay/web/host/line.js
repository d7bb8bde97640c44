// The line to the server: up, coming back, or lost. A server that restarts is back within
// seconds, and a host on air has better things to read than an alarm.

const GRACE_MS = 5000;

export class Line {
    #reached = true; // the last call was answered
    #up = true; // the event stream stands
    #since = null; // when it went

    set reached(is) {
        this.#reached = is;
        this.#note();
    }

    set up(is) {
        this.#up = is;
        this.#note();
    }

    // now: of performance.now().
    state(now = performance.now()) {
        if (this.#since === null) return 'up';
        return now - this.#since < GRACE_MS ? 'back' : 'lost';
    }

    #note() {
        if (this.#reached && this.#up) this.#since = null;
        else this.#since ??= performance.now();
    }
}
