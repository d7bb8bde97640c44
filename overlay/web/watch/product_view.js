import {icon, make, picture, setText} from '../shared/dom.js';
import {formatNumber, formatPercent, formatPrice} from '../shared/words.js';
import {say} from './words.js';

// One product as a viewer sees it, on a card or in the bag: picture, title, price, what is
// left, and the way to the shop. update() changes what is there in place.

const PICTURE = 72; // px, its attribute; the style may show it larger
const FEW = 5; // left: from here on it is worth a colour
const MANY = 99; // left: above, a number says nothing

function stockWords(product, sold) {
    if (sold) return say('soldOut');
    const left = product.stock;
    if (left === null || left > MANY) return '';
    return say(left <= FEW ? 'onlyLeft' : 'left', {n: formatNumber(left)});
}

function discount(product) {
    const {price_minor: price, list_price_minor: list} = product;
    return list > price && price >= 0 ? Math.round((1 - price / list) * 100) : 0;
}

// onBuy(product): the link was followed.
export function productView(onBuy) {
    const image = picture(PICTURE);
    const title = make('h3', {class: 'title', dir: 'auto'});
    const price = make('span', {class: 'price'});
    const list = make('s', {class: 'list'});
    const off = make('span', {class: 'off', 'aria-hidden': 'true'});
    const stock = make('span', {class: 'stock'});
    const buy = make('a', {class: 'buy', target: '_blank', rel: 'noopener'});
    const element = make('div', {class: 'product'}, image,
        make('div', {class: 'about'}, title,
             make('div', {class: 'deal'},
                  make('p', {class: 'cost'}, make('span', {class: 'amounts'}, price, list, off), stock), buy)));
    let current = null;
    buy.addEventListener('click', () => current && onBuy(current));

    element.update = (product, sold) => {
        const before = current;
        current = product;
        const priceText = formatPrice(product.price_minor, product.currency);
        const percent = discount(product);
        image.show(product.image, product.title);
        setText(title, product.title);
        let changed = setText(price, priceText);
        list.hidden = off.hidden = !percent;
        setText(list, percent ? formatPrice(product.list_price_minor, product.currency) : '');
        list.setAttribute('aria-label', say('before', {price: list.textContent}));
        setText(off, percent ? formatPercent(-percent).replace('-', '−') : '');
        changed = setText(stock, stockWords(product, sold)) || changed;
        stock.hidden = !stock.textContent;
        element.classList.toggle('sold', sold);
        element.classList.toggle('few', !sold && product.stock !== null && product.stock <= FEW);
        setText(buy, say(sold ? 'soldOut' : 'buy'));
        if (sold || !product.url) {
            buy.removeAttribute('href');
            buy.setAttribute('aria-disabled', 'true');
            buy.setAttribute('role', 'link');
        } else {
            buy.href = product.url;
            buy.removeAttribute('aria-disabled');
            buy.setAttribute('aria-label', say('buyTitle', {title: product.title}));
        }
        if (sold) stock.hidden = true;
        if (changed && before) flash(element);
    };
    return element;
}

// A change in place is shown for a moment.
function flash(element) {
    element.classList.remove('changed');
    void element.offsetWidth;
    element.classList.add('changed');
}

export function iconButton(name, label, onclick) {
    return make('button', {type: 'button', class: 'round', 'aria-label': label, title: label, onclick}, icon(name));
}
