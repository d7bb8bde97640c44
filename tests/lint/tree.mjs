// The files a lint looks at: what git would commit, or, outside a repository, all of them.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const SKIPPED = new Set(['.git', 'build', 'node_modules', 'data']);

function walk(root, folder, found) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) walk(root, path, found);
    } else if (entry.isFile()) {
      found.push(relative(root, path));
    }
  }
  return found;
}

export function listFiles(root) {
  let names;
  try {
    const out = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'],
      { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 26 });
    names = out.split('\0').filter(Boolean);
  } catch {
    names = walk(root, root, []);
  }
  return names.filter((name) => {
    try {
      return statSync(join(root, name)).isFile();
    } catch {
      return false; // deleted, not yet committed
    }
  }).sort();
}

export function readText(root, name) {
  return readFileSync(join(root, name), 'utf8');
}

export function isProduct(name) {
  return /\.[ch]$/.test(name) && !name.startsWith('tests/');
}

// Prints the breaches as file:line: message; the exit code says whether there were any.
export function report(what, breaches, nFiles) {
  for (const { file, line, text } of breaches)
    console.log(`${file}:${line}: ${text}`);
  console.log(`${what}: ${nFiles} files, ${breaches.length} breaches`);
  process.exitCode = breaches.length ? 1 : 0;
}
