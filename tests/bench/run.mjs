// Measures what docs/PERFORMANCE.md has budgets for, and prints a small table for each.
//   node tests/bench/run.mjs [NAME...] [--smoke] [--long] [--runs N]
//     NAME      publishers rtmps start part reload http memory; all of them when none is named
//     --smoke   seconds instead of minutes: shows that the benches run, not what they measure
//     --long    memory: an hour instead of five minutes
//     --runs N  everything N times; the tables have the medians
// It fails when a bench cannot run or has no figures, never because a figure is high.
// Everything stays on this machine; all figures also go to build/bench/figures.json.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { merge, print } from './kit/figures.mjs';
import { busyShare, describe } from './kit/machine.mjs';
import { FOLDER, Program, ROOT } from './kit/programs.mjs';
import { hasRival } from './kit/rival.mjs';

const NAMES = ['publishers', 'rtmps', 'start', 'part', 'reload', 'http', 'memory'];
const BUSY = 0.15; // share of the machine that others may use before a warning

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { smoke: { type: 'boolean' }, long: { type: 'boolean' }, runs: { type: 'string', default: '1' } },
});
const names = positionals.length ? positionals : NAMES;
const unknown = names.find((name) => !NAMES.includes(name));
const runs = Number(values.runs);
if (unknown || !(runs >= 1 && runs <= 20)) {
  console.error(unknown ? `There is no bench "${unknown}": ${NAMES.join(' ')}.` : '--runs takes 1 to 20.');
  process.exit(2);
}
if (!existsSync(join(ROOT, 'build/release/vitrine'))) {
  console.error('build/release/vitrine is not there: run ./dev build first.');
  process.exit(2);
}
process.env.VITRINE_PROGRAM ??= join(ROOT, 'build/release/vitrine');
await new Program('cmake', ['--build', join(ROOT, 'build/release'), '--target', 'bench_tools']).result();

console.log(`machine: ${describe()}`);
if (!hasRival && !values.smoke) console.log('rival: none here (nginx and libnginx-mod-rtmp are not installed)');

let nFailed = 0;
const all = {};
for (const name of names) {
  const bench = await import(`./${name}.mjs`);
  try {
    const busy = values.smoke ? 0 : await busyShare();
    const rows = [];
    for (let i = 0; i < runs; i += 1) rows.push(await bench.run(values));
    if (!rows[0].length) throw new Error('it printed no figures');
    const merged = merge(rows);
    print(`${name}: ${bench.title}${runs > 1 ? `, medians of ${runs}` : ''}`, merged);
    if (busy > BUSY) console.log(`  Others use ${Math.round(busy * 100)} % of this machine: take these figures with care.`);
    all[name] = { title: bench.title, busy, rows: merged };
  } catch (error) {
    nFailed += 1;
    console.log(`\n${name}: FAILED: ${error.message}`);
  }
}
writeFileSync(join(FOLDER, 'figures.json'), `${JSON.stringify({ machine: describe(), smoke: Boolean(values.smoke), benches: all }, null, 2)}\n`);
process.exit(nFailed ? 1 : 0);
