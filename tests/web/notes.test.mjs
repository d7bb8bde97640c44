// What the console tells the host in words, without a browser.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

globalThis.location = {search: ''};
Object.defineProperty(globalThis, 'navigator', {value: {languages: ['en']}, configurable: true});
const {healthWords, notesOf, wordsOf} = await import('../../overlay/web/host/notes.js');

const finding = (code, level, value = 0, unit = '') => ({code, level, text: `The server on ${code}.`, value, unit, since_ms: 1});
const texts = notes => notes.map(({level, text}) => `${level}: ${text}`);

test('every finding of the coach has words of its own, but those that quote the server', () => {
    const header = readFileSync(new URL('../../server/show/coach.h', import.meta.url), 'utf8');
    const codes = [...header.matchAll(/X\(\w+, "(\w+)", "(\w*)"\)/g)];
    assert.ok(codes.length > 20);
    for (const [, code, unit] of codes) {
        const words = wordsOf(finding(code, 'warn', 1234, unit));
        if (code.endsWith('_refused')) assert.equal(words, `The server on ${code}.`);
        else assert.ok(!words.includes('server on') && words.length < 100, `${code}: ${words}`);
        assert.doesNotMatch(words, /[{}]|\.\.|undefined/);
    }
});

test('a code that is newer than the page is said in the server\'s words', () => {
    assert.equal(wordsOf(finding('tomorrow', 'warn')), 'The server on tomorrow.');
});

test('values come with their unit', () => {
    assert.match(wordsOf(finding('keyframes_far', 'warn', 8333, 'ms')), /^Keyframe every 8\.3\u00a0s\. /);
    assert.match(wordsOf(finding('sound_late', 'warn', 420, 'ms')), /420\u00a0ms late/);
    assert.match(wordsOf(finding('upload_sags', 'warn', 850, 'kbps')), /850\u00a0kb\/s/);
    assert.match(wordsOf(finding('bitrate_high', 'info', 7450, 'kbps')), /7\.5\u00a0Mb\/s/);
    assert.match(wordsOf(finding('clock_jumps', 'warn', -5000, 'ms')), /by 5\u00a0s/);
});

test('health is the worst finding that is more than a hint, else the numbers', () => {
    const health = {level: 'good', text: 'Good. 2.4 Mb/s, 30 fps'};
    assert.equal(healthWords({health, findings: [finding('b_frames', 'info', 200, 'ms')]}), 'Good. 2.4\u00a0Mb/s, 30 fps');
    assert.match(healthWords({health, findings: [finding('sound_missing', 'warn', 1, 'ms')]}), /^No sound arrives/);
    assert.equal(healthWords({health: {level: 'good', text: 'Something new'}, findings: []}), 'Something new');
    assert.equal(healthWords({health: null}), '');
});

test('notes leave out what health says, and come worst first', () => {
    const show = {findings: [finding('sound_missing', 'warn', 1, 'ms'), finding('b_frames', 'info', 200, 'ms')],
                  backup: {well: true}, publisher: {role: 'primary'}, rivals_until_ms: 24000};
    assert.deepEqual(texts(notesOf(show, 1000)).map(text => text.split(':')[0]), ['problem', 'info', 'good']);
    assert.match(notesOf(show, 1000)[0].text, /for 0:23 only/);
    assert.equal(notesOf(show, 25000).length, 2);
});

test('a backup stands by, is silent, is on air, and gives back', () => {
    const words = (publisher, backup) => notesOf({publisher, backup, findings: []}, 0).map(({text}) => text.slice(0, 16));
    assert.deepEqual(words({role: 'primary'}, {well: true}), ['Backup stands by']);
    const told = backup => notesOf({publisher: {role: 'primary'}, backup: {well: true, ...backup}, findings: []}, 0)[0].text;
    assert.equal(told({kbps: 2400, video: {fps: 29.9}, audio: {}}), 'Backup stands by · 2.4\u00a0Mb/s · 30 fps');
    assert.equal(told({kbps: 128, video: null, audio: {}}), 'Backup stands by · 128\u00a0kb/s');
    assert.equal(told({kbps: 0, video: {fps: 30}}), 'Backup stands by');
    assert.deepEqual(words({role: 'primary'}, {well: false}), ['Backup is connec']);
    assert.deepEqual(words({role: 'backup'}, null), ['Backup is on air']);
    assert.match(notesOf({publisher: {role: 'backup'}, backup: {well: true}}, 0)[0].text, /takes over after 10 s/);
    assert.deepEqual(words({role: 'primary'}, null), []);
});
