// A stand-in for the server, for working on the pages: the real files, one show whose state
// is whatever is asked for, live media made once by ffmpeg, cues in the media and beside it.
//
//   node tests/web/mock.mjs [port]     then open /watch/demo and /host/demo#t=mock
//
// POST /mock {…} sets fields of the show (state, live, health, viewers, …) for all pages.

import {execFileSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {assets} from '../../overlay/web/embed.mjs';
import {emsg} from './emsg.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const SEGMENT_MS = 1000;
const WINDOW = 8;
const CLIP = 60; // segments in the clip; it begins again behind them
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
    "img-src 'self' https: http: data: blob:; media-src 'self' blob: data:; worker-src 'self' blob:; " +
    "manifest-src 'self'; base-uri 'none'; form-action 'none'";

// The clip: 60 s of the demo's scene, one IDR a second.
function makeClip() {
    const folder = process.env.MOCK_CLIP ?? mkdtempSync(join(tmpdir(), 'vitrine-mock-'));
    if (existsSync(join(folder, 'init.mp4'))) return folder;
    execFileSync('ffmpeg', ['-v', 'error', '-loop', '1', '-framerate', '30', '-i',
        join(root, 'overlay/web/demo/scene.jpg'), '-f', 'lavfi', '-i', 'sine=frequency=220:beep_factor=4',
        '-vf', "scale=792:1408,crop=720:1280:'36+30*sin(t/2)':'64+40*cos(t/3)',format=yuv420p",
        '-t', `${CLIP}`, '-r', '30', '-c:v', 'libx264', '-preset', 'veryfast', '-g', '30', '-keyint_min', '30',
        '-sc_threshold', '0', '-bf', '0', '-b:v', '900k', '-c:a', 'aac', '-f', 'hls', '-hls_time', '1',
        '-hls_segment_type', 'fmp4', '-hls_list_size', '0', '-hls_segment_filename', join(folder, 's%d.m4s'),
        join(folder, 'clip.m3u8')], {cwd: folder});
    return folder;
}

const short = ({sku, title, url, image, price_minor, list_price_minor, currency, stock}) =>
    ({i: sku, t: title, u: url, m: image, a: price_minor, l: list_price_minor, y: currency, n: stock});

class MockShow {
    constructor(products, fields) {
        this.anchor = Date.now() - 20000;
        this.catalogue = new Map(products.map(product => [product.sku, product]));
        this.journal = []; // {cue, m}
        this.cards = new Map(); // c -> {r, p}
        this.clients = new Set();
        this.answers = new Map(); // Idempotency-Key -> answer
        this.fields = {id: 'demo', title: 'Autumn edit: the pieces we love', host: 'Mila', state: 'live',
                       live: true, viewers: 128, run_sheet: products.map(product => product.sku),
                       health: {level: 'good', text: 'Good. 2.4 Mb/s, 30 fps'}, admin: true, ...fields};
    }

    edge() {
        return Math.floor((Date.now() - this.anchor) / SEGMENT_MS) * SEGMENT_MS;
    }

    included(t) {
        return this.journal.filter(entry => entry.m <= t).length;
    }

    cardsAt(t) {
        const up = new Map();
        for (const {cue, m} of this.journal.slice(0, this.included(t))) {
            if (cue.k === 'hide') up.delete(cue.c);
            else up.set(cue.c, {c: cue.c, r: cue.r, m, p: cue.p ?? up.get(cue.c)?.p});
        }
        return [...up.values()];
    }

    state(t = this.edge()) {
        const {id, title, host, state, live, viewers, run_sheet} = this.fields;
        return {v: 1, show: id, s: 'mock1', title, host, state, live, t, edge_ms: this.edge(),
                server_ms: Date.now(), anchor_ms: this.anchor, viewers, b: this.included(t), cards: this.cardsAt(t),
                products: run_sheet.map(sku => this.catalogue.get(sku)).filter(Boolean).map(short)};
    }

    push(event, data, id) {
        const text = `${id ? `id: ${id}\n` : ''}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
        this.clients.forEach(client => client.write(text));
    }

    set(fields) {
        Object.assign(this.fields, fields);
        const {state, live, title, host, viewers} = this.fields;
        this.push('show', {state, live, title, host, viewers});
    }

    air(k, c, p) {
        const m = this.edge();
        const old = this.cards.get(c);
        const r = (old?.r ?? 0) + 1;
        const cue = {v: 1, k, s: 'mock1', q: this.journal.length + 1, w: this.anchor + m, c, r, ...(p && {p})};
        this.journal.push({cue, m});
        this.cards.set(c, {r, p: p ?? old?.p});
        setTimeout(() => this.push('cue', {...cue, m}, cue.q), 150);
        return {c, r, q: cue.q, media_time_ms: m, late_ms: 0};
    }

    pin(sku) {
        const same = this.cardsAt(this.edge()).find(card => card.p?.i === sku);
        return this.air('show', same?.c ?? `c${this.cards.size + 1}`, short(this.catalogue.get(sku)));
    }

    change(sku, fields) {
        this.catalogue.set(sku, {...this.catalogue.get(sku), ...fields, sku});
        this.push('product', short(this.catalogue.get(sku)));
    }

    answer(base) {
        const {id, title, host, state, run_sheet, viewers, live, health} = this.fields;
        const publisher = {connected_ms: this.anchor, encoder: 'OBS 30.2', kbps: 2400,
                           video: {codec: 'avc1.64001f', width: 720, height: 1280, fps: 30, keyframe_ms: 2000},
                           audio: {codec: 'mp4a.40.2', sample_rate: 48000, channels: 2}};
        return {id, title, host, state, created_ms: this.anchor, run_sheet, viewers,
                rtmp_url: 'rtmp://live.example:1935/live', play_url: `${base}/live/demo/index.m3u8`,
                watch_url: `${base}/watch/demo`, live_since_ms: live ? this.anchor : null,
                publisher: live ? publisher : null, health: live ? health : {level: 'off', text: 'Off air.'}};
    }

    playlist() {
        const last = this.edge() / SEGMENT_MS - 1;
        const lines = ['#EXTM3U', '#EXT-X-VERSION:9', '#EXT-X-TARGETDURATION:1',
                       `#EXT-X-MEDIA-SEQUENCE:${last - WINDOW + 1}`,
                       `#EXT-X-DISCONTINUITY-SEQUENCE:${Math.floor((last - WINDOW) / CLIP)}`,
                       '#EXT-X-MAP:URI="media/init.mp4"'];
        for (let n = last - WINDOW + 1; n <= last; n++) {
            if (n % CLIP === 0) lines.push('#EXT-X-DISCONTINUITY');
            lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(this.anchor + n * SEGMENT_MS).toISOString()}`,
                       '#EXTINF:1.000,', `media/${n}.m4s`);
        }
        if (this.fields.state === 'ended') lines.push('#EXT-X-ENDLIST');
        return lines.join('\n') + '\n';
    }

    boxes(n) {
        const from = n * SEGMENT_MS;
        const base = Math.floor(n / CLIP) * CLIP * SEGMENT_MS;
        const snap = {v: 1, k: 'snap', s: 'mock1', b: this.included(from), w: this.anchor + from,
                      a: this.cardsAt(from).map(({c, r, p}) => ({c, r, p}))};
        const boxes = [emsg(JSON.stringify(snap), from - base, 0x80000000)];
        for (const {cue, m} of this.journal) {
            if (m >= from && m < from + SEGMENT_MS) boxes.push(emsg(JSON.stringify(cue), m - base, cue.q));
        }
        return Buffer.concat(boxes);
    }
}

// [status, body] of a call of the API.
function callApi(show, request, url, body) {
    if (request.headers.authorization !== 'Bearer mock') return [401, {title: 'Unauthorized', status: 401}];
    const base = `http://${request.headers.host}`;
    const [, , kind, id, part, c] = url.pathname.split('/');
    if (kind === 'products') {
        if (request.method === 'GET') return [200, {products: [...show.catalogue.values()]}];
        if (!show.fields.admin) return [403, {title: 'Forbidden', status: 403, detail: 'this token may not change products'}];
        show.change(id, body);
        return [200, show.catalogue.get(id)];
    }
    if (id !== 'demo') return [404, {title: 'Not found', status: 404}];
    if (!part && request.method === 'PATCH') show.set(body);
    if (part === 'end') show.set({state: 'ended', live: false});
    if (part === 'key') return [201, {...show.answer(base), stream_key: 'k7Qm2-example-key'}];
    if (part !== 'cues') return [200, show.answer(base)];
    const key = request.headers['idempotency-key'];
    if (key && show.answers.has(key)) return [201, show.answers.get(key)];
    if (!show.fields.live) return [409, {title: 'Conflict', status: 409, detail: 'the show is off air'}];
    if (request.method === 'DELETE') return [200, show.air('hide', c)];
    const answer = show.pin(body.sku);
    if (key) show.answers.set(key, answer);
    return [201, answer];
}

function serveLive(show, clip, name, url, response, send) {
    if (name === 'state') {
        const t = url.searchParams.get('t');
        return send(200, 'application/json', JSON.stringify(show.state(t === null ? undefined : +t)));
    }
    if (name === 'events') {
        response.writeHead(200, {'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store'});
        response.write(`event: state\ndata: ${JSON.stringify(show.state())}\n\n`);
        show.clients.add(response);
        response.on('close', () => show.clients.delete(response));
        return undefined;
    }
    const m3u8 = 'application/vnd.apple.mpegurl';
    if (!show.fields.live && show.fields.state !== 'ended') return send(503, 'text/plain', '');
    if (name === 'index.m3u8') {
        return send(200, m3u8, '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1500000,CODECS="avc1.64001f,mp4a.40.2",' +
            'RESOLUTION=720x1280,FRAME-RATE=30,CLOSED-CAPTIONS=NONE\nvideo.m3u8\n');
    }
    if (name === 'video.m3u8') return send(200, m3u8, show.playlist());
    if (name === 'media/init.mp4') return send(200, 'video/mp4', readFileSync(join(clip, 'init.mp4')));
    const number = +(/^media\/(\d+)\.m4s$/.exec(name)?.[1] ?? NaN);
    if (!(number * SEGMENT_MS < show.edge())) return send(404, 'text/plain', '');
    return send(200, 'video/iso.segment',
                Buffer.concat([show.boxes(number), readFileSync(join(clip, `s${number % CLIP}.m4s`))]));
}

export async function startMock({port = 0, products, fields} = {}) {
    const clip = makeClip();
    const list = products ?? JSON.parse(readFileSync(join(root, 'overlay/web/demo/products.json'))).products;
    const show = new MockShow(list, fields);

    const server = createServer(async (request, response) => {
        const url = new URL(request.url, 'http://mock');
        const send = (status, type, body, headers = {}) => {
            response.writeHead(status, {'Content-Type': type, 'Access-Control-Allow-Origin': '*', ...headers});
            response.end(body);
        };
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        const body = chunks.length ? JSON.parse(Buffer.concat(chunks)) : null;

        if (url.pathname === '/mock') {
            show.set(body);
            return send(200, 'application/json', '{}');
        }
        if (url.pathname.startsWith('/api/')) {
            const [status, answer] = callApi(show, request, url, body);
            return send(status, 'application/json', JSON.stringify(answer));
        }
        const live = /^\/live\/([^/]+)\/(.*)$/.exec(url.pathname);
        if (live?.[1] === 'demo') return serveLive(show, clip, live[2], url, response, send);
        const page = /^\/(watch|host)\/[^/]+$/.exec(url.pathname);
        const path = page ? `/${page[1]}/` : url.pathname;
        const asset = assets().find(one => one.path === path);
        if (!asset) return send(404, 'text/plain', 'not found');
        return send(200, asset.mime, asset.bytes, asset.page === 'WEB_PAGE_NONE' ? {} : {'Content-Security-Policy': CSP});
    });
    await new Promise(resolve => server.listen(port, '127.0.0.1', resolve));
    return {
        url: `http://127.0.0.1:${server.address().port}`,
        show,
        close() {
            show.clients.forEach(client => client.destroy());
            server.closeAllConnections();
            server.close();
        },
    };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const mock = await startMock({port: +(process.argv[2] ?? 8090)});
    console.log(`${mock.url}/watch/demo\n${mock.url}/host/demo#t=mock`);
}
