// Turns the pages into what the program carries: bundled, named by content, gzipped.
//
//   node embed.mjs OUTPUT_DIRECTORY
//
// writes every file and its gzip form, assets_data.S (the bytes) and assets_table.c (the
// table of assets_table.h). The manifest below is the whole list of what is served.

import {createHash} from 'node:crypto';
import {mkdirSync, readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';
import {bundle} from './bundle.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const MIME = {
    html: 'text/html; charset=utf-8',
    css: 'text/css; charset=utf-8',
    js: 'text/javascript; charset=utf-8',
    mjs: 'text/javascript; charset=utf-8',
    svg: 'image/svg+xml',
    webp: 'image/webp',
};

// Every file that is served, in the order in which names are needed: a file that names
// others ({{name}} in pages, '/assets/…' imports in scripts) comes after them.
export function manifest() {
    const files = [
        {name: 'hls.mjs', text: readHls(), hashed: true},
        {name: 'icon.svg', text: read('shared/icon.svg'), hashed: true},
        {path: '/favicon.ico', text: read('shared/icon.svg'), mime: 'svg'}, // what browsers ask for by themselves
        {path: '/player/vitrine.js', text: bundle(join(here, 'player/vitrine.js'))},
    ];
    for (const page of ['watch', 'host', 'start']) {
        files.push({name: `${page}.css`, text: tighten(read('shared/base.css') + read(`${page}/${page}.css`)),
                    hashed: true});
        files.push({name: `${page}.js`, text: bundle(join(here, `${page}/${page}.js`)), hashed: true});
    }
    files.push({page: 'WEB_PAGE_WATCH', path: '/watch/', text: read('watch/index.html')});
    files.push({page: 'WEB_PAGE_HOST', path: '/host/', text: read('host/index.html')});
    files.push({page: 'WEB_PAGE_START', path: '/', text: read('start/index.html')});
    for (const name of readdirSync(join(here, 'demo')).filter(file => /\.webp$/.test(file)).sort()) {
        files.push({path: `/assets/demo/${name}`, bytes: readFileSync(join(here, 'demo', name))});
    }
    return files;
}

function read(path) {
    return readFileSync(join(here, path), 'utf8');
}

// A style sheet without comments and the spaces that mean nothing. Those around ":" stay: in a
// selector they do.
function tighten(css) {
    return css.replace(/\/\*.*?\*\//gs, '').replace(/\s+/g, ' ').replace(/ ?([{};,]) ?/g, '$1').replace(/: (?=[^{}]*[;}])/g, ':');
}

function readHls() {
    const text = read('node_modules/hls.js/dist/hls.min.mjs').replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n');
    return '/* hls.js, https://github.com/video-dev/hls.js, Apache-2.0 */\n' + text;
}

// Without indentation, and without the comments of a style sheet; a page with
// preformatted text keeps its own.
function slim(text) {
    return text.includes('<pre>') ? text : text.replace(/\/\*[^]*?\*\//g, '').replace(/^\s+/gm, '');
}

// [{path, mime, bytes, gzip (null where it does not help), etag, immutable, page}]
export function assets() {
    const hashedPath = new Map();
    const result = [];
    for (const file of manifest()) {
        const text = file.text?.replace(/\{\{([\w.]+)\}\}|(?<=['"])\/assets\/([\w.]+)(?=['"])/g, (whole, a, b) => {
            const path = hashedPath.get(a ?? b);
            if (!path) throw new Error(`${file.name ?? file.path} names ${a ?? b}, which does not exist before it`);
            return path;
        });
        const bytes = file.bytes ?? Buffer.from(/\.css$|^WEB_PAGE/.test(file.page ?? file.name) ? slim(text) : text, 'utf8');
        const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
        if (file.hashed) hashedPath.set(file.name, `/assets/${file.name.replace('.', `-${hash.slice(0, 10)}.`)}`);
        const path = file.path ?? hashedPath.get(file.name);
        const mime = MIME[file.mime ?? (file.page ? 'html' : path.replace(/.*\./, ''))];
        const gzip = gzipSync(bytes, {level: 9, memLevel: 9});
        result.push({path, mime, bytes, gzip: gzip.length < bytes.length * 0.9 ? gzip : null,
                     etag: `W/"${hash}"`, immutable: !!file.hashed, page: file.page ?? 'WEB_PAGE_NONE'});
    }
    return result.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function write(directory) {
    const data = ['/* Made by embed.mjs. */', '    .section .rodata'];
    const table = ['/* Made by embed.mjs. */', '#include "overlay/web/assets_table.h"', ''];
    const rows = [];
    mkdirSync(directory, {recursive: true});
    const blob = (name, bytes) => {
        const file = join(directory, `${name}.bin`);
        writeFileSync(file, bytes);
        data.push('    .balign 16', `    .global ${name}`, `    .hidden ${name}`, `${name}:`,
                  `    .incbin "${file}"`);
        table.push(`extern const uint8_t ${name}[];`);
        return `{${name}, ${bytes.length}}`;
    };
    assets().forEach((asset, index) => {
        const identity = blob(`web_asset_${index}`, asset.bytes);
        const gzip = asset.gzip ? blob(`web_asset_${index}_gzip`, asset.gzip) : '{0, 0}';
        rows.push(`    {.path = ${JSON.stringify(asset.path)},`,
                  `     .mime = ${JSON.stringify(asset.mime)},`,
                  `     .etag = ${JSON.stringify(asset.etag)},`,
                  `     .cache_control = ${asset.immutable ? 'WEB_CACHE_IMMUTABLE' : 'WEB_CACHE_REVALIDATE'},`,
                  `     .csp = ${csp(asset.page)},`,
                  `     .page = ${asset.page},`,
                  `     .immutable = ${asset.immutable},`,
                  `     .identity = ${identity},`,
                  `     .gzip = ${gzip}},`);
    });
    table.push('', 'const struct web_asset web_asset_table[] = {', ...rows, '};',
               'const size_t web_asset_count = sizeof(web_asset_table) / sizeof(web_asset_table[0]);', '');
    data.push('    .section .note.GNU-stack,"",%progbits', '');
    writeFileSync(join(directory, 'assets_data.S'), data.join('\n'));
    writeFileSync(join(directory, 'assets_table.c'), table.join('\n'));
}

function csp(page) {
    return {WEB_PAGE_NONE: 'NULL', WEB_PAGE_WATCH: 'WEB_CSP_WATCH', WEB_PAGE_HOST: 'WEB_CSP_HOST',
            WEB_PAGE_START: 'WEB_CSP_START'}[page];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    write(process.argv[2]);
}
