// Vitrine's player SDK: product cards for a video that plays a show, at the frame.
//
//   import {attach} from 'https://live.example/player/vitrine.js';
//   const shop = attach(video, {hls, show: 'friday'});
//   shop.addEventListener('cards', event => draw(event.detail.cards));
//
// The player stays yours: this listens to it and to the server, and draws nothing.

import {Shop} from './shop.js';
import {listenHls} from './source_hls.js';
import {listenShaka} from './source_shaka.js';
import {listenNative, listenVideojs} from './source_tracks.js';

// video: the element that plays. One of hls, shaka, videojs is the player that feeds it;
// without one the browser itself plays HLS. show: its public id. base: origin of the
// Vitrine server, by default where this module came from. The events of what comes back
// are told in shop.js.
export function attach(video, {hls, shaka, videojs, show, base}) {
    if (!video || !show) throw new TypeError('attach(video, {show, …}) needs a video and a show');
    const listen = sink => {
        if (hls) return listenHls(hls, sink);
        if (shaka) return listenShaka(shaka, sink);
        if (videojs) return listenVideojs(videojs, sink);
        return listenNative(video, sink);
    };
    return new Shop(video, {listen, show, base: base ?? new URL(import.meta.url).origin});
}
