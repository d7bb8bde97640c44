// What the server says beside the media: /live/{show}/state once, then its event stream.
//
// Events: "state" (detail: the whole answer), "cue", "product", "show" (detail: what came),
// "line" (detail: {up}) when the connection comes or goes, "missing" when there is no such
// show. It connects again by itself until it is closed; the state that every stream begins
// with makes up for what was missed.

const RECONNECT_MS = [500, 1000, 2000, 4000, 8000];
const CLOCK_SAMPLES = 5;

export class ShowFeed extends EventTarget {
    #url;
    #query;
    #source = null;
    #retries = 0;
    #timer = 0;
    #offsets = [];
    #up = null;

    // as: "host" when it is not to be counted among the viewers.
    constructor({base = '', show, as}) {
        super();
        this.#url = `${base}/live/${encodeURIComponent(show)}`;
        this.#query = as ? `?as=${as}` : '';
        this.state = null; // the last whole answer, kept up to date by "show" and "product"
        this.#connect();
    }

    // Server's wall clock in ms, whatever the device's says: the median of the last answers.
    serverNow() {
        if (!this.#offsets.length) return Date.now();
        const sorted = [...this.#offsets].sort((a, b) => a - b);
        return Date.now() + sorted[sorted.length >> 1];
    }

    get up() {
        return this.#up === true;
    }

    // The state at a media time in ms, or at the live edge.
    async fetchState(t) {
        const query = t === undefined ? '' : `?t=${Math.max(0, Math.round(t))}`;
        const answer = await fetch(`${this.#url}/state${query}`, {cache: 'no-store'});
        if (!answer.ok) throw Object.assign(new Error(`state: ${answer.status}`), {status: answer.status});
        return answer.json();
    }

    // Asks for the whole state once more, which comes as "state".
    async refresh() {
        try {
            this.#takeState(await this.fetchState());
        } catch (error) {
            if (error.status === 404) this.#emit('missing');
        }
    }

    close() {
        clearTimeout(this.#timer);
        this.#source?.close();
        this.#source = null;
        this.#timer = -1;
    }

    #connect() {
        const source = new EventSource(`${this.#url}/events${this.#query}`);
        this.#source = source;
        const on = (type, take) => source.addEventListener(type, event => {
            let data;
            try {
                data = JSON.parse(event.data);
            } catch {
                return;
            }
            take(data);
        });
        on('state', data => this.#takeState(data));
        on('cue', data => this.#emit('cue', data));
        on('product', data => this.#takeProduct(data));
        on('show', data => {
            const turned = this.state && (data.state !== this.state.state || data.live !== this.state.live);
            Object.assign(this.state ?? {}, data);
            this.#emit('show', data);
            if (turned) this.refresh(); // the run sheet may be another by now
        });
        on('ping', data => this.#clock(data.server_ms));
        source.addEventListener('open', () => {
            this.#retries = 0;
            this.#line(true);
        });
        source.addEventListener('error', () => {
            this.#line(false);
            if (source.readyState === EventSource.CLOSED) this.#retry();
        });
    }

    async #retry() {
        if (this.#timer < 0) return;
        const wait = RECONNECT_MS[Math.min(this.#retries++, RECONNECT_MS.length - 1)];
        await this.refresh();
        if (this.#timer < 0) return;
        this.#timer = setTimeout(() => this.#connect(), wait * (0.75 + Math.random() / 2));
    }

    #takeState(state) {
        this.state = state;
        this.#clock(state.server_ms);
        this.#emit('state', state);
    }

    #takeProduct(p) {
        const products = this.state?.products;
        const at = products?.findIndex(old => old.i === p.i) ?? -1;
        if (at >= 0) products[at] = p;
        this.#emit('product', p);
        if (at < 0) this.refresh();
    }

    #clock(server) {
        if (!Number.isFinite(server)) return;
        this.#offsets.push(server - Date.now());
        if (this.#offsets.length > CLOCK_SAMPLES) this.#offsets.shift();
    }

    #line(up) {
        if (up === this.#up) return;
        this.#up = up;
        this.#emit('line', {up});
    }

    #emit(type, detail) {
        this.dispatchEvent(new CustomEvent(type, {detail}));
    }
}
