import {byId, make, picture, setText} from '../shared/dom.js';
import {Playback} from '../shared/playback.js';
import {formatCompact, formatDuration, formatNumber, formatPrice, setLanguage} from '../shared/words.js';
import {ShowFeed} from '../player/feed.js';
import {Shop} from '../player/shop.js';
import {listenHls} from '../player/source_hls.js';
import {listenNative} from '../player/source_tracks.js';
import {HostApi, tokenOf} from './api.js';
import {copyText, listenToSheets, openSheet, productOfForm, skuOf} from './dialogs.js';
import {listenToHold} from './hold.js';
import {Keys} from './keys.js';
import {Line} from './line.js';
import {drawNotes, healthWords, notesOf} from './notes.js';
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
    lastShown: null,
    ordering: false,
    stage: id, // whose pictures and cards are seen here
    twice: false, // "go live" was tapped once
};
const line = new Line();
let feed = null;
let shop = null;
let cards = []; // that viewers see, while the player is built anew too
let playback = null;

// Where the encoder plays: the show, or its rehearsal.
function stageNow() {
    const {state, rehearsing, preview_url} = model.show;
    return rehearsing && state !== 'live' ? preview_url.split('/').pop() : id;
}

function stateNow() {
    const {state, health, publisher, rehearsal, rehearsing, away_since_ms} = model.show;
    if (state !== 'live' && (rehearsing || (rehearsal && !publisher))) return 'rehearsing';
    if (state === 'ended') return 'ended';
    if (away_since_ms) return 'away';
    if (health?.level === 'problem') return 'problem';
    if (isLive()) return 'live';
    return publisher ? 'connected' : 'off';
}

// On air, or on the preview; also while its encoder is away.
function isLive() {
    const streams = feed?.state?.state === 'live';
    if (!model.show || model.stage !== id) return !!model.show && streams;
    return model.show.state === 'live' || (streams && model.show.state !== 'ended');
}

// When the host can pin, where that is not plain to see.
function pinHint() {
    const {state} = document.body.dataset;
    if (state === 'away') return 'pinAway';
    if (isLive() || model.show.state === 'ended') return null;
    return state === 'rehearsing' ? 'whenRehearsing' : 'whenLive';
}

function drawHead() {
    const state = stateNow();
    const {away_until_ms, live_since_ms, title, viewers, rehearsing} = model.show;
    const now = feed?.serverNow() ?? Date.now();
    document.body.dataset.state = state;
    setText(byId('state'), tell(state));
    const clock = state === 'away' ? tell('awayLeft', {left: formatDuration(away_until_ms - now)})
        : isLive() && live_since_ms ? formatDuration(now - live_since_ms) : '';
    byId('clock').hidden = !clock;
    setText(byId('clock'), clock);
    const words = state === 'ended' || state === 'off' || state === 'away' ? tell(`${state}Text`)
        : state === 'rehearsing' && !rehearsing ? tell('rehearsalWait') : healthWords(model.show);
    const comesBack = line.state() === 'back';
    setText(byId('health'), comesBack ? tell('lineBack') : words);
    byId('health').dataset.level = comesBack ? 'off' : state === 'away' ? 'warn' : model.show.health?.level ?? 'off';
    drawNotes(state === 'away' ? [] : notesOf(model.show, now));
    const watching = feed?.state?.viewers ?? viewers;
    byId('viewers').hidden = !isLive() || !Number.isFinite(watching);
    setText(byId('viewers-count'), formatCompact(watching ?? 0));
    byId('viewers').title = tell('viewers', {n: formatNumber(watching ?? 0)});
    setText(byId('title'), title ?? '');
    document.title = `${tell(state)} · ${title ?? tell('console')}`;
    byId('lost').hidden = line.state() !== 'lost';
}

function drawRehearsal() {
    const {preview_url, rehearsing} = model.show;
    byId('rehearsal').hidden = document.body.dataset.state !== 'rehearsing';
    setText(byId('rehearsal-text'), tell('rehearsalText'));
    byId('go-live').disabled = !rehearsing;
    if (!model.twice) setText(byId('go-live-text'), tell('holdLive'));
    byId('preview-open').href = preview_url ?? '#';
}

const nowImage = picture(96);
let shownCard = null;

function drawNow() {
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
    const fresh = (state === 'draft' || state === 'ready') && !isLive() && document.body.dataset.state !== 'rehearsing';
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
    const hint = pinHint();
    byId('pin-hint').hidden = !hint || sheet.size === 0 || !byId('steps').hidden;
    if (hint) setText(byId('pin-hint'), tell(hint));
}

function draw() {
    byId('login').hidden = api.known;
    byId('console').hidden = !api.known || !model.show;
    if (!model.show) return;
    drawHead();
    drawRehearsal();
    drawNow();
    drawSteps();
    drawProducts();
    byId('preview').hidden = !isLive() && !playback?.wanted;
    byId('end').hidden = model.show.state === 'ended';
    byId('menu-kick').hidden = !model.show.publisher && !model.show.backup && !model.show.rehearsing;
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
        line.reached = true;
        return answer;
    } catch (error) {
        if (error.status === undefined) throw error;
        if (error.status === 0) line.reached = false;
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
    const before = model.show;
    model.show = shown;
    if (String(shown.run_sheet) !== String(before?.run_sheet)) placeProducts();
    tellOfRival(before?.publisher, shown.publisher);
    if (stageNow() !== model.stage) enterStage(stageNow());
    const {state, live} = feed?.state ?? {};
    if (playback) playback.away = state === 'live' && !live;
    if (isLive() || shown.state === 'live') playback?.start();
    else if (shown.state === 'ended') closePreview();
    draw();
}

