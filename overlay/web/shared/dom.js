// The few ways in which the pages make and find elements. Text from outside only ever
// becomes textContent.

const SVG = 'http://www.w3.org/2000/svg';

export function byId(id) {
    return document.getElementById(id);
}

// make('p', {class: 'note', text: 'hello', onclick: f, hidden: true}, child, …)
export function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value === undefined || value === null || value === false) continue;
        if (name === 'text') element.textContent = value;
        else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
        else if (value === true) element.setAttribute(name, '');
        else element.setAttribute(name, value);
    }
    element.append(...children.filter(child => child !== null && child !== undefined));
    return element;
}

// One of the symbols at the top of the page's HTML.
export function icon(name) {
    const svg = document.createElementNS(SVG, 'svg');
    const use = document.createElementNS(SVG, 'use');
    svg.setAttribute('class', 'icon');
    svg.setAttribute('aria-hidden', 'true');
    use.setAttribute('href', `#i-${name}`);
    svg.append(use);
    return svg;
}

// Sets the text only where it differs, so that nothing is announced or redrawn for nothing.
// True when it changed.
export function setText(element, text) {
    if (element.textContent === text) return false;
    element.textContent = text;
    return true;
}

// A product's picture in a frame of fixed size; without one, or when it does not load, its
// first letter.
export function picture(size, className = 'picture') {
    const image = make('img', {width: size, height: size, alt: '', decoding: 'async', draggable: 'false', hidden: true});
    const frame = make('span', {class: className, 'aria-hidden': 'true'}, image);
    image.addEventListener('error', () => { image.hidden = true; });
    frame.show = (url, title) => {
        frame.dataset.letter = (title || '').trim().slice(0, 1).toUpperCase();
        if (url === image.getAttribute('src')) return;
        image.hidden = !url;
        if (url) image.src = url;
        else image.removeAttribute('src');
    };
    return frame;
}
