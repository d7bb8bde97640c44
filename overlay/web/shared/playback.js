import Hls from '/assets/hls.mjs';

// Plays one show in a video element and keeps at it: what went wrong is built anew until
// stop(). Events: "attach" (detail: {hls} or {} where the browser plays HLS itself), "playing",
// "release" (its last picture may go), "stuck" (no picture comes), "blocked" (the browser
// wants a tap first), "ended", "failed".

const WATCH_MS = 250;
const REBUILD_MS = [300, 700, 1500, 3000, 5000];
const STUCK_MS = 1500; // without a new picture
const BEHIND_S = 6; // seconds behind live from which a jump is better than haste
const HOLE_S = 0.3; // so much media behind a hole is worth a jump over it
const BACK_MS = 4000; // after media is back on the server, for the player to get there by itself
const COMPARE_MS = [1500, 5000]; // after the same: live is media again, and late sound is there

const HLS_CONFIG = {
    lowLatencyMode: true,
    maxLiveSyncPlaybackRate: 1.5, // pulls back to the live edge without a jump
    enableWorker: false, // fragmented MP4 passes through; a worker would only add a hop
    startFragPrefetch: true,
    backBufferLength: 10,
    maxBufferLength: 10,
    enableID3MetadataCues: false, // cues are read where they are parsed, not from text tracks
    enableDateRangeMetadataCues: false,
    renderTextTracksNatively: false,
};

export class Playback extends EventTarget {
    #video;
    #url;
    #hls = null;
    #wanted = false;
    #retries = 0;
    #timer = 0;
    #lastTime = 0;
    #lastMoved = 0;
    #stuck = false;
    #away = false;
    #backAt = 0;

    constructor(video, url) {
        super();
        this.#video = video;
        this.#url = url;
        video.addEventListener('playing', () => this.#moved());
        video.addEventListener('ended', () => this.#tell('ended'));
        video.addEventListener('error', () => this.#native && this.#again());
        setInterval(() => this.#watch(), WATCH_MS);
    }

    get wanted() {
        return this.#wanted;
    }

    // Plays another address from now on.
    aim(url) {
        if (url === this.#url) return;
        this.#url = url;
        this.retry();
    }

    start() {
        if (this.#wanted) return;
        this.#wanted = true;
        this.#retries = 0;
        this.#build();
    }

    stop() {
        this.#wanted = false;
        clearTimeout(this.#timer);
        this.#release();
    }

    // The server has no media at the moment: the picture may stand still.
    set away(away) {
        if (this.#away && !away) {
            this.#backAt = performance.now();
            COMPARE_MS.forEach(ms => setTimeout(() => this.#compare(), ms));
        }
        this.#away = away;
    }

    // Another device may have no sound, or be the first that has: players do not look again.
    async #compare() {
        const hls = this.#hls;
        if (!hls?.levels.length) return;
        const text = await fetch(this.#url, {cache: 'no-store'}).then(answer => answer.text(), () => '');
        const same = hls.audioTracks.length > 0 === text.includes('TYPE=AUDIO') &&
            hls.levels[0].width > 0 === text.includes('RESOLUTION');
        if (text.includes('#EXTM3U') && this.#hls === hls && !same) this.retry();
    }

    // At once, instead of at the next of the growing pauses.
    retry() {
        if (!this.#wanted) return;
        this.#retries = 0;
        clearTimeout(this.#timer);
        this.#build();
    }

    async play() {
        try {
            await this.#video.play();
        } catch (error) {
            if (error.name === 'NotAllowedError') this.#tell('blocked');
        }
    }

    get #native() {
        return this.#wanted && !this.#hls;
    }

    #release() {
        if (!this.#hls) return;
        this.#tell('release');
        this.#hls.destroy();
        this.#hls = null;
    }

    #build() {
        this.#release();
        this.#stuck = false;
        this.#lastMoved = performance.now();
        if (Hls.isSupported()) {
            const hls = new Hls(HLS_CONFIG);
            this.#hls = hls;
            hls.on(Hls.Events.ERROR, (name, data) => this.#hls === hls && data.fatal && this.#recover(data));
            hls.on(Hls.Events.MANIFEST_PARSED, () => this.play());
            this.#tell('attach', {hls});
            hls.attachMedia(this.#video);
            hls.loadSource(this.#url);
        } else {
            this.#video.src = this.#url;
            this.#tell('attach', {});
            this.play();
        }
    }

    #recover(data) {
        if (data.type === Hls.ErrorTypes.MEDIA_ERROR && this.#retries === 0) {
            this.#retries = 1;
            this.#tell('release');
            this.#hls.recoverMediaError();
            return;
        }
        this.#again();
    }

    #again() {
        if (!this.#wanted) return;
        this.#release();
        const wait = REBUILD_MS[Math.min(this.#retries++, REBUILD_MS.length - 1)];
        if (this.#retries > 3) this.#tell('failed');
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#build(), wait * (0.75 + Math.random() / 2));
    }

    #moved() {
        this.#retries = 0;
        this.#stuck = false;
        this.#lastMoved = performance.now();
        this.#tell('playing');
    }

    #watch() {
        const video = this.#video;
        if (!this.#wanted || video.paused || video.ended) return;
        const now = performance.now();
        if (video.currentTime !== this.#lastTime && !video.seeking) {
            this.#lastTime = video.currentTime;
            this.#lastMoved = now;
            if (this.#stuck && video.readyState >= video.HAVE_FUTURE_DATA) this.#moved();
        } else if (!this.#stuck && now - this.#lastMoved > (this.#away ? WATCH_MS : STUCK_MS)) {
            this.#stuck = true;
            this.#tell('stuck');
        }
        if (this.#crossHole()) return;
        const edge = this.#hls?.liveSyncPosition;
        if (edge - video.currentTime > BEHIND_S && (!this.#away || rangeAt(video, edge))) video.currentTime = edge;
        if (this.#stuck && this.#backAt && !this.#away && now - Math.max(this.#backAt, this.#lastMoved) > BACK_MS) {
            this.#backAt = now;
            this.#again();
        }
    }

    // Media that nobody sent is a hole in what is buffered; live is behind it.
    #crossHole() {
        const {buffered, currentTime} = this.#video;
        const last = buffered.length - 1;
        if (!this.#stuck || last < 0) return false;
        const start = buffered.start(last);
        if (start <= currentTime || buffered.end(last) - start < HOLE_S) return false;
        this.#video.currentTime = start + 0.01;
        return true;
    }

    #tell(type, detail) {
        this.dispatchEvent(new CustomEvent(type, {detail}));
    }
}

// Whether there is media at a time of the player.
function rangeAt({buffered}, time) {
    for (let i = 0; i < buffered.length; i++) {
        if (buffered.start(i) <= time && time < buffered.end(i)) return true;
    }
    return false;
}
