// Prints what has grown: files past 600 lines, functions past 60, headers without a word at
// the top. Read in review; it never fails.
//   node tests/lint/size.mjs [ROOT]
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isProduct, listFiles, readText } from './tree.mjs';

const FILE_LINES = 600;
const FUNCTION_LINES = 60;
const root = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '../..');
const files = listFiles(root).filter((file) => isProduct(file) || /^overlay\/web\/.*\.(js|mjs|css)$/.test(file));
let n = 0;
const say = (text) => { n += 1; console.log(text); };

let total = 0;
for (const file of files) {
  const text = readText(root, file);
  const lines = text.split('\n').length - 1;
  total += lines;
  if (lines > FILE_LINES) say(`${file}: ${lines} lines: which second noun moved in?`);
  if (file.endsWith('.h') && !text.startsWith('/*')) say(`${file}: says nothing at the top`);
}
const out = execFileSync('ctags', ['--quiet=yes', '--options=NONE', '--output-format=json', '--languages=C', '--kinds-C=f', '--fields=+ne', '-L', '-', '-f', '-'],
  { cwd: root, input: files.filter((file) => file.endsWith('.c')).join('\n'), encoding: 'utf8', maxBuffer: 1 << 28 });
const long = out.split('\n').filter(Boolean).map((line) => JSON.parse(line))
  .map((tag) => ({ ...tag, size: tag.end - tag.line + 1 }))
  .filter((tag) => tag.size > FUNCTION_LINES).sort((a, b) => b.size - a.size);
for (const tag of long) say(`${tag.path}:${tag.line}: ${tag.name} has ${tag.size} lines`);
console.log(`size: ${files.length} files, ${total} lines, ${n} to look at`);
