// What a reader's eye and git's diff stumble over: tabs, carriage returns, blanks at line
// ends, a missing last line end, invisible characters, rooms for odds and ends, promises
// without an issue, and words that are about somebody's machine instead of the project.
//   node tests/lint/style.mjs [ROOT]
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listFiles, report } from './tree.mjs';

const here = dirname(fileURLToPath(import.meta.url));

// A file is named for its noun; these are names for what has none.
const REFUSED_NAMES = /^(util|utils|helper|helpers|misc|common|stuff|tools)(\.|$)/;
// Samples are bytes as they came; locks and licences are written by others.
const SAMPLES = /^tests\/(golden|data|fuzz\/(corpus|dict))\//;
const FOREIGN_TEXT = /(^|\/)(package-lock\.json|LICENSE[^/]*)$/;
const BINARY = /\.(png|jpg|jpeg|webp|avif|ico|gif|mp4|m4s|flv|ts|bin|woff2|gz)$/;
const TABS_ALLOWED = /(^|\/)(Makefile|.*\.mk)$/;

// Zero width, soft hyphen, bidirectional controls, odd blanks and line ends, byte order mark.
const INVISIBLE = /[\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\ufffb]/u;
const PROMISE = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b(?!\\(#\\d+\\))`);
// Paths below one person's folders say nothing to the next reader.
const MACHINE = new RegExp(`(^|[\\s"'\`(=:])/(home|Users|${['wo' + 'rk', 'fa' + 'rm'].join('|')})/[A-Za-z0-9.]`);
const PROCESS = new RegExp(`\\b(${['sub' + 'agents?', 'coding ' + 'agents?', 'language ' + 'model', 'LL' + 'M', 'chat' + 'bot',
  'this ' + 'session', 'previous ' + 'session', 'fact ' + 'sheets?', 'the ' + 'brief'].join('|')})\\b`);

export function checkText(file, text) {
  const breaches = [];
  const breach = (line, what) => breaches.push({ file, line, text: what });
  if (text.length && !text.endsWith('\n')) breach(text.split('\n').length, 'the last line has no line end');
  if (text.endsWith('\n\n')) breach(text.split('\n').length - 1, 'blank lines at the end');
  text.split('\n').forEach((line, index) => {
    const n = index + 1;
    if (line.includes('\r')) breach(n, 'carriage return');
    else if (/[ \t]$/.test(line)) breach(n, 'blanks at the end of the line');
    if (line.includes('\t') && !TABS_ALLOWED.test(file)) breach(n, 'tab');
    if (INVISIBLE.test(line)) breach(n, 'invisible or odd character: write it as an escape');
    if (PROMISE.test(line)) breach(n, 'a promise without an issue number');
    if (MACHINE.test(line)) breach(n, 'a path of somebody\'s machine');
    if (PROCESS.test(line)) breach(n, 'the project speaks of itself alone');
  });
  return breaches;
}

export function check(root) {
  const breaches = [];
  const files = listFiles(root).filter((file) => !SAMPLES.test(file) && !FOREIGN_TEXT.test(file) && !BINARY.test(file));
  for (const file of files) {
    if (REFUSED_NAMES.test(basename(file)) || dirname(file).split('/').some((part) => REFUSED_NAMES.test(part)))
      breaches.push({ file, line: 1, text: 'a name for odds and ends: name the noun' });
    const raw = readFileSync(join(root, file));
    if (raw.includes(0)) {
      breaches.push({ file, line: 1, text: 'a zero byte: samples belong in tests/golden or tests/data' });
      continue;
    }
    breaches.push(...checkText(file, raw.toString('utf8')));
  }
  return { breaches, nFiles: files.length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { breaches, nFiles } = check(process.argv[2] ?? join(here, '../..'));
  report('style', breaches, nFiles);
}
