// tests/failed.sh on made logs: the words of what failed, within bounds, and nothing else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = process.cwd();
const dir = mkdtempSync(join(tmpdir(), 'failed-'));

function run(text, ...options) {
  const log = join(dir, 'log');
  writeFileSync(log, text);
  const out = execFileSync('tests/failed.sh', [...options, log], { encoding: 'utf8' });
  return out.split('\n').slice(0, -1);
}
const words = (text) => run(text);
const names = (text) => run(text, '--names');
const many = (n, word) => Array.from({ length: n }, (_, i) => `${word} ${i + 1}`);

// ---- node's test runner ----
function node(name, { place = 'tests/e2e/a.test.mjs:10:3', kind = 'testCodeFailure', error = ["error: 'it broke'"], stack = [], pad = '' } = {}) {
  return [`not ok 2 - ${name}`, '  ---', '  duration_ms: 1.5', `  location: '${ROOT}/${place}'`,
    `  failureType: '${kind}'`, ...error.map((line) => `  ${line}`), "  code: 'ERR_TEST_FAILURE'",
    ...(stack.length ? ['  stack: |-', ...stack.map((line) => `    ${line}`)] : []), '  ...']
    .map((line) => `${pad}${line}\n`).join('');
}
const OK = '# Subtest: fine\nok 1 - fine\n  ---\n  duration_ms: 1\n  ...\n';
const ONE = `TAP version 13\n${OK}# Subtest: the whole\n    # Subtest: a leaf\n${node('a leaf', {
  pad: '    ',
  stack: [`f (file://${ROOT}/tests/e2e/a.test.mjs:12:5)`, 'Test.run (node:internal/test_runner/test:796:25)'],
})}    1..1\n${node('the whole', { kind: 'subtestsFailed', error: ["error: '1 subtest failed'"] })}${OK}1..2\n# fail 2\n`;
assert.deepEqual(words(ONE), [
  'failed: tests/e2e/a.test.mjs:10:3: a leaf', "  error: 'it broke'", '  stack: |-',
  '    f (tests/e2e/a.test.mjs:12:5)',
], 'the leaf, without its parent and without the runner\'s own frames');
assert.deepEqual(names(ONE), ['tests/e2e/a.test.mjs:10:3: a leaf']);
assert.deepEqual(words(`TAP version 13\n${OK}1..1\n# pass 1\n`), [], 'nothing failed');
assert.deepEqual(names(node('of many', {
  place: 'tests/e2e/kit/together.mjs:12:43', stack: [`g (file://${ROOT}/tests/e2e/b.test.mjs:3:5)`],
})), ['tests/e2e/b.test.mjs:3:5: of many'], 'the test\'s own line, when the kit began it');
assert.deepEqual(words(node('never begun', { kind: 'cancelledByParent' })),
  ['failed: tests/e2e/a.test.mjs:10:3: never begun']);
assert.ok(words(`# Subtest: x.test.mjs\n# SyntaxError: bad\n${node('x.test.mjs', { error: ['exitCode: 1'] })}`)
  .includes('# SyntaxError: bad'), 'what a file said before it broke as a whole');
assert.equal(words(`${OK}${node('cut off').split('\n').slice(0, -3).join('\n')}`).length, 2, 'a log that ends in a test');

const long = words(node('long', { error: ['error: |-', ...many(200, '  word')], stack: ['h (a.mjs:1:1)'] }));
assert.equal(long.length, 40);
assert.match(long[2], /word 1$/);
assert.ok(long.some((line) => /lines more/.test(line)));
assert.match(long.at(-1), /h \(a\.mjs/, 'the end of its stack');
const all = words(many(9, 'n').map((name) => node(name, { error: many(30, 'e:') })).join(''));
assert.ok(all.length <= 81, `${all.length} lines`);
assert.equal(all.at(-1), 'and 6 more failed');
assert.equal(names(many(9, 'n').map((name) => node(name)).join('')).length, 9);
assert.ok(words(node('wide', { error: [`error: '${'x'.repeat(5000)}'`] })).every((line) => line.length <= 300));

// ---- ctest ----
const ctest = (...tests) => `${tests.map(([name, how, ...out], i) =>
  `        Start ${i + 1}: ${name}\n ${i + 1}/9 Test #${i + 1}: ${name} ....${how}    0.01 sec\n${out.map((line) => `${line}\n`).join('')}`).join('')}
33% tests passed, 2 tests failed out of 3

The following tests FAILED:
\t  2 - unit/b (Failed)
`;
const PASSED = ['unit/a', '   Passed'];
assert.deepEqual(words(ctest(PASSED, ['unit/b', '***Failed', '[ RUN      ] one', '[       OK ] one', '[  ERROR   ] --- 0x1 != 0x2', ''], PASSED)),
  ['failed: unit/b: Failed', '  [  ERROR   ] --- 0x1 != 0x2'], 'without what went well');
const BROKEN = ctest(['unit/b', '***Timeout', 'slow'], ['unit/c', '***Exception: SegFault'],
  ['unit/d', 'Subprocess aborted***Exception: '], ['unit/e', '***Skipped'], ['unit/f', '***Not Run']);
assert.deepEqual(words(BROKEN), ['failed: unit/b: Timeout', '  slow', 'failed: unit/c: Exception: SegFault',
  'failed: unit/d: aborted', 'failed: unit/f: Not Run']);
assert.deepEqual(names(BROKEN), ['unit/b', 'unit/c', 'unit/d', 'unit/f']);
assert.deepEqual(words(ctest(PASSED)), []);
const tail = words(ctest(['unit/b', '***Failed', ...many(90, 'line')], PASSED));
assert.equal(tail.length, 40);
assert.equal(tail[1], '  line 52');
assert.equal(tail.at(-1), '  line 90', 'the last lines');
const sanitized = words(ctest(['unit/b', '***Failed', ...many(90, 'line'), '==7==ERROR: AddressSanitizer: x', ...many(90, 'frame')]));
assert.equal(sanitized.length, 40);
assert.match(sanitized[1], /AddressSanitizer/, 'from the line that says it');
assert.equal(sanitized.at(-1), '  frame 90');

assert.match(words(ctest(['unit/b', '***Failed', '[  ERROR   ] --- 0x1 != 0x2', ...many(90, 'leak')]))[1], /0x1 != 0x2/);
assert.deepEqual(words(ctest(['unit/b', '***Failed', 'x']).replace(' 1/9 Test', '     Test')), ['failed: unit/b: Failed', '  x'],
  'one of several times');

// ---- neither ----
assert.deepEqual(words('[1/2] Building\nFAILED: x.o\ncc: error: no\n'), []);

rmSync(dir, { recursive: true });
console.log('what failed is told');
