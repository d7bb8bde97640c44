import {make, setText} from '../shared/dom.js';
import {formatPrice} from '../shared/words.js';
import {productView} from './product_view.js';
import {say} from './words.js';

// The cards that are up. They come and go with the picture; a card that stays is changed in
// place, so that a finger on its button never misses.

const MOTION_MS = 200;
function moves() {
    return !matchMedia('(prefers-reduced-motion: reduce)').matches && document.visibilityState === 'visible';
}

export class CardRow {
    #list;
    #speaker;
    #views = new Map(); // c -> {item, view}
    #onBuy;

    constructor(list, speaker, onBuy) {
        this.#list = list;
        this.#speaker = speaker;
        this.#onBuy = onBuy;
    }

    // cards: as the SDK gives them, the one in front first.
    draw(cards) {
        for (const [c, {item}] of this.#views) {
            if (cards.some(card => card.c === c)) continue;
            this.#views.delete(c);
            this.#leave(item);
        }
        cards.forEach((card, index) => {
            const known = this.#views.get(card.c);
            const {item, view} = known ?? this.#enter(card);
            view.update(card.product, card.sold);
            const place = [...this.#list.children].filter(child => !child.inert)[index];
            if (place !== item) this.#list.insertBefore(item, place ?? null);
            if (!known) this.#announce(card, item);
        });
        this.#list.classList.toggle('many', cards.length > 1);
    }

    #enter(card) {
        const view = productView(this.#onBuy);
        const entry = {view, item: make('li', {class: 'card'}, view)};
        this.#views.set(card.c, entry);
        return entry;
    }

    #announce(card, item) {
        const {title, price_minor, currency} = card.product;
        setText(this.#speaker, say('newCard', {title, price: card.sold ? say('soldOut')
                                                                       : formatPrice(price_minor, currency)}));
        this.#list.scrollTo({left: 0});
        if (moves()) {
            item.animate([{transform: 'translateY(24px)', opacity: 0}, {transform: 'none', opacity: 1}],
                         {duration: MOTION_MS, easing: 'cubic-bezier(.2,.8,.2,1)'});
        }
    }

    #leave(item) {
        if (!moves()) {
            item.remove();
            return;
        }
        item.inert = true;
        item.animate([{opacity: 1}, {transform: 'translateY(16px)', opacity: 0}],
                     {duration: MOTION_MS * 0.7, easing: 'ease-in', fill: 'forwards'})
            .finished.then(() => item.remove(), () => item.remove());
    }
}
