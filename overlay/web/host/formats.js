import {locale} from '../shared/words.js';

// How the console says numbers and moments.

// 8.3 with one digit at most, in the language's own way.
export function formatTenths(value) {
    return new Intl.NumberFormat(locale, {maximumFractionDigits: 1}).format(value);
}

// -300,000 ms: "5 min. ago".
export function formatAgo(ms) {
    const format = new Intl.RelativeTimeFormat(locale, {numeric: 'auto', style: 'short'});
    const minutes = Math.round(ms / 60000);
    if (Math.abs(minutes) < 60) return format.format(minutes, 'minute');
    if (Math.abs(minutes) < 1440) return format.format(Math.round(minutes / 60), 'hour');
    return format.format(Math.round(minutes / 1440), 'day');
}

// Unix ms: "Nov 22, 18:00".
export function formatMoment(ms) {
    return new Intl.DateTimeFormat(locale, {month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit'}).format(ms);
}
