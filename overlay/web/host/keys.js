import {byId, make, setText} from '../shared/dom.js';
import {copyText, openSheet} from './dialogs.js';
import {formatAgo, formatMoment} from './formats.js';
import {tell} from './words.js';

// How to connect: where to, and the stream keys of the show. A key's secret is in the page
// only while its sheet is open.

const SURE_MS = 4000; // a second tap revokes

export class Keys {
    #api;
    #show;
    #codes = null;

    // show(): the show as the API gave it last.
    constructor(api, show) {
        this.#api = api;
        this.#show = show;
        byId('server-copy').addEventListener('click', event => copyText(byId('server').textContent, event.target));
        byId('secure-copy').addEventListener('click', event => copyText(byId('secure').textContent, event.target));
        byId('key-copy').addEventListener('click', event => copyText(byId('key').textContent, event.target));
        byId('key-new').addEventListener('click', () => this.#ask());
        byId('key-form').addEventListener('submit', event => this.#make(event));
        byId('code-rtmp').addEventListener('click', () => this.#drawCode('rtmp'));
        byId('code-larix').addEventListener('click', () => this.#drawCode('larix'));
        byId('made-sheet').addEventListener('close', () => this.#forget());
    }

    open() {
        const {rtmp_url, rtmps_url} = this.#show();
        setText(byId('server'), rtmp_url ?? '');
        byId('secure-block').hidden = !rtmps_url;
        setText(byId('secure'), rtmps_url ?? '');
        setText(byId('keys-error'), '');
        openSheet('connect-sheet');
        this.#load();
    }

    async #load() {
        try {
            byId('keys').replaceChildren(...(await this.#api.keys()).map(key => this.#row(key)));
        } catch (error) {
            setText(byId('keys-error'), tell('failed', {why: error.message}));
        }
    }

    #row(key) {
        const {label, last_used_ms, expires_ms, not_before_ms, one_time, used, cues} = key;
        const over = (expires_ms && expires_ms < Date.now()) || (one_time && used);
        const facts = [
            over ? tell('keyOver') : null,
            last_used_ms ? tell('keyUsed', {when: formatAgo(last_used_ms - Date.now())}) : tell('keyUnused'),
            one_time ? tell('oneTime') : null,
            not_before_ms > Date.now() ? tell('keyFrom', {when: formatMoment(not_before_ms)}) : null,
            expires_ms ? tell('keyUntil', {when: formatMoment(expires_ms)}) : null,
            cues ? tell('keyCues') : null,
        ];
        const button = make('button', {type: 'button', class: 'plain revoke', text: tell('revoke'),
                                       'aria-label': tell('revokeTitle', {label: label || key.id})});
        let sure = 0;
        button.addEventListener('click', () => {
            clearTimeout(sure);
            if (button.classList.toggle('sure')) {
                setText(button, tell('revokeSure'));
                sure = setTimeout(() => {
                    button.classList.remove('sure');
                    setText(button, tell('revoke'));
                }, SURE_MS);
            } else this.#revoke(key, button);
        });
        return make('li', {class: over ? 'key over' : 'key'},
                    make('div', {class: 'about'}, make('h4', {text: label || tell('keyNamed', {id: key.id}), dir: 'auto'}),
                         make('p', {class: 'facts', text: facts.filter(Boolean).join(' · ')})), button);
    }

    async #revoke(key, button) {
        button.disabled = true;
        try {
            await this.#api.revokeKey(key.id);
        } catch (error) {
            setText(byId('keys-error'), tell('failed', {why: error.message}));
        }
        this.#load();
    }

    #ask() {
        byId('key-form').reset();
        setText(byId('key-error'), '');
        byId('connect-sheet').close();
        openSheet('key-sheet');
    }

    async #make(event) {
        event.preventDefault();
        const fields = new FormData(event.target);
        const wanted = {label: String(fields.get('label') ?? '').trim(), one_time: fields.has('one_time'),
                        cues: fields.has('cues')};
        const until = Date.parse(String(fields.get('until') ?? ''));
        if (until) wanted.expires_ms = until;
        byId('key-make').disabled = true;
        try {
            const made = await this.#api.addKey(wanted);
            byId('key-sheet').close();
            this.#showMade(made);
        } catch (error) {
            setText(byId('key-error'), tell('failed', {why: error.message}));
        }
        byId('key-make').disabled = false;
    }

    #showMade({stream_key, rtmp_url, rtmps_url, qr}) {
        setText(byId('made-server'), rtmps_url ?? rtmp_url);
        setText(byId('key'), stream_key);
        this.#codes = qr;
        byId('codes').hidden = !qr?.rtmp && !qr?.larix;
        openSheet('made-sheet');
        this.#drawCode(qr?.rtmp ? 'rtmp' : 'larix');
    }

    // The picture comes as text and stays one: as an image it can do nothing.
    #drawCode(kind) {
        const svg = this.#codes?.[kind];
        if (svg) byId('code').src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
        byId('code-rtmp').setAttribute('aria-pressed', String(kind === 'rtmp'));
        byId('code-larix').setAttribute('aria-pressed', String(kind === 'larix'));
        setText(byId('code-text'), tell(kind === 'rtmp' ? 'codeText' : 'codeLarixText'));
    }

    #forget() {
        this.#codes = null;
        setText(byId('key'), '');
        byId('code').removeAttribute('src');
    }
}
