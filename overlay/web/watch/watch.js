import Hls from '/assets/hls.mjs';
import {attach} from '../player/vitrine.js';

const video = document.getElementById('video');
const show = decodeURIComponent(location.pathname.split('/')[2] ?? '');
const hls = new Hls({lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.5, enableWorker: false});
hls.attachMedia(video);
hls.loadSource(`/live/${show}/index.m3u8`);
const shop = attach(video, {hls, show});
shop.addEventListener('cards', event => {
    document.getElementById('cards').replaceChildren(...event.detail.cards.map(card => {
        const item = document.createElement('li');
        item.textContent = card.product.title;
        return item;
    }));
});
