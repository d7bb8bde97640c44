// Cues out of hls.js: boxes in the media as its demuxer finds them (ahead of the playhead,
// so nothing is late), and ranges of the playlist from its parsed details. The text tracks
// that it makes of both are not used: they lose ranges and change ends.

import {CUE_DESCRIPTION, RANGE_ATTRIBUTE, RANGE_CLASS, parseCue, parseRangeCue} from './cue.js';
import {readTextFrames} from './id3.js';

const PARSED = 'hlsFragParsingMetadata'; // Hls.Events.FRAG_PARSING_METADATA
const UPDATED = 'hlsLevelUpdated'; // Hls.Events.LEVEL_UPDATED
const LOADING = 'hlsManifestLoading'; // Hls.Events.MANIFEST_LOADING
const ERROR = 'hlsError'; // Hls.Events.ERROR

// sink: {cue(cue, time), range(cue, time, end), reset()}. Returns {stop, isAtGap,
// toLive, programTime}.
export function listenHls(hls, sink) {
    const onParsed = (name, data) => {
        for (const sample of data.samples ?? []) {
            for (const frame of readTextFrames(sample.data)) {
                if (frame.description !== CUE_DESCRIPTION) continue;
                const cue = parseCue(frame.value);
                if (cue) sink.cue(cue, sample.pts);
            }
        }
    };
    const onUpdated = (name, data) => readRanges(data.details, sink);
    const onLoading = () => sink.reset();
    let gapEnd = NaN; // of media that is missing, where the playhead has not passed it
    const onError = (name, data) => {
        if (data.details === 'fragGap') gapEnd = data.frag?.end ?? NaN;
    };

    hls.on(PARSED, onParsed);
    hls.on(UPDATED, onUpdated);
    hls.on(LOADING, onLoading);
    hls.on(ERROR, onError);
    const details = hls.latestLevelDetails ?? hls.levels?.[hls.currentLevel]?.details;
    if (details) readRanges(details, sink);

    return {
        stop() {
            hls.off(PARSED, onParsed);
            hls.off(UPDATED, onUpdated);
            hls.off(LOADING, onLoading);
            hls.off(ERROR, onError);
        },
        // A picture at `time` that moves is past a gap or before it.
        isAtGap(time, moves) {
            if (moves && time > gapEnd) gapEnd = NaN;
            return !moves && Number.isFinite(gapEnd);
        },
        // hls.js waits in front of media that is missing for ever: its loader begins anew.
        toLive(video) {
            const edge = hls.liveSyncPosition;
            if (!(edge > video.currentTime)) return;
            hls.stopLoad();
            video.currentTime = edge;
            hls.startLoad(edge);
        },
        programTime: time => programTime(hls, time),
    };
}

function readRanges(details, sink) {
    for (const range of Object.values(details?.dateRanges ?? {})) {
        if (range.class !== RANGE_CLASS) continue;
        const cue = parseRangeCue(range.attr?.[RANGE_ATTRIBUTE]);
        if (!cue) continue;
        if (cue.w === undefined) cue.w = range.startDate?.getTime();
        const end = range.endDate?.getTime();
        sink.range(cue, range.startTime, Number.isFinite(end) ? end : undefined);
    }
}

// By the PROGRAM-DATE-TIME of the fragment around the time, or else the nearest.
function programTime(hls, time) {
    const details = hls.latestLevelDetails ?? hls.levels?.[hls.currentLevel]?.details;
    let best = null;
    for (const fragment of details?.fragments ?? []) {
        if (!Number.isFinite(fragment.programDateTime)) continue;
        if (best && fragment.start > time) break;
        best = fragment;
    }
    return best ? best.programDateTime + (time - best.start) * 1000 : NaN;
}
