// Joins one page's modules into one ES module, so that a viewer makes one request.
//
// It understands the little that our sources use: named imports of relative files
// ("import {a, b} from './x.js';"), imports from absolute paths, which stay, and "export"
// in front of a declaration. The entry's own exports stay exports. Everything else about
// imports, and two modules that declare the same name, is an error.

import {readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';

const IMPORT = /^import\s+([^'"]+?)\s+from\s+'([^']+)';[ \t]*\n/gm;
const NAMED = /^\{\s*(\w+(?:\s*,\s*\w+)*\s*,?)\s*\}$/;
const DECLARED = /^(?:export )?(?:async )?(?:const|let|class|function\*?) (\w+)/gm;

export function bundle(entry) {
    const modules = new Map(); // path -> text without imports, in order of evaluation
    const external = new Set();
    const owner = new Map(); // name -> path

    const visit = (path, trail) => {
        if (trail.includes(path)) throw new Error(`import cycle through ${path}`);
        if (modules.has(path)) return;
        const text = readFileSync(path, 'utf8');
        const body = text.replace(IMPORT, (whole, what, from) => {
            if (!from.startsWith('.')) {
                external.add(whole.trim());
                return '';
            }
            if (!NAMED.test(what)) throw new Error(`${path}: only {named} imports are bundled: ${whole}`);
            visit(join(dirname(path), from), [...trail, path]);
            return '';
        });
        if (/^import\b/m.test(body)) throw new Error(`${path}: an import was not understood`);
        if (/^export (?:default|\{|\*)/m.test(body)) {
            throw new Error(`${path}: only exports in front of declarations are bundled`);
        }
        for (const [, name] of body.matchAll(DECLARED)) {
            if (owner.has(name)) throw new Error(`${name} is declared in ${owner.get(name)} and ${path}`);
            owner.set(name, path);
        }
        modules.set(path, path === entry ? body : body.replace(/^export /gm, ''));
    };
    visit(entry, []);

    const parts = [...modules].map(([path, body]) => strip(body, path));
    return shorten([...external, ''].join('\n') + parts.join(''));
}

// Names that nobody outside can see ("#name" where a class declares it) become short ones.
function shorten(text) {
    const names = new Set([...text.matchAll(/^(?:get |set |async |static )*#(\w+)/gm)].map(([, name]) => name));
    const short = new Map([...names].map((name, index) => [name, `$${index.toString(36)}`]));
    return text.replace(/(?<=[\s.(!]|^)#(\w+)/gm, (whole, name) => (short.has(name) ? `#${short.get(name)}` : whole));
}

// Comments, empty lines, indentation, and spaces around signs in lines without quotes and
// slashes (a comment with quotes stays behind its line); anything cleverer would need a parser.
// A template literal over several lines would not survive it, so there must be none.
function strip(text, path) {
    const lines = text.replace(/^[ \t]*\/\*\*?[^`]*?\*\/[ \t]*\n/gm, '').split('\n')
        .map(line => line.trim().replace(/(?<=[;,{}\]])\s+\/\/ [^'"`]*$/, ''))
        .filter(line => line && !line.startsWith('//'))
        .map(line => (/['"`/]/.test(line) ? line : line.replace(/ ?([=<>?:|&*,;{}()[\]]) ?/g, '$1')));
    const torn = lines.find(line => (line.match(/`/g) ?? []).length % 2);
    if (torn) throw new Error(`${path}: a template literal goes over several lines: ${torn}`);
    return lines.join('\n') + '\n';
}
