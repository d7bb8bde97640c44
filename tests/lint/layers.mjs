// Holds the floor plan: no include climbs a floor or crosses to another room of the same
// floor (floors.txt), foreign headers stay at home (foreign.txt), own headers are included
// by their path from the root, and a public function begins with its file's path.
//   node tests/lint/layers.mjs [ROOT]
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isProduct, listFiles, readText, report } from './tree.mjs';

const here = dirname(fileURLToPath(import.meta.url));

function lines(file) {
  return readFileSync(join(here, file), 'utf8').split('\n')
    .map((line) => line.replace(/#.*/, '').trim()).filter(Boolean);
}

export function readFloors() {
  const floors = new Map();
  const never = [];
  for (const line of lines('floors.txt')) {
    const [first, ...rest] = line.split(/\s+/);
    if (first === 'never') never.push(rest);
    else for (const room of rest) floors.set(room, Number(first));
  }
  return { floors, never };
}

export function readForeign() {
  const rules = [];
  for (const line of lines('foreign.txt')) {
    if (line.endsWith(': any')) {
      for (const header of line.slice(0, -5).split(/\s+/)) rules.push({ header, homes: null });
    } else {
      const [header, ...homes] = line.split(/\s+/);
      rules.push({ header, homes });
    }
  }
  return rules.map((rule) => ({ ...rule, match: new RegExp(
    `^${rule.header.replace(/[.+]/g, '\\$&').replace(/\*/g, '[^/]*')}$`) }));
}

const within = (path, folder) => path === folder || path.startsWith(`${folder}/`);

// A room is the longest folder of the floor plan that holds the file.
function roomOf(floors, file) {
  let room = null;
  for (const name of floors.keys())
    if (within(file, name) && (!room || name.length > room.length)) room = name;
  return room;
}

// A home is a room without the rooms in it, a folder with all below it (FOLDER/*), or a file.
function livesIn(file, room, home) {
  if (home.endsWith('/*')) return within(file, home.slice(0, -2));
  return file === home || room === home;
}

function publicPrefix(file) {
  const parts = file.replace(/\.c$/, '').split('/');
  const name = parts.pop();
  const folder = parts.pop();
  return folder === 'core' || folder === name ? name : `${folder}_${name}`;
}

function includesOf(text) {
  const found = [];
  text.split('\n').forEach((line, index) => {
    const match = /^\s*#\s*include\s*([<"])([^>"]+)[>"]/.exec(line);
    if (match) found.push({ own: match[1] === '"', path: match[2], line: index + 1 });
  });
  return found;
}

function checkFloors(plan, file, room, include, breach) {
  const other = roomOf(plan.floors, include.path);
  if (!other) {
    breach(include.line, `"${include.path}" is in no room of floors.txt`);
    return;
  }
  if (room && other !== room) {
    const mine = plan.floors.get(room);
    const theirs = plan.floors.get(other);
    if (theirs > mine) breach(include.line, `${room} (floor ${mine}) climbs to ${include.path} (floor ${theirs})`);
    else if (theirs === mine) breach(include.line, `${room} includes ${include.path}: rooms of one floor do not know each other`);
  }
  for (const [a, b] of plan.never)
    if ((within(file, a) && within(include.path, b)) || (within(file, b) && within(include.path, a)))
      breach(include.line, `${a} and ${b} never include each other`);
}

export function check(root) {
  const plan = readFloors();
  const foreign = readForeign();
  const files = listFiles(root).filter((name) => /\.[ch]$/.test(name));
  const breaches = [];
  const carriers = new Map(); // our headers that include a library: file -> its header
  const includes = new Map(files.map((file) => [file, includesOf(readText(root, file))]));

  const ruleFor = (header) => foreign.find((rule) => rule.match.test(header));
  for (const [file, list] of includes)
    for (const include of list)
      if (file.endsWith('.h') && !include.own && ruleFor(include.path)?.homes && !file.startsWith('tests/'))
        carriers.set(file, include.path);

  for (const [file, list] of includes) {
    const room = roomOf(plan.floors, file);
    const breach = (line, text) => breaches.push({ file, line, text });
    if (!room && !file.startsWith('tests/')) breach(1, 'this folder is in no room of floors.txt');
    for (const include of list) {
      const rule = ruleFor(include.path);
      if (rule?.homes && !rule.homes.some((home) => livesIn(file, room, home)))
        breach(include.line, `${include.path} is at home in ${rule.homes.join(', ')} only`);
      if (!include.own) {
        if (!rule) breach(include.line, `<${include.path}> is not in foreign.txt: give it a home there`);
        continue;
      }
      if (!existsSync(join(root, include.path))) {
        if (existsSync(join(root, dirname(file), include.path)))
          breach(include.line, `"${include.path}": include it by its path from the root`);
        else if (!/^generated\//.test(include.path))
          breach(include.line, `"${include.path}" does not exist`);
        continue;
      }
      if (include.path.startsWith('tests/')) {
        if (!file.startsWith('tests/')) breach(include.line, 'the program does not include its tests');
        continue;
      }
      checkFloors(plan, file, room, include, breach);
      if (carriers.has(include.path) && roomOf(plan.floors, include.path) !== room && !file.startsWith('tests/'))
        breach(include.line, `${include.path} includes <${carriers.get(include.path)}> and is for its own room only`);
    }
  }
  checkNames(root, files.filter((file) => isProduct(file) && file.endsWith('.c')), breaches);
  return { breaches, nFiles: files.length };
}

function checkNames(root, files, breaches) {
  if (files.length === 0) return;
  const out = execFileSync('ctags', ['--quiet=yes', '--options=NONE', '--output-format=json', '--languages=C', '--kinds-C=fv',
    '--fields=+nf', '-L', '-', '-f', '-'],
  { cwd: root, input: files.join('\n'), encoding: 'utf8', maxBuffer: 1 << 28 });
  for (const line of out.split('\n').filter(Boolean)) {
    const tag = JSON.parse(line);
    if (tag._type !== 'tag' || tag.file || tag.name === 'main') continue;
    const prefix = publicPrefix(tag.path);
    if (tag.name !== prefix && !tag.name.startsWith(`${prefix}_`))
      breaches.push({ file: tag.path, line: tag.line, text: `${tag.name} is public and does not begin with ${prefix}_` });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { breaches, nFiles } = check(process.argv[2] ?? join(here, '../..'));
  report('layers', breaches, nFiles);
}
