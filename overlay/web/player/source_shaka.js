// Cues out of Shaka Player. Boxes come when their media is buffered ("emsg",
// "metadataadded"), ranges of the playlist when they are parsed ("timelineregionadded").
// Shaka passes boxes on only when it is told to, which this does.

import {CUE_DESCRIPTION, RANGE_ATTRIBUTE, RANGE_CLASS, parseCue, parseRangeCue} from './cue.js';
import {readTextFrames} from './id3.js';

// sink: {cue(cue, time), range(cue, time, end), reset()}. Returns {stop, programTime}.
export function listenShaka(player, sink) {
    player.configure('mediaSource.dispatchAllEmsgBoxes', true);

    const onBox = event => {
        const box = event.detail;
        if (!box?.messageData) return;
        for (const frame of readTextFrames(new Uint8Array(box.messageData))) {
            if (frame.description === CUE_DESCRIPTION) take(frame.value, box.startTime);
        }
    };
    const onMetadata = event => {
        const frame = event.payload;
        if (frame?.description === CUE_DESCRIPTION) take(frame.data, event.startTime);
        else if (frame?.key === RANGE_ATTRIBUTE) takeRange(frame.data, event.startTime);
    };
    const onRegion = event => {
        const region = event.detail;
        if (region?.schemeIdUri !== RANGE_CLASS) return;
        const attributes = region.eventNode?.attributes ?? {};
        takeRange(attributes[RANGE_ATTRIBUTE], region.startTime);
    };
    const take = (text, time) => {
        const cue = parseCue(text);
        if (cue) sink.cue(cue, time);
    };
    const takeRange = (text, time) => {
        const cue = parseRangeCue(text);
        if (cue) sink.range(cue, time);
    };
    const onLoading = () => sink.reset();

    const events = [['emsg', onBox], ['metadataadded', onMetadata], ['metadata', onMetadata],
                    ['timelineregionadded', onRegion], ['loading', onLoading]];
    events.forEach(([type, listener]) => player.addEventListener(type, listener));
    return {
        stop: () => events.forEach(([type, listener]) => player.removeEventListener(type, listener)),
        programTime(time) {
            const date = player.getPlayheadTimeAsDate?.();
            const video = player.getMediaElement?.();
            return date && video ? date.getTime() + (time - video.currentTime) * 1000 : NaN;
        },
    };
}
