// A product in the words of the API, out of the short ones of a cue; and links that may be
// followed.

// Absolute URL of a link of ours: http, https or a path of the base's origin. Anything
// else, as "javascript:", is no link: null.
export function safeUrl(text, base) {
    if (typeof text !== 'string' || !text) return null;
    try {
        const url = new URL(text, base || undefined);
        return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
    } catch {
        return null;
    }
}

// A cue that had to be short leaves out links, or all but the name: the show's list of
// products has them.
export function fillProduct(p, live) {
    if (!live) return p;
    if (p.t === undefined) return {...live, ...p};
    return {...p, u: p.u ?? live.u, m: p.m ?? live.m};
}

// live: what the server says of this product now, or undefined. It can only make the card
// stricter: fewer left, sold out.
export function productOf(p, base, live) {
    const product = {
        sku: p.i ?? null,
        title: p.t ?? '',
        url: safeUrl(p.u, base),
        image: safeUrl(p.m, base),
        price_minor: p.a ?? null,
        list_price_minor: p.l ?? null,
        currency: p.y ?? null,
        stock: p.n ?? null,
    };
    if (live?.n !== undefined && (product.stock === null || live.n < product.stock)) {
        if (product.stock !== null || live.n === 0) product.stock = live.n;
    }
    return product;
}
