import {byId, make, picture, setText} from '../shared/dom.js';
import {Playback} from '../shared/playback.js';
import {formatCompact, formatDuration, formatNumber, formatPrice, setLanguage} from '../shared/words.js';
import {ShowFeed} from '../player/feed.js';
import {Shop} from '../player/shop.js';
import {listenHls} from '../player/source_hls.js';
import {listenNative} from '../player/source_tracks.js';
import {HostApi, tokenOf} from './api.js';
import {copyText, listenToSheets, openSheet, productOfForm, skuOf} from './dialogs.js';
import {Pins} from './pins.js';
import {RunSheet} from './run_sheet.js';
import {tell} from './words.js';

// The host's console: one show, one thumb.

const REFRESH_MS = 3000;
const TICK_MS = 500;

const id = decodeURIComponent(location.pathname.split('/')[2] ?? '');
const api = new HostApi(id);
const pins = new Pins(api);
const sheet = new RunSheet(byId('rows'));
const video = byId('video');
const model = {
    show: null, // as the API gives it
    products: [],
    reached: true, // the last call was answered
    up: true, // the event stream stands
    lastShown: null,
    ordering: false,
};
let feed = null;
let shop = null;
let playback = null;

function stateNow() {
    const {state, health, publisher} = model.show;
    if (state === 'ended') return 'ended';
    if (health?.level === 'problem') return 'problem';
    if (feed?.state?.live) return 'live';
    return publisher ? 'connected' : 'off';
}

function isLive() {
    return !!model.show && !!feed?.state?.live && model.show.state !== 'ended';
}

function drawHead() {
    const state = stateNow();
    const {health, live_since_ms, title, viewers} = model.show;
    document.body.dataset.state = state;
    setText(byId('state'), tell(state));
    const since = feed?.state?.live ? live_since_ms : null;
    byId('clock').hidden = !since;
    if (since) setText(byId('clock'), formatDuration(feed.serverNow() - since));
    const words = state === 'ended' ? tell('endedText') : state === 'off' ? tell('offText') : health?.text;
    setText(byId('health'), words ?? '');
    byId('health').dataset.level = health?.level ?? 'off';
    const watching = feed?.state?.viewers ?? viewers;
    byId('viewers').hidden = !isLive() || !Number.isFinite(watching);
    setText(byId('viewers-count'), formatCompact(watching ?? 0));
    byId('viewers').title = tell('viewers', {n: formatNumber(watching ?? 0)});
    setText(byId('title'), title ?? '');
    document.title = `${tell(state)} · ${title ?? tell('console')}`;
    byId('lost').hidden = model.reached && model.up;
}

const nowImage = picture(96);
let shownCard = null;

function drawNow() {
    const cards = shop?.cards ?? [];
    shownCard = cards[0] ?? null;
    byId('now').hidden = !isLive() && !shownCard;
    byId('now-card').hidden = !shownCard;
    byId('now-empty').hidden = !!shownCard;
    if (!shownCard) return;
    const {product, sold} = shownCard;
    if (!nowImage.isConnected) byId('now-picture').append(nowImage);
    nowImage.show(product.image, product.title);
    setText(byId('now-title'), product.title);
    setText(byId('now-price'), formatPrice(product.price_minor, product.currency));
    const discounted = product.list_price_minor > product.price_minor;
    setText(byId('now-list'), discounted ? formatPrice(product.list_price_minor, product.currency) : '');
    setText(byId('now-stock'), sold ? tell('soldOut')
                                    : product.stock === null ? '' : tell('left', {n: formatNumber(product.stock)}));
    const phase = pins.phase(product.sku);
    setText(byId('now-hide'), phase === 'sending' ? tell('sending') : phase === 'leaving' ? tell('leaving') : tell('hide'));
    byId('now-hide').setAttribute('aria-busy', String(phase !== 'shown'));
}

function drawSteps() {
    const {publisher, state} = model.show;
    const fresh = (state === 'draft' || state === 'ready') && !isLive();
    byId('steps').hidden = !fresh || (model.products.length > 0 && !!model.show.live_since_ms);
    const done = [!!publisher, model.products.length > 0, isLive()];
    done.forEach((is, index) => byId(`step${index + 1}`).classList.toggle('done', is));
    byId('step2-go').hidden = !api.keeps;
    setText(byId('step2-text'), tell(api.keeps || model.products.length > 0 ? 'step2Text' : 'mayNot'));
    const open = done.indexOf(false);
    done.forEach((is, index) => byId(`step${index + 1}`).classList.toggle('open', index === open));
}

