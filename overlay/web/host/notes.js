import {byId, make, setText} from '../shared/dom.js';
import {formatDuration} from '../shared/words.js';
import {formatMeasure} from './formats.js';
import {tellFinding} from './finding_words.js';
import {tell} from './words.js';

// What the host should know, in single lines: what the coach found, who stands by, who gets
// in the way. The worst stands in the head of the console, the others below it.

const NOTES_MAX = 3; // more would be a wall

const RANK = {problem: 0, warn: 1, info: 2, good: 3};

// A finding of the API in the host's language; the server's words where there are none.
export function wordsOf({code, text, value, unit}) {
    const size = unit === 'ms' && Math.abs(value) >= 1000 ? formatMeasure(value / 1000, 'second')
        : unit === 'ms' ? formatMeasure(value, 'millisecond')
        : unit === 'kbps' && value >= 1000 ? formatMeasure(value / 1000, 'megabit-per-second')
        : unit === 'kbps' ? formatMeasure(value, 'kilobit-per-second')
        : unit === 'fps' ? tell('fps', {n: value})
        : String(value);
    return tellFinding(code, {value: size.replace('-', '')}) ?? text;
}

// The one line of health. Good is said in numbers, which the server's sentence has too.
export function healthWords({health, findings}) {
    const worst = findings?.find(finding => finding.level !== 'info');
    if (worst) return wordsOf(worst);
    const [, rate, fps] = /^Good\. ([\d.]+) Mb\/s, (\d+) fps$/.exec(health?.text ?? '') ?? [];
    if (!rate) return health?.text ?? '';
    return tell('good', {rate: formatMeasure(+rate, 'megabit-per-second'), fps: tell('fps', {n: fps})});
}

// {level, text} of everything but what healthWords() says, worst first.
export function notesOf(show, now) {
    const {publisher, backup, findings, rivals_until_ms} = show;
    const notes = [];
    if (rivals_until_ms > now) {
        notes.push({level: 'problem', text: tell('rivals', {left: formatDuration(rivals_until_ms - now)})});
    }
    if (publisher?.role === 'backup') notes.push({level: 'warn', text: tell(backup ? 'backupGoes' : 'backupOnAir')});
    else if (backup?.well) notes.push({level: 'good', text: tell('backupReady')});
    else if (backup) notes.push({level: 'warn', text: tell('backupSilent')});
    const worst = findings?.find(finding => finding.level !== 'info');
    for (const finding of findings ?? []) {
        if (finding !== worst) notes.push({level: finding.level, text: wordsOf(finding)});
    }
    return notes.sort((a, b) => RANK[a.level] - RANK[b.level]);
}

// One line each; a tap shows all of a line that is too long.
export function drawNotes(notes) {
    const list = byId('notes');
    const shown = notes.slice(0, NOTES_MAX);
    list.hidden = !shown.length;
    while (list.children.length > shown.length) list.lastChild.remove();
    shown.forEach(({level, text}, index) => {
        const item = list.children[index] ?? list.appendChild(make('li', {}, make('button', {
            type: 'button', 'aria-expanded': 'false', onclick: ({currentTarget: button}) => {
                button.setAttribute('aria-expanded', String(button.getAttribute('aria-expanded') === 'false'));
            }})));
        item.dataset.level = level;
        setText(item.firstChild, text);
    });
}