// Somebody else on air is news; the same encoder that came again is none.
function tellOfRival(before, now) {
    if (!before || !now || before.session === now.session || before.role !== now.role) return;
    if (before.encoder === now.encoder && before.address === now.address) return;
    say(tell('tookOver', {encoder: now.encoder || now.address || tell('encoder')}));
}

function enterStage(stage) {
    model.stage = stage;
    api.stage = stage;
    feed.close();
    closePreview();
    openFeed();
    playback.aim(streamUrl());
}

function streamUrl() {
    return `/live/${encodeURIComponent(model.stage)}/index.m3u8`;
}

async function loadProducts() {
    const products = await attempt(() => api.products());
    if (!products) return;
    model.products = products;
    placeProducts();
    draw();
}

function openFeed() {
    const stage = model.stage;
    feed = new ShowFeed({show: stage, as: 'host'});
    feed.addEventListener('state', () => refresh());
    feed.addEventListener('show', () => refresh());
    feed.addEventListener('product', event => {
        if (!event.detail?.i) return;
        loadProducts();
    });
    feed.addEventListener('line', event => {
        line.up = event.detail.up;
        draw();
    });
    feed.addEventListener('missing', () => stage === id && leave(tell('loginWrong')));
}

function setCards(shown) {
    cards = shown;
    if (cards[0]) model.lastShown = cards[0].product.sku;
    pins.setCards(cards);
}

function openPreview() {
    playback = new Playback(video, streamUrl());
    playback.addEventListener('attach', event => {
        shop?.detach();
        const {hls} = event.detail;
        const listen = sink => (hls ? listenHls(hls, sink) : listenNative(video, sink));
        shop = new Shop(video, {listen, show: model.stage, base: location.origin, feed});
        shop.addEventListener('cards', event => setCards(event.detail.cards));
    });
    playback.addEventListener('playing', () => document.body.classList.add('previewing'));
    playback.addEventListener('stuck', () => document.body.classList.remove('previewing'));
}

function closePreview() {
    playback?.stop();
    shop?.detach();
    shop = null;
    setCards([]);
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

async function goLive() {
    model.twice = false;
    const shown = await attempt(() => api.goLive());
    if (shown) model.show = shown;
    refresh();
}

function openSettings() {
    const form = byId('settings-form');
    form.policy.value = model.show.policy;
    form.rehearsal.checked = !!model.show.rehearsal;
    setText(byId('settings-error'), '');
    byId('menu').close();
    openSheet('settings-sheet');
}

// Each setting is kept as it is touched; one that is refused goes back, with the reason.
async function changeSetting({target}) {
    const form = byId('settings-form');
    setText(byId('settings-error'), '');
    try {
        model.show = await api.change(target.name === 'policy' ? {policy: target.value} : {rehearsal: target.checked});
    } catch (error) {
        form.policy.value = model.show.policy;
        form.rehearsal.checked = !!model.show.rehearsal;
        setText(byId('settings-error'), tell('failed', {why: error.message}));
    }
    refresh();
}

function openKick() {
    const {publisher, backup} = model.show;
    const {encoder, address} = publisher ?? backup ?? {};
    setText(byId('kick-who'), [encoder, address].filter(Boolean).join(' · '));
    byId('kick-form').reset();
    setText(byId('kick-error'), '');
    byId('menu').close();
    openSheet('kick-sheet');
}

async function kick(event) {
    event.preventDefault();
    try {
        model.show = await api.kick(event.target.reason.value.trim());
        byId('kick-sheet').close();
    } catch (error) {
        setText(byId('kick-error'), tell('failed', {why: error.message}));
    }
    refresh();
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
    const keys = new Keys(api, () => model.show);
    on('step1-go', () => keys.open());
    on('menu-open', () => openSheet('menu'));
    on('menu-connect', () => {
        byId('menu').close();
        keys.open();
    });
    on('menu-settings', openSettings);
    on('menu-kick', openKick);
    on('preview-copy', event => copyText(model.show.preview_url, event.target));
    listenToHold(byId('go-live'), goLive, () => {
        model.twice = true;
        setText(byId('go-live-text'), tell('twiceLive'));
    });
    byId('settings-form').addEventListener('change', changeSetting);
    byId('kick-form').addEventListener('submit', kick);
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

// Everything in the page that only has words: <… data-say="…">, and for labels and hints
// <… data-label="…">.
function fillWords() {
    document.querySelectorAll('[data-say]').forEach(element => setText(element, tell(element.dataset.say)));
    document.querySelectorAll('[data-label]').forEach(element => {
        element.setAttribute(element.tagName === 'IMG' ? 'alt' : 'aria-label', tell(element.dataset.label));
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
