import {make, setText} from '../shared/dom.js';
import {productView} from './product_view.js';
import {say} from './words.js';

// All products of the show, in the order of the run sheet.


export class Bag {
    #list;
    #views = new Map(); // sku -> {item, view, mark}
    #products = [];
    #shown = new Set();
    #onBuy;

    constructor(list, onBuy) {
        this.#list = list;
        this.#onBuy = onBuy;
    }

    get size() {
        return this.#products.length;
    }

    // products: in the words of the API.
    setProducts(products) {
        this.#products = products;
        this.#draw();
    }

    // skus of the cards that are up.
    setShown(skus) {
        this.#shown = new Set(skus);
        this.#draw();
    }

    #draw() {
        for (const [sku, {item}] of this.#views) {
            if (this.#products.some(product => product.sku === sku)) continue;
            this.#views.delete(sku);
            item.remove();
        }
        this.#products.forEach((product, index) => {
            let entry = this.#views.get(product.sku);
            if (!entry) {
                const view = productView(this.#onBuy);
                const mark = make('span', {class: 'mark', text: say('onScreen'), hidden: true});
                view.querySelector('.about').prepend(mark);
                entry = {view, mark, item: make('li', {class: 'row'}, view)};
                this.#views.set(product.sku, entry);
            }
            entry.view.update(product, product.stock === 0);
            entry.mark.hidden = !this.#shown.has(product.sku);
            if (this.#list.children[index] !== entry.item) {
                this.#list.insertBefore(entry.item, this.#list.children[index] ?? null);
            }
        });
    }
}

// "In this show", and how many.
export function drawBagTitle(heading, count, size) {
    setText(heading, say('products'));
    setText(count, size ? String(size) : '');
    count.hidden = !size;
}
