// Calls tick(time) with the player's time of each picture as it goes on screen, where the
// browser tells (requestVideoFrameCallback), and four times a second in any case: a hidden
// tab and an older browser show no pictures, a paused player none that are new.

const FLOOR_MS = 250;
const HAVE_CURRENT_DATA = 2; // HTMLMediaElement.readyState

export function watchFrames(video, tick) {
    let lastFrame = -Infinity;
    let handle = 0;
    let stopped = false;

    const onFrame = (now, frame) => {
        if (stopped) return;
        lastFrame = performance.now();
        handle = video.requestVideoFrameCallback(onFrame);
        tick(frame.mediaTime);
    };
    // The clock of the element runs ahead of the picture by up to one frame, so it is asked
    // only while no pictures come.
    const onClock = () => {
        if (!stopped && video.readyState >= HAVE_CURRENT_DATA && performance.now() - lastFrame >= FLOOR_MS) tick(video.currentTime);
    };
    const onSeeked = () => tick(video.currentTime);

    if (video.requestVideoFrameCallback) handle = video.requestVideoFrameCallback(onFrame);
    const timer = setInterval(onClock, FLOOR_MS);
    video.addEventListener('timeupdate', onClock);
    video.addEventListener('seeked', onSeeked);

    return () => {
        stopped = true;
        clearInterval(timer);
        if (handle) video.cancelVideoFrameCallback(handle);
        video.removeEventListener('timeupdate', onClock);
        video.removeEventListener('seeked', onSeeked);
    };
}
