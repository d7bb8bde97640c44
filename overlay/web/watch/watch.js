import {byId, setText} from '../shared/dom.js';
import {formatCompact, formatNumber, setLanguage} from '../shared/words.js';
import {ShowFeed} from '../player/feed.js';
import {cleanProduct} from '../player/cue.js';
import {productOf} from '../player/product.js';
import {Shop} from '../player/shop.js';
import {listenHls} from '../player/source_hls.js';
import {listenNative} from '../player/source_tracks.js';
import {Playback} from '../shared/playback.js';
import {Bag, drawBagTitle} from './bag.js';
import {CardRow} from './cards.js';
import {say} from './words.js';

// The viewer's page: one show, from before it begins until after it is over.

const LINGER_MS = 4000; // the picture runs on this long after the server says it is over
const LOOK_MS = 20000; // between looks at the run sheet, while the show has not begun
const TOAST_MS = 2500;
const STILL_WIDTH = 540; // px of the picture that is kept
const WORDS_AFTER_MS = 900; // loading speaks only when it takes longer

const show = decodeURIComponent(location.pathname.split('/')[2] ?? '');
const video = byId('video');
const page = {
    status: 'loading', // loading, missing, before, live, away, ended
    state: null, // what the server said last
    playing: false, // pictures move
    failed: false,
    blocked: false,
    over: false, // the media has played to its end
    shop: null,
};

const feed = new ShowFeed({show});
const playback = new Playback(video, `/live/${encodeURIComponent(show)}/index.m3u8`);
const rows = [new CardRow(byId('cards'), byId('speaker'), bought),
              new CardRow(byId('side-cards'), document.createElement('p'), bought)];
const bag = new Bag(byId('bag-rows'), bought);
const wide = matchMedia('(min-width: 900px)');

// The status follows from what the server says and from what the picture does.
function statusNow() {
    const state = page.state;
    if (!state) return page.playing ? 'live' : 'loading';
    if (state.state === 'missing') return 'missing';
    if (state.state === 'ended') return page.playing && !page.over ? 'live' : 'ended';
    if (state.state !== 'live') return 'before';
    const waits = !state.live || (page.status === 'away' && !page.failed && !page.blocked);
    return waits && !page.playing ? 'away' : 'live';
}

function noticeNow(status) {
    if (status === 'missing') return ['missing', 'missingText'];
    if (status === 'before') return ['soon', 'soonText'];
    if (status === 'away') return ['away', 'awayText'];
    if (status === 'ended') return ['ended', bag.size ? 'endedProducts' : 'endedText'];
    if (page.blocked) return null;
    if (page.failed && !page.playing) return ['trouble', 'troubleText', 'tryAgain'];
    if (!page.playing && page.slow) return ['connecting', null];
    return null;
}

function draw() {
    const status = statusNow();
    page.status = status;
    document.body.dataset.status = status;
    document.body.classList.toggle('playing', page.playing);
    drawHead(status);
    const notice = noticeNow(status);
    byId('notice').hidden = !notice;
    if (notice) {
        const [title, text, action] = notice;
        setText(byId('notice-title'), say(title));
        setText(byId('notice-text'), text ? say(text) : '');
        byId('notice-action').hidden = !action;
        if (action) setText(byId('notice-action'), say(action));
    }
    drawSound();
    drawBag(status);
}

function drawHead(status) {
    const {title, host, viewers} = page.state ?? {};
    const name = host || title || '';
    for (const side of ['', 'side-']) {
        setText(byId(`${side}avatar`), name.trim().slice(0, 1).toUpperCase());
        byId(`${side}avatar`).hidden = !name;
        setText(byId(`${side}title`), title ?? '');
        setText(byId(`${side}host`), host ?? '');
        byId(`${side}host`).hidden = !host;
    }
    const live = status === 'live' && page.state?.state !== 'ended' && (page.playing || page.state?.live);
    byId('badge').hidden = !live;
    setText(byId('badge'), say('live'));
    const known = Number.isFinite(viewers) && viewers > 0 && (live || status === 'away');
    byId('viewers').hidden = !known;
    if (known) {
        setText(byId('viewers-count'), formatCompact(viewers));
        byId('viewers').setAttribute('aria-label', say('viewers', {n: formatNumber(viewers)}));
        byId('viewers').title = say('viewers', {n: formatNumber(viewers)});
    }
    document.title = title ? `${title}${host ? ` · ${host}` : ''}` : say('liveShow');
}

