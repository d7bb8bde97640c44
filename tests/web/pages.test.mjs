import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFileSync, readdirSync, mkdtempSync, mkdirSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {bundle} from '../../overlay/web/bundle.mjs';
import {assets} from '../../overlay/web/embed.mjs';

const web = join(dirname(fileURLToPath(import.meta.url)), '../../overlay/web');
const served = assets();
const page = path => served.find(asset => asset.path === path).bytes.toString();

test('the pages hold no inline script, style or handler, which the policy would refuse', () => {
    for (const path of ['/', '/watch/', '/host/']) {
        const html = page(path);
        assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)/);
        assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=/);
        assert.match(html, /<html lang="en">/);
    }
});

test('every file that a page names is served, under a name that carries its content', () => {
    for (const path of ['/', '/watch/', '/host/']) {
        const names = [...page(path).matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, name]) => name);
        assert.ok(names.length >= 2);
        for (const name of names) {
            assert.ok(served.find(asset => asset.path === name)?.immutable, name);
        }
    }
});

test('a bundle imports nothing but hls.js, by its full name', () => {
    for (const asset of served.filter(one => /\.js$/.test(one.path))) {
        const imports = [...asset.bytes.toString().matchAll(/^import .*$/gm)].map(([line]) => line);
        const wanted = /^\/player\/|\/start-/.test(asset.path) ? 0 : 1;
        assert.equal(imports.length, wanted, asset.path);
        imports.forEach(line => assert.match(line, /^import Hls from '\/assets\/hls-[0-9a-f]{10}\.mjs';$/));
    }
});

test('every bundle is a module that a browser can read', () => {
    for (const asset of served.filter(one => /\.js$/.test(one.path))) {
        const file = join(mkdtempSync(join(tmpdir(), 'vitrine-read-')), 'bundle.mjs');
        writeFileSync(file, asset.bytes);
        execFileSync(process.execPath, ['--check', file]);
    }
});

test('a style sheet keeps its rules when it is made small', () => {
    const css = page(served.find(asset => /watch-.*css$/.test(asset.path)).path);
    assert.doesNotMatch(css, /\/\*|\n/);
    assert.match(css, /\.top \.line:not\(:has\(> :not\(\[hidden\]\)\)\)\{display:none;\}/);
    assert.match(css, /@media \(min-width: ?900px\)\{/);
});

test('the sdk exports attach and nothing else', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'vitrine-sdk-')), 'vitrine.mjs');
    writeFileSync(file, page('/player/vitrine.js'));
    assert.deepEqual(Object.keys(await import(file)), ['attach']);
});

test('text from outside never becomes markup', () => {
    for (const folder of ['player', 'shared', 'watch', 'host', 'start']) {
        for (const name of readdirSync(join(web, folder)).filter(file => file.endsWith('.js'))) {
            const text = readFileSync(join(web, folder, name), 'utf8');
            assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, name);
        }
    }
});

// The table that a file of phrases declares, without those of all pages, read without a browser.
function phrases(name) {
    const text = readFileSync(join(web, name), 'utf8').replace(/^import.*$/gm, '')
        .replace(/export const \w+ = (?:dictionary\()?/, 'return ').replace(/\}\)?;\s*$/, '};');
    return new Function('COMMON', text)({});
}

test('every phrase is there in all five languages, with the same values in it', () => {
    for (const name of ['shared/phrases.js', 'watch/words.js', 'host/words.js', 'host/finding_words.js']) {
        const table = phrases(name);
        const values = phrase => [...phrase.matchAll(/\{\w+\}/g)].map(([value]) => value).sort().join();
        for (const [key, row] of Object.entries(table)) {
            assert.equal(row.length, 5, `${name} ${key}`);
            row.forEach(phrase => assert.equal(values(phrase), values(row[0]), `${name} ${key}: ${phrase}`));
        }
    }
});

test('every phrase that a page asks for exists', () => {
    for (const folder of ['watch', 'host']) {
        const words = readFileSync(join(web, folder, 'words.js'), 'utf8') +
            readFileSync(join(web, 'shared/phrases.js'), 'utf8');
        const asked = new Set();
        for (const name of readdirSync(join(web, folder)).filter(file => !file.startsWith('words'))) {
            const text = readFileSync(join(web, folder, name), 'utf8');
            for (const [, key] of text.matchAll(/(?:\bsay|\btell)\('(\w+)'/g)) asked.add(key);
            for (const [, key] of text.matchAll(/data-(?:say|label)="(\w+)"/g)) asked.add(key);
        }
        assert.ok(asked.size > 5);
        asked.forEach(key => assert.match(words, new RegExp(`^    ${key}: \\[`, 'm'), `${folder}: ${key}`));
    }
});

test('the demo has six products with small pictures that are served', () => {
    const {products} = JSON.parse(readFileSync(join(web, 'demo/products.json')));
    assert.equal(products.length, 6);
    for (const product of products) {
        const picture = served.find(asset => asset.path === product.image);
        assert.ok(picture && picture.bytes.length <= 25 * 1024, product.image);
        assert.ok(Number.isInteger(product.price_minor) && product.title.length <= 80);
    }
});

function modules(files) {
    const folder = mkdtempSync(join(tmpdir(), 'vitrine-bundle-'));
    mkdirSync(join(folder, 'a'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'a', name), text);
    return join(folder, 'a', 'main.js');
}

test('a bundle holds every module once, before whoever needs it', () => {
    const entry = modules({
        'main.js': "import {two} from './two.js';\nimport {one} from './one.js';\nexport const all = [one, two];\n",
        'two.js': "import {one} from './one.js';\nexport const two = one + 1;\n",
        'one.js': 'export const one = 1;\n',
    });
    const text = bundle(entry);
    assert.equal(text.match(/const one/g).length, 1);
    assert.ok(text.indexOf('const one') < text.indexOf('const two'));
    assert.ok(text.includes('export const all') && !text.includes('export const two'));
});

test('what the bundler does not understand is an error', () => {
    const cases = {
        'declared in': {'main.js': "import {a} from './b.js';\nconst x = 1;\n", 'b.js': 'const x = 2;\nexport const a = x;\n'},
        'import cycle': {'main.js': "import {a} from './b.js';\nexport const m = 1;\n", 'b.js': "import {m} from './main.js';\nexport const a = m;\n"},
        'only {named}': {'main.js': "import * as b from './b.js';\n", 'b.js': 'export const a = 1;\n'},
        'only exports': {'main.js': 'export default 1;\n'},
        'several lines': {'main.js': 'export const a = `x\ny`;\n'},
    };
    for (const [words, files] of Object.entries(cases)) {
        assert.throws(() => bundle(modules(files)), new RegExp(words.replace(/[{}]/g, '\\$&')));
    }
});
