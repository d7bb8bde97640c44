import {byId, make, setText} from '../shared/dom.js';
import {newKey} from './api.js';
import {tell} from './words.js';

// The sheets that open over the console: how to connect, a new product, and the question
// before the end.

export function openSheet(id) {
    byId(id).showModal();
}

export function listenToSheets() {
    for (const sheet of document.querySelectorAll('dialog')) {
        sheet.addEventListener('click', event => {
            if (event.target === sheet || event.target.closest('[data-close]')) sheet.close();
        });
    }
}

// Copies, and says so on the button for a moment.
export async function copyText(text, button) {
    const label = button.textContent;
    try {
        await navigator.clipboard.writeText(text);
    } catch {
        // On plain http there is no clipboard API.
        const field = make('textarea', {readonly: true, class: 'sr'});
        field.value = text;
        button.after(field);
        field.select();
        document.execCommand('copy');
        field.remove();
    }
    setText(button, tell('copied'));
    setTimeout(() => setText(button, label), 1500);
}

// "28.50" or "28,50" to 2850 by the currency's own decimals; null when it is no price.
export function parsePrice(text, currency) {
    const match = /^\s*(\d{1,12})(?:[.,](\d+))?\s*$/.exec(text);
    if (!match) return null;
    let digits;
    try {
        digits = new Intl.NumberFormat('en', {style: 'currency', currency}).resolvedOptions().maximumFractionDigits;
    } catch {
        return null;
    }
    const decimals = match[2] ?? '';
    if (decimals.length > digits) return null;
    const minor = Number(match[1] + decimals.padEnd(digits, '0'));
    return Number.isSafeInteger(minor) ? minor : null;
}

// "Ambre candle, 220 g" to "ambre-candle-220-g", unlike any that is taken.
export function skuOf(title, taken) {
    const plain = title.normalize('NFKD').replace(/[^\w.-]+/g, '-').replace(/^[-_.]+|[-_.]+$/g, '').toLowerCase()
        .slice(0, 48) || 'product';
    return taken.includes(plain) ? `${plain}-${newKey().slice(0, 6)}` : plain;
}

// The product in the form's fields; throws an Error with words for the host.
export function productOfForm(form) {
    const fields = new FormData(form);
    const text = name => String(fields.get(name) ?? '').trim();
    const currency = text('currency').toUpperCase();
    const price = parsePrice(text('price'), currency);
    if (price === null) throw new Error(tell('badPrice'));
    const product = {title: text('title'), url: text('url'), price_minor: price, currency};
    if (text('image')) product.image = text('image');
    if (text('stock')) product.stock = Number(text('stock'));
    return product;
}
