import assert from 'node:assert/strict';
import {test} from 'node:test';
import {cleanProduct, parseCue, parseRangeCue} from '../../overlay/web/player/cue.js';
import {readTextFrames} from '../../overlay/web/player/id3.js';
import {fillProduct, productOf, safeUrl} from '../../overlay/web/player/product.js';
import {TimeMap} from '../../overlay/web/player/time_map.js';
import {id3} from './emsg.mjs';

test('reads the text of a tag at every size at which its length bytes change', () => {
    for (const size of [1, 100, 127, 128, 150, 300, 900, 20000]) {
        const text = 'x'.repeat(size);
        assert.deepEqual(readTextFrames(id3(text)), [{description: 'shop.cue.v1', value: text}]);
    }
});

test('reads text of two, three and four bytes a character', () => {
    for (const text of ['é'.repeat(80), '日本'.repeat(50), '\u{1F6CD}'.repeat(40), '“Rosé” – 3']) {
        assert.equal(readTextFrames(id3(text))[0].value, text);
    }
});

test('reads several tags one behind the other', () => {
    assert.deepEqual(readTextFrames(Buffer.concat([id3('one'), id3('two', 'other')])),
                     [{description: 'shop.cue.v1', value: 'one'}, {description: 'other', value: 'two'}]);
});

test('passes over a tag that is cut off, at every length, and never throws', () => {
    const whole = id3('{"v":1}');
    for (let length = 0; length < whole.length; length++) {
        assert.deepEqual(readTextFrames(whole.subarray(0, length)), []);
    }
});

test('passes over bytes that were changed, and never throws', () => {
    const whole = id3('{"v":1,"k":"show"}');
    for (let at = 0; at < whole.length; at++) {
        for (const value of [0, 1, 127, 128, 255]) {
            const changed = Buffer.from(whole);
            changed[at] = value;
            assert.ok(Array.isArray(readTextFrames(changed)));
        }
    }
});

test('takes a cue out of a DATERANGE attribute', () => {
    const text = '{"v":1,"k":"show","s":"7Qm2","q":3,"w":5,"c":"c1","r":1,"p":{"i":"a","t":"Rosé ÿ?>"}}';
    const value = Buffer.from(text).toString('base64url');
    assert.deepEqual(parseRangeCue(value), parseCue(text));
    assert.equal(parseCue(text).p.t, 'Rosé ÿ?>');
    assert.equal(parseRangeCue('*'), null);
    assert.equal(parseRangeCue(undefined), null);
});

test('refuses text that is far too long or no JSON', () => {
    assert.equal(parseCue('{"v":1'), null);
    assert.equal(parseCue(JSON.stringify({v: 1, k: 'show', s: 'S', q: 1, c: 'c', r: 1, z: 'x'.repeat(3000)})), null);
});

test('keeps only fields of the right type in a product', () => {
    assert.deepEqual(cleanProduct({i: 'a', t: 7, a: '12', n: -1, l: 1.5, y: 'EUR', evil: 1}), {i: 'a', y: 'EUR'});
    assert.equal(cleanProduct({}), null);
    assert.equal(cleanProduct('x'), null);
});

test('follows only links of the web', () => {
    assert.equal(safeUrl('/p/1', 'https://live.example'), 'https://live.example/p/1');
    assert.equal(safeUrl('https://shop.example/x', 'https://live.example'), 'https://shop.example/x');
    for (const bad of ['javascript:alert(1)', ' javascript:alert(1)', 'JaVaScRiPt:1', 'data:text/html,x', 'file:///etc/passwd',
                       'blob:https://x/1', 'vbscript:x', '', null, 7]) {
        assert.equal(safeUrl(bad, 'https://live.example'), null, String(bad));
    }
});

test('what the server says now only makes a card stricter', () => {
    const p = {i: 'a', t: 'A', a: 100, y: 'EUR', n: 5};
    assert.equal(productOf(p, 'https://x', {i: 'a', n: 0}).stock, 0);
    assert.equal(productOf(p, 'https://x', {i: 'a', n: 3}).stock, 3);
    assert.equal(productOf(p, 'https://x', {i: 'a', n: 9}).stock, 5);
    assert.equal(productOf({...p, n: undefined}, 'https://x', {i: 'a', n: 0}).stock, 0);
    assert.equal(productOf({...p, n: undefined}, 'https://x', {i: 'a', n: 4}).stock, null);
});

test('a time is told by the pair before it, over a discontinuity', () => {
    const map = new TimeMap(time => 7000 + time);
    assert.equal(map.at(3), 7003, 'the playlist answers while there is no pair');
    map.add(20, 121000);
    map.add(10, 110000);
    assert.equal(map.at(10), 110000);
    assert.equal(map.at(12.5), 112500);
    assert.equal(map.at(20), 121000);
    assert.equal(map.at(9), 109000);
    map.add(10, 110001);
    assert.equal(map.at(10), 110001, 'the same time again replaces');
    map.clear();
    assert.equal(map.at(3), 7003);
});

test('what a short cue left out comes from the list of products', () => {
    const live = {i: 'a', t: 'A', u: '/a', m: '/a.webp', a: 100, y: 'EUR', n: 2};
    assert.deepEqual(fillProduct({i: 'a'}, live), live);
    assert.deepEqual(fillProduct({i: 'a', t: 'Old', a: 90}, live), {i: 'a', t: 'Old', a: 90, u: '/a', m: '/a.webp'});
    assert.deepEqual(fillProduct({i: 'a'}, undefined), {i: 'a'});
});