function drawProducts() {
    sheet.draw(sku => pins.phase(sku), {lastShown: model.lastShown, live: isLive(), secondsOf: sku => pins.seconds(sku)});
    byId('no-products').hidden = sheet.size > 0;
    byId('order').hidden = sheet.size < 2;
    byId('add').hidden = !api.keeps;
    setText(byId('order'), tell(model.ordering ? 'done' : 'order'));
    byId('when-live').hidden = isLive() || sheet.size === 0 || model.show.state === 'ended' || !byId('steps').hidden;
}

function draw() {
    byId('login').hidden = api.known;
    byId('console').hidden = !api.known || !model.show;
    if (!model.show) return;
    drawHead();
    drawNow();
    drawSteps();
    drawProducts();
    byId('preview').hidden = !isLive() && !playback?.wanted;
    byId('end').hidden = model.show.state === 'ended';
}

// The catalogue in the order of the run sheet; what is in no order comes behind.
function placeProducts() {
    const order = model.show?.run_sheet ?? [];
    const rank = new Map(order.map((sku, index) => [sku, index]));
    const sorted = [...model.products].sort((a, b) => (rank.get(a.sku) ?? Infinity) - (rank.get(b.sku) ?? Infinity) || 0);
    sheet.setProducts(sorted);
}

function say(text) {
    clearTimeout(say.timer);
    byId('toast').hidden = !text;
    setText(byId('toast'), text ?? '');
    say.timer = setTimeout(() => { byId('toast').hidden = true; }, 5000);
}

// Runs a call; what went wrong is said in words, and a token that counts no more ends it.
async function attempt(call) {
    try {
        const answer = await call();
        model.reached = true;
        return answer;
    } catch (error) {
        if (error.status === undefined) throw error;
        if (error.status === 0) model.reached = false;
        else if (error.status === 401 || error.status === 404) leave(tell('loginWrong'));
        else say(tell('failed', {why: error.message}));
        return null;
    } finally {
        draw();
    }
}

async function refresh() {
    const shown = await attempt(() => api.show());
    if (!shown) return;
    const reordered = String(shown.run_sheet) !== String(model.show?.run_sheet);
    model.show = shown;
    if (reordered) placeProducts();
    if (isLive() || shown.state === 'live') playback?.start();
    else if (shown.state === 'ended') closePreview();
    draw();
}

async function loadProducts() {
    const products = await attempt(() => api.products());
    if (!products) return;
    model.products = products;
    placeProducts();
    draw();
}

function openFeed() {
    feed = new ShowFeed({show: id});
    feed.addEventListener('state', () => refresh());
    feed.addEventListener('show', () => refresh());
    feed.addEventListener('product', event => {
        if (!event.detail?.i) return;
        loadProducts();
    });
    feed.addEventListener('line', event => {
        model.up = event.detail.up;
        draw();
    });
    feed.addEventListener('missing', () => leave(tell('loginWrong')));
}

function openPreview() {
    playback = new Playback(video, `/live/${encodeURIComponent(id)}/index.m3u8`);
    playback.addEventListener('attach', event => {
        shop?.detach();
        const {hls} = event.detail;
        const listen = sink => (hls ? listenHls(hls, sink) : listenNative(video, sink));
        shop = new Shop(video, {listen, show: id, base: location.origin, feed});
        shop.addEventListener('cards', cards => {
            if (cards.detail.cards[0]) model.lastShown = cards.detail.cards[0].product.sku;
            pins.setCards(cards.detail.cards);
        });
    });
    playback.addEventListener('playing', () => document.body.classList.add('previewing'));
    playback.addEventListener('stuck', () => document.body.classList.remove('previewing'));
}

function closePreview() {
    playback?.stop();
    shop?.detach();
    shop = null;
    pins.setCards([]);
}

let timers = [];