function drawSound() {
    const can = page.status === 'live' && (page.playing || page.blocked);
    byId('sound').hidden = !can || (!video.muted && !page.blocked);
    setText(byId('sound-text'), say(page.blocked ? 'play' : 'soundOn'));
    byId('sound').querySelector('use').setAttribute('href', page.blocked ? '#i-play' : '#i-silent');
    byId('sound-small').hidden = !can || video.muted || page.blocked;
    byId('sound-small').setAttribute('aria-label', say('soundOff'));
}

function drawBag(status) {
    const listed = bag.size > 0 && status !== 'missing';
    const inPlace = wide.matches || status === 'ended' || status === 'before';
    const home = wide.matches ? byId('side') : inPlace ? byId('notice') : byId('sheet');
    if (byId('bag').parentElement !== home) {
        if (byId('sheet').open) byId('sheet').close();
        home.append(byId('bag'));
    }
    byId('bag').hidden = !listed;
    byId('bag-close').hidden = inPlace;
    byId('bag-open').hidden = !listed || inPlace;
    setText(byId('bag-count'), formatNumber(bag.size));
    byId('bag-open').setAttribute('aria-label', say('bag', {n: formatNumber(bag.size)}));
    drawBagTitle(byId('bag-title'), byId('bag-number'), bag.size);
    document.body.classList.toggle('listed', listed);
}

function drawCards(cards) {
    rows.forEach(row => row.draw(cards));
    bag.setShown(cards.map(card => card.product.sku));
    document.body.classList.toggle('carded', cards.length > 0);
}

function bought() {
    // The shop opens beside the video; where the browser can, the video stays in sight.
    if (page.playing && document.pictureInPictureEnabled && !document.pictureInPictureElement) {
        video.requestPictureInPicture().catch(() => {});
    }
}

function toast(text, stay = false) {
    const element = byId('toast');
    clearTimeout(toast.timer);
    element.hidden = !text;
    setText(element, text ?? '');
    if (text && !stay) toast.timer = setTimeout(() => { element.hidden = true; }, TOAST_MS);
}

function takeProducts(list) {
    bag.setProducts((list ?? []).map(p => cleanProduct(p)).filter(p => p?.i)
        .map(p => productOf(p, location.origin)));
}

// Plays while there is something to play, or may be.
function follow() {
    const {state, live} = page.state;
    playback.away = state === 'live' && !live;
    if (live || state === 'live') {
        page.over = false;
        playback.start();
    } else if (state === 'ended' && playback.wanted) {
        // Who was watching sees it through; who comes now is told.
        setTimeout(() => {
            if (page.state.state !== 'ended') return;
            page.over = true;
            playback.stop();
            drawCards([]);
            draw();
        }, page.playing ? LINGER_MS : 0);
    } else if (state !== 'ended' && !page.playing) {
        playback.stop();
    }
    draw();
}

function listenToFeed() {
    feed.addEventListener('state', event => {
        page.state = event.detail;
        takeProducts(event.detail.products);
        follow();
    });
    feed.addEventListener('show', () => {
        page.state = feed.state ?? page.state;
        if (page.state) follow();
    });
    feed.addEventListener('product', () => takeProducts(feed.state?.products));
    let late = 0;
    feed.addEventListener('missing', () => {
        page.state = {state: 'missing'};
        clearTimeout(late);
        toast(null);
        playback.stop();
        draw();
    });
    feed.addEventListener('line', event => {
        clearTimeout(late);
        if (event.detail.up) toast(null);
        else if (page.status !== 'missing') late = setTimeout(() => toast(say('offline'), true), 3000);
    });
}

