// Cues out of metadata text tracks: video.js makes them, and so do browsers that play HLS
// by themselves. Their ends and their order are not trusted; a cue is read once, as soon
// as it is in a track.

import {CUE_DESCRIPTION, RANGE_ATTRIBUTE, parseCue, parseRangeCue} from './cue.js';

const SCAN_MS = 250;
const SEEN_MAX = 5000; // cues remembered as read, over a day of snapshots is not needed

// The cue in a TextTrackCue of whichever maker: {cue, ranged} or null.
export function readTrackCue(trackCue) {
    const value = trackCue.value ?? {};
    const data = typeof value.data === 'string' ? value.data : value.value;
    if ((value.key ?? value.id) === 'TXXX' && (value.info ?? value.description) === CUE_DESCRIPTION) {
        return {cue: parseCue(data), ranged: false};
    }
    if (value.key === RANGE_ATTRIBUTE) return {cue: parseRangeCue(data), ranged: true};
    return null;
}

// tracks: a TextTrackList. startDate(): programme time at the player's time 0, or NaN.
// sink: {cue(cue, time), range(cue, time, end), reset()}. Returns {stop, programTime}.
export function listenTracks(tracks, startDate, sink) {
    let seen = new WeakSet();
    let count = 0;

    const read = () => {
        for (const track of Array.from(tracks)) {
            if (track.kind !== 'metadata') continue;
            if (track.mode === 'disabled') track.mode = 'hidden';
            for (const trackCue of Array.from(track.cues ?? [])) {
                if (seen.has(trackCue)) continue;
                seen.add(trackCue);
                if (++count > SEEN_MAX) {
                    seen = new WeakSet([trackCue]);
                    count = 1;
                }
                const found = readTrackCue(trackCue);
                if (found?.cue && found.ranged) sink.range(found.cue, trackCue.startTime);
                else if (found?.cue) sink.cue(found.cue, trackCue.startTime);
            }
        }
    };
    const timer = setInterval(read, SCAN_MS);
    tracks.addEventListener?.('addtrack', read);
    read();
    return {
        stop() {
            clearInterval(timer);
            tracks.removeEventListener?.('addtrack', read);
        },
        programTime: time => startDate() + time * 1000,
    };
}

export function listenNative(video, sink) {
    const startDate = () => (video.getStartDate ? video.getStartDate().getTime() : NaN);
    return listenTracks(video.textTracks, startDate, sink);
}

export function listenVideojs(player, sink) {
    return listenTracks(player.textTracks(), () => NaN, sink);
}