function enter() {
    draw();
    openFeed();
    openPreview();
    refresh();
    loadProducts();
    timers = [setInterval(refresh, REFRESH_MS), setInterval(() => {
        pins.sweep();
        if (model.show) drawHead();
    }, TICK_MS)];
}

function leave(why) {
    timers.forEach(clearInterval);
    feed?.close();
    closePreview();
    api.logout();
    model.show = null;
    setText(byId('login-error'), why ?? '');
    draw();
}

async function saveProduct(event) {
    event.preventDefault();
    const form = event.target;
    const error = byId('product-error');
    setText(error, '');
    try {
        const product = productOfForm(form);
        const sku = skuOf(product.title, model.products.map(one => one.sku));
        const saved = await api.putProduct(sku, product);
        const order = model.show.run_sheet;
        if (order) model.show = await api.change({run_sheet: [...order, saved.sku]});
        form.reset();
        byId('product-sheet').close();
        loadProducts();
    } catch (failure) {
        setText(error, failure.status === 403 ? tell('mayNot') : failure.message);
        if (failure.status === 403) byId('product-save').disabled = true;
    }
}

async function makeKey() {
    try {
        const answer = await api.makeKey();
        byId('key-row').hidden = false;
        setText(byId('key'), answer.stream_key);
        setText(byId('key-text'), tell('newKeyText'));
        byId('key-new').hidden = true;
    } catch (failure) {
        setText(byId('key-text'), failure.status === 403 ? tell('keyMayNot') : tell('failed', {why: failure.message}));
    }
}

function openConnect() {
    setText(byId('server'), model.show.rtmp_url ?? '');
    byId('key-row').hidden = true;
    byId('key-new').hidden = !api.keeps;
    setText(byId('key'), '');
    setText(byId('key-text'), tell(api.keeps ? 'keyText' : 'keyMayNot'));
    byId('menu').close();
    openSheet('connect-sheet');
}

async function reorder(skus) {
    model.show.run_sheet = skus;
    const changed = await attempt(() => api.change({run_sheet: skus}));
    if (changed) model.show = changed;
}

function listen() {
    pins.addEventListener('change', () => model.show && (drawNow(), drawProducts()));
    sheet.addEventListener('press', event => attempt(() => pins.press(event.detail.sku)));
    sheet.addEventListener('order', event => reorder(event.detail.skus));
    const on = (name, action) => byId(name).addEventListener('click', action);
    on('now-hide', () => shownCard && attempt(() => pins.press(shownCard.product.sku)));
    on('order', () => {
        model.ordering = !model.ordering;
        sheet.setOrdering(model.ordering);
        placeProducts();
        draw();
    });
    on('add', () => openSheet('product-sheet'));
    on('step2-go', () => openSheet('product-sheet'));
    on('step1-go', openConnect);
    on('menu-open', () => openSheet('menu'));
    on('menu-connect', openConnect);
    on('menu-copy', event => copyText(model.show.watch_url, event.target));
    on('end', () => {
        byId('menu').close();
        openSheet('end-sheet');
    });
    on('end-yes', async () => {
        byId('end-sheet').close();
        await attempt(() => api.end());
        refresh();
    });
    on('server-copy', event => copyText(byId('server').textContent, event.target));
    on('key-copy', event => copyText(byId('key').textContent, event.target));
    on('key-new', makeKey);
    byId('product-form').addEventListener('submit', saveProduct);
    byId('login-form').addEventListener('submit', event => {
        event.preventDefault();
        const token = tokenOf(byId('login-token').value);
        if (!token) return;
        byId('login-token').value = '';
        setText(byId('login-error'), '');
        api.login(token);
        enter();
    });
    listenToSheets();
}

// Everything in the page that only has words: <… data-say="key">, and for labels and hints
// <… data-label="key">.
function fillWords() {
    document.querySelectorAll('[data-say]').forEach(element => setText(element, tell(element.dataset.say)));
    document.querySelectorAll('[data-label]').forEach(element => {
        element.setAttribute('aria-label', tell(element.dataset.label));
        element.title = tell(element.dataset.label);
    });
    byId('menu-watch').href = `/watch/${encodeURIComponent(id)}`;
    document.title = tell('console');
}

setLanguage();
fillWords();
video.muted = true;
listen();
if (api.known) enter();
else draw();
