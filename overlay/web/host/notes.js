import {byId, make, setText} from '../shared/dom.js';
import {formatDuration} from '../shared/words.js';
import {formatTenths} from './formats.js';
import {tellFinding} from './finding_words.js';
import {tell} from './words.js';

// What the host should know, in single lines: what the coach found, who stands by, who gets
// in the way. The worst stands in the head of the console, the others below it.

const NOTES_MAX = 3; // more would be a wall

const RANK = {problem: 0, warn: 1, info: 2, good: 3};

// 8333 and "ms" as "8.3 s".
function measure(value, unit) {
    const size = Math.abs(value);
    if (unit === 'ms') return size < 1000 ? `${formatTenths(size)}\u00a0${tell('ms')}` : `${formatTenths(size / 1000)}\u00a0${tell('s')}`;
    if (unit === 'kbps') return size < 1000 ? `${formatTenths(size)}\u00a0kb/s` : `${formatTenths(size / 1000)}\u00a0Mb/s`;
    return unit === 'fps' ? tell('fps', {n: formatTenths(size)}) : formatTenths(size);
}

// A finding of the API in the host's language; the server's words where there are none.
export function wordsOf({code, text, value, unit}) {
    return tellFinding(code, {value: measure(value, unit)}) ?? text;
}

// The one line of health. Good is said in numbers, which the server's sentence has too.
export function healthWords({health, findings}) {
    const worst = findings?.find(finding => finding.level !== 'info');
    if (worst) return wordsOf(worst);
    const text = health?.text ?? '';
    const [, rate, fps] = /^Good\. ([\d.]+) Mb\/s, (\d+) fps$/.exec(text) ?? [];
    if (rate) return tell('good', {rate: measure(rate * 1000, 'kbps'), fps: measure(fps, 'fps')});
    const [, sound] = /^Good\. Sound only, (\d+) kb\/s$/.exec(text) ?? [];
    if (sound) return tell('goodSound', {rate: measure(sound, 'kbps')});
    return text.startsWith('Connected.') ? tell('measuring') : text;
}

// What the one that stands by sends, in numbers.
function readyWords({kbps, video}) {
    const rate = kbps > 0 && measure(kbps, 'kbps');
    const frames = kbps > 0 && video?.fps > 0 && measure(Math.round(video.fps), 'fps');
    return [tell('backupReady'), rate, frames].filter(Boolean).join(' · ');
}

// {level, text} of everything but what healthWords() says, worst first.
export function notesOf(show, now) {
    const {publisher, backup, findings, rivals_until_ms} = show;
    const notes = [];
    if (rivals_until_ms > now) {
        notes.push({level: 'problem', text: tell('rivals', {left: formatDuration(rivals_until_ms - now)})});
    }
    if (publisher?.role === 'backup') notes.push({level: 'warn', text: tell(backup ? 'backupGoes' : 'backupOnAir')});
    else if (backup?.well) notes.push({level: 'good', text: readyWords(backup)});
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