function listenToPlayback() {
    playback.addEventListener('attach', event => {
        page.shop?.detach();
        const {hls} = event.detail;
        const listen = sink => (hls ? listenHls(hls, sink) : listenNative(video, sink));
        page.shop = new Shop(video, {listen, show, base: location.origin, feed});
        page.shop.addEventListener('cards', cards => drawCards(cards.detail.cards));
    });
    playback.addEventListener('release', () => {
        keepStill();
        page.playing = false;
        draw();
    });
    playback.addEventListener('playing', () => {
        Object.assign(page, {playing: true, failed: false, blocked: false});
        document.body.classList.toggle('landscape', video.videoWidth > video.videoHeight);
        drawCards(page.shop.cards);
        draw();
    });
    const change = fields => () => {
        Object.assign(page, fields);
        draw();
    };
    playback.addEventListener('stuck', keepStill);
    playback.addEventListener('stuck', change({playing: false}));
    playback.addEventListener('failed', change({playing: false, failed: true}));
    playback.addEventListener('blocked', change({blocked: true}));
    playback.addEventListener('ended', change({playing: false, over: true}));
}

// The last picture stays in sight behind the player, which may lose it.
function keepStill() {
    const {videoWidth, videoHeight} = video;
    if (!videoWidth || video.readyState < video.HAVE_CURRENT_DATA) return;
    const still = byId('still');
    const scale = Math.min(1, STILL_WIDTH / videoWidth);
    still.width = Math.round(videoWidth * scale);
    still.height = Math.round(videoHeight * scale);
    still.getContext('2d').drawImage(video, 0, 0, still.width, still.height);
    document.body.classList.add('stilled');
}

function setSound(on) {
    video.muted = !on;
    if (page.blocked || video.paused) playback.play();
    draw();
}

async function share() {
    const link = {title: document.title, url: location.origin + location.pathname};
    if (navigator.share) {
        await navigator.share(link).catch(() => {});
        return;
    }
    await navigator.clipboard?.writeText(link.url).then(() => toast(say('copied')), () => toast(link.url));
}

function listenToViewer() {
    byId('sound').addEventListener('click', () => setSound(true));
    byId('sound-small').addEventListener('click', () => setSound(false));
    byId('share').addEventListener('click', share);
    byId('share').setAttribute('aria-label', say('share'));
    byId('share').title = say('share');
    byId('notice-action').addEventListener('click', () => playback.retry());
    byId('bag-open').addEventListener('click', () => byId('sheet').showModal());
    byId('bag-close').addEventListener('click', () => byId('sheet').close());
    byId('bag-close').setAttribute('aria-label', say('close'));
    byId('sheet').addEventListener('click', event => event.target === byId('sheet') && byId('sheet').close());
    video.addEventListener('click', () => {
        if (page.blocked) playback.play();
        else document.body.classList.toggle('bare');
    });
    document.addEventListener('keydown', event => {
        if (event.target !== document.body || event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === 'm') setSound(video.muted);
        if (event.key === 'b' && !byId('bag-open').hidden) byId('sheet').showModal();
    });
    document.addEventListener('visibilitychange', () => {
        if (document.visibilityState !== 'visible') return;
        if (document.pictureInPictureElement) document.exitPictureInPicture().catch(() => {});
        if (playback.wanted && video.paused && !page.blocked) playback.play();
    });
    wide.addEventListener('change', draw);
    addEventListener('offline', () => toast(say('offline'), true));
    addEventListener('online', () => {
        toast(null);
        playback.retry();
    });
}

setLanguage();
video.muted = true;
listenToFeed();
listenToPlayback();
listenToViewer();
setTimeout(() => {
    page.slow = true;
    draw();
}, WORDS_AFTER_MS);
setInterval(() => page.status === 'before' && document.visibilityState === 'visible' && feed.refresh(), LOOK_MS);
playback.start();
draw();
