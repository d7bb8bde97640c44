import {locale} from '../shared/words.js';

// How the console says measures and moments.

// 8.3 and "second" as "8.3 s", in the language's own way.
export function formatMeasure(value, unit) {
    const digits = unit === 'second' || unit === 'megabit-per-second' ? 1 : 0;
    const unitDisplay = unit.endsWith('second') && !unit.includes('per') ? 'narrow' : 'short';
    return new Intl.NumberFormat(locale, {style: 'unit', unit, unitDisplay, maximumFractionDigits: digits}).format(value);
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
