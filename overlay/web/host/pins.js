// What became of each tap: sending, accepted and on its way to the viewers, seen. A product
// has one tap at a time, so two taps never pin twice.

const WAY_MS = 1400; // from the answer to the viewers' screens, when no preview tells
const LOST_MS = 12000; // without a picture to prove it by then, the tap is taken as done
const FAILED_MS = 6000;

export class Pins extends EventTarget {
    #api;
    #taps = new Map(); // sku -> {phase, until, due}
    #cards = []; // what viewers see

    constructor(api) {
        super();
        this.#api = api;
    }

    // cards: of the SDK at the preview.
    setCards(cards) {
        this.#cards = cards;
        for (const [sku, tap] of this.#taps) {
            const shown = cards.some(card => card.product.sku === sku);
            if (tap.phase === 'soon' && shown) this.#taps.delete(sku);
            if (tap.phase === 'leaving' && !shown) this.#taps.delete(sku);
        }
        this.#tell();
    }

    phase(sku) {
        const tap = this.#taps.get(sku);
        if (tap) return tap.phase;
        return this.cardOf(sku) ? 'shown' : 'idle';
    }

    cardOf(sku) {
        return this.#cards.find(card => card.product.sku === sku);
    }

    seconds(sku) {
        const tap = this.#taps.get(sku);
        return Math.max(1, Math.round(((tap?.due ?? 0) - performance.now()) / 1000));
    }

    // Shows the product, or hides it when it is on screen. Rejects with an ApiError.
    async press(sku) {
        const phase = this.phase(sku);
        if (phase === 'sending' || phase === 'soon' || phase === 'leaving') return;
        const card = this.cardOf(sku);
        const hides = phase === 'shown';
        this.#set(sku, 'sending');
        try {
            if (hides) await this.#api.hide(card.c);
            else await this.#api.pin(sku);
            this.#set(sku, hides ? 'leaving' : 'soon');
        } catch (error) {
            this.#set(sku, 'failed');
            throw error;
        }
    }

    // Called now and then: what took too long is let go.
    sweep() {
        const now = performance.now();
        let changed = false;
        for (const [sku, tap] of this.#taps) {
            if (now < tap.until) continue;
            this.#taps.delete(sku);
            changed = true;
        }
        if (changed || this.#taps.size) this.#tell();
    }

    #set(sku, phase) {
        const now = performance.now();
        const until = now + (phase === 'failed' ? FAILED_MS : phase === 'sending' ? Infinity : LOST_MS);
        this.#taps.set(sku, {phase, until, due: now + WAY_MS});
        this.#tell();
    }

    #tell() {
        this.dispatchEvent(new Event('change'));
    }
}
