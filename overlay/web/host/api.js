// Calls of the API with the host's token. The token comes once, in the fragment of the
// login link; it stays in this tab's storage and leaves the address at once, so that it is
// in no history, no screenshot and no referrer.

const RESEND_MS = 400; // before a call whose answer was lost goes out again
const RESEND_UNTIL_MS = 6000; // after the tap: a restart of the server fits in; later, the host has moved on
const TIMEOUT_MS = 4000;

export class ApiError extends Error {
    constructor(status, detail) {
        super(detail || `HTTP ${status}`);
        this.status = status; // 0: no answer came
    }
}

// A name that no other tap has. crypto.randomUUID() is not there on plain http.
export function newKey() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}

// The token in a login link, or the text itself.
export function tokenOf(text) {
    return (/[#&]t=([^&\s]+)/.exec(text)?.[1] ?? text).trim();
}

export class HostApi {
    #show;
    #stage;
    #token;
    #store;

    constructor(show) {
        this.#show = show;
        this.#stage = show;
        this.#store = `vitrine.host.${show}`;
        const given = /[#&]t=([^&]+)/.exec(location.hash)?.[1];
        if (given) {
            sessionStorage.setItem(this.#store, decodeURIComponent(given));
            history.replaceState(null, '', location.pathname + location.search);
        }
        this.#token = sessionStorage.getItem(this.#store);
    }

    get known() {
        return !!this.#token;
    }

    // The show whose cues are set: this one, or its rehearsal.
    set stage(id) {
        this.#stage = id;
    }

    // A host's token is for one show; products are for who has the API token.
    get keeps() {
        return this.known && !this.#token.startsWith('h.');
    }

    login(token) {
        this.#token = token;
        sessionStorage.setItem(this.#store, token);
    }

    logout() {
        this.#token = null;
        sessionStorage.removeItem(this.#store);
    }

    show() {
        return this.#call('GET', this.#path());
    }

    change(fields) {
        return this.#call('PATCH', this.#path(), fields);
    }

    end() {
        return this.#call('POST', this.#path('/end'));
    }

    goLive() {
        return this.#call('POST', this.#path('/live'));
    }

    kick(reason) {
        return this.#call('POST', this.#path('/kick'), reason ? {reason} : {});
    }

    keys() {
        return this.#call('GET', this.#path('/keys')).then(answer => answer.keys ?? []);
    }

    addKey(fields) {
        return this.#call('POST', this.#path('/keys'), fields);
    }

    revokeKey(key) {
        return this.#call('DELETE', this.#path(`/keys/${encodeURIComponent(key)}`));
    }

    products() {
        return this.#call('GET', '/api/products').then(answer => answer.products ?? []);
    }

    putProduct(sku, product) {
        return this.#call('PUT', `/api/products/${encodeURIComponent(sku)}`, product);
    }

    pin(sku) {
        return this.#call('POST', this.#path('/cues', this.#stage), {k: 'show', sku, at: 'now'}, newKey());
    }

    hide(c) {
        return this.#call('DELETE', this.#path(`/cues/${encodeURIComponent(c)}`, this.#stage));
    }

    #path(rest = '', show = this.#show) {
        return `/api/shows/${encodeURIComponent(show)}${rest}`;
    }

    // key: the call may be sent again when its answer is lost.
    async #call(method, path, body, key) {
        const tapped = performance.now();
        for (;;) {
            try {
                return await this.#once(method, path, body, key);
            } catch (error) {
                if (error.status !== 0 || !key || performance.now() - tapped > RESEND_UNTIL_MS) throw error;
                await new Promise(done => setTimeout(done, RESEND_MS));
            }
        }
    }

    async #once(method, path, body, key) {
        const headers = {Authorization: `Bearer ${this.#token}`};
        if (body) headers['Content-Type'] = 'application/json';
        if (key) headers['Idempotency-Key'] = key;
        let answer;
        try {
            answer = await fetch(path, {method, headers, body: body && JSON.stringify(body), cache: 'no-store',
                                        signal: AbortSignal.timeout(TIMEOUT_MS)});
        } catch (error) {
            throw new ApiError(0, error.message);
        }
        const data = await answer.json().catch(() => null);
        if (!answer.ok) throw new ApiError(answer.status, data?.detail ?? data?.title);
        return data;
    }
}
