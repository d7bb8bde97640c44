// Which language a page speaks, and how it says numbers and prices.

const LANGUAGES = ['en', 'de', 'fr', 'es', 'ar'];
const RIGHT_TO_LEFT = ['ar'];

// The first language that the viewer reads and we speak; "?lang=" in the address wins.
function chooseLocale() {
    const asked = new URLSearchParams(location.search).get('lang');
    for (const locale of [asked, ...navigator.languages]) {
        const language = (locale ?? '').toLowerCase().split('-')[0];
        if (LANGUAGES.includes(language)) return locale;
    }
    return 'en';
}

export const locale = chooseLocale();
const language = locale.toLowerCase().split('-')[0];

// Tells the browser which language the page is in; once, before anything is drawn.
export function setLanguage() {
    document.documentElement.lang = language;
    document.documentElement.dir = RIGHT_TO_LEFT.includes(language) ? 'rtl' : 'ltr';
}

// words('key', {n: 3}) out of {key: [en, de, fr, es, ar]}; undefined for no such key.
export function dictionary(table) {
    const column = LANGUAGES.indexOf(language);
    return (key, values = {}) => {
        const text = table[key]?.[column];
        return text?.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
    };
}

export function formatNumber(value) {
    return new Intl.NumberFormat(locale).format(value);
}

// A discount: -20 as "-20%", with the language's own sign and space.
export function formatPercent(value) {
    return new Intl.NumberFormat(locale, {style: 'percent'}).format(value / 100);
}

export function formatCompact(value) {
    return new Intl.NumberFormat(locale, {notation: 'compact', maximumFractionDigits: 1}).format(value);
}

// Minor units to text with the currency's own number of decimals; '' without a price.
export function formatPrice(minor, currency) {
    if (!Number.isSafeInteger(minor) || !currency) return '';
    try {
        const format = new Intl.NumberFormat(locale, {style: 'currency', currency});
        return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
    } catch {
        return '';
    }
}

// 75,000 ms: "1:15"; from an hour on "1:02:03".
export function formatDuration(ms) {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const two = number => String(number).padStart(2, '0');
    const hours = Math.floor(seconds / 3600);
    const rest = `${hours ? two(Math.floor(seconds / 60) % 60) : Math.floor(seconds / 60)}:${two(seconds % 60)}`;
    return hours ? `${hours}:${rest}` : rest;
}
