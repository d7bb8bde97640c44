import {icon, make, picture, setText} from '../shared/dom.js';
import {formatNumber, formatPrice} from '../shared/words.js';
import {tell} from './words.js';

// The products in the order in which the host shows them, each with one wide button. In
// order mode the rows move instead: by arrows, or by dragging.

const PICTURE = 56;

class SheetRow {
    constructor(sheet, product) {
        this.image = picture(PICTURE);
        this.mark = make('span', {class: 'mark', hidden: true});
        this.title = make('h3', {class: 'title', dir: 'auto'});
        this.facts = make('p', {class: 'facts'});
        this.button = make('button', {type: 'button', class: 'pin', onclick: () => sheet.press(this)});
        this.up = make('button', {type: 'button', class: 'move', onclick: () => sheet.move(this, -1)}, icon('up'));
        this.down = make('button', {type: 'button', class: 'move', onclick: () => sheet.move(this, 1)}, icon('down'));
        this.item = make('li', {class: 'row'}, this.image, make('div', {class: 'about'}, this.mark, this.title, this.facts),
                         this.button, make('div', {class: 'moves'}, this.up, this.down));
        this.item.addEventListener('pointerdown', event => sheet.grab(this, event));
        this.update(product);
    }

    update(product) {
        this.product = product;
        const {title, image, stock} = product;
        this.image.show(image, title);
        setText(this.title, title);
        const price = formatPrice(product.price_minor, product.currency);
        const left = stock === 0 ? tell('soldOut') : Number.isFinite(stock) ? tell('left', {n: formatNumber(stock)}) : '';
        setText(this.facts, [price, left].filter(Boolean).join(' · '));
        this.item.classList.toggle('sold', stock === 0);
        this.up.setAttribute('aria-label', tell('up', {title}));
        this.down.setAttribute('aria-label', tell('down', {title}));
    }

    // phase: idle, sending, soon, shown, leaving, failed.
    draw(phase, {next, live, seconds}) {
        const {title} = this.product;
        const words = {idle: tell('pin'), sending: tell('sending'), soon: tell('soon', {n: formatNumber(seconds)}),
                       shown: tell('hide'), leaving: tell('leaving'), failed: tell('again')}[phase];
        setText(this.button, words);
        this.item.dataset.phase = phase;
        this.button.disabled = !live && phase === 'idle';
        this.button.setAttribute('aria-busy', String(phase === 'sending' || phase === 'soon' || phase === 'leaving'));
        if (phase === 'idle') this.button.setAttribute('aria-label', tell('pinTitle', {title}));
        else if (phase === 'shown') this.button.setAttribute('aria-label', tell('hideTitle', {title}));
        else this.button.removeAttribute('aria-label');
        this.mark.hidden = phase !== 'shown' && !next;
        setText(this.mark, phase === 'shown' ? tell('onScreen') : tell('next'));
        this.item.classList.toggle('next', next && phase === 'idle');
    }
}

// Events: "press" (detail: {sku}), "order" (detail: {skus}) after the rows were moved.
export class RunSheet extends EventTarget {
    #list;
    #rows = [];
    #ordering = false;

    constructor(list) {
        super();
        this.#list = list;
    }

    get size() {
        return this.#rows.length;
    }

    setProducts(products) {
        if (this.#ordering) return;
        const old = new Map(this.#rows.map(row => [row.product.sku, row]));
        this.#rows = products.map(product => {
            const row = old.get(product.sku) ?? new SheetRow(this, product);
            row.update(product);
            return row;
        });
        this.#place();
    }

    setOrdering(ordering) {
        this.#ordering = ordering;
        this.#list.classList.toggle('ordering', ordering);
    }

    // phaseOf(sku): see SheetRow.draw(). lastShown: sku after which the next one comes.
    draw(phaseOf, {lastShown, live, secondsOf}) {
        const last = this.#rows.findIndex(row => row.product.sku === lastShown);
        const upcoming = this.#rows.find((row, index) => index > last && row.product.stock !== 0 &&
                                         phaseOf(row.product.sku) === 'idle');
        for (const row of this.#rows) {
            const {sku} = row.product;
            row.draw(phaseOf(sku), {next: live && row === upcoming, live, seconds: secondsOf(sku)});
        }
    }

    press(row) {
        this.dispatchEvent(new CustomEvent('press', {detail: {sku: row.product.sku}}));
    }

    move(row, by) {
        const from = this.#rows.indexOf(row);
        const to = from + by;
        if (to < 0 || to >= this.#rows.length) return;
        this.#rows.splice(from, 1);
        this.#rows.splice(to, 0, row);
        this.#place();
        (by < 0 ? row.up : row.down).focus();
        this.#tellOrder();
    }

    // Drags the row until the pointer lets go.
    grab(row, event) {
        if (!this.#ordering || event.target.closest('button')) return;
        event.preventDefault();
        row.item.setPointerCapture(event.pointerId);
        row.item.classList.add('held');
        let moved = false;
        const onMove = move => {
            const rest = this.#rows.filter(other => other !== row);
            let to = rest.findIndex(other => {
                const box = other.item.getBoundingClientRect();
                return move.clientY < box.top + box.height / 2;
            });
            if (to < 0) to = rest.length;
            if (this.#rows.indexOf(row) === to) return;
            moved = true;
            rest.splice(to, 0, row);
            this.#rows = rest;
            this.#place();
        };
        const onEnd = () => {
            row.item.classList.remove('held');
            row.item.removeEventListener('pointermove', onMove);
            if (moved) this.#tellOrder();
        };
        row.item.addEventListener('pointermove', onMove);
        row.item.addEventListener('lostpointercapture', onEnd, {once: true});
    }

    #tellOrder() {
        this.dispatchEvent(new CustomEvent('order', {detail: {skus: this.#rows.map(row => row.product.sku)}}));
    }

    // Only what is out of place moves, so that a held row keeps its pointer.
    #place() {
        const items = this.#rows.map(row => row.item);
        [...this.#list.children].filter(child => !items.includes(child)).forEach(child => child.remove());
        const held = items.findIndex(item => item.classList.contains('held'));
        items.slice(0, Math.max(held, 0)).forEach(item => this.#list.insertBefore(item, items[held]));
        let before = held < 0 ? null : items[held];
        for (const item of items.slice(held + 1)) {
            const place = before ? before.nextElementSibling : this.#list.firstElementChild;
            if (place !== item) this.#list.insertBefore(item, place);
            before = item;
        }
    }
}
