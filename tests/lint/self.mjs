// The lint's own test: a clean little tree passes, and every kind of breach that is put
// into it is found, once and at its line.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { check as checkLayers } from './layers.mjs';
import { check as checkStyle } from './style.mjs';

const CLEAN = {
  'core/bytes.h': '/* Bytes. */\n#include <stddef.h>\n',
  'core/bytes.c': '#include "core/bytes.h"\n\nint bytes_count(void)\n{\n    return 0;\n}\n',
  'packager/media/track.h': '/* Track. */\n#include "core/bytes.h"\n',
  'packager/mux/fmp4.c': '#include <libavformat/avformat.h>\n\n#include "packager/media/track.h"\n',
  'overlay/render/id3.h': '/* ID3. */\n',
  'server/rtmp/session.h': '/* Session. */\n',
  'server/loop/loop.c': '#include <uv.h>\n\nvoid loop_run(void)\n{\n}\n',
};

function inTree(changes, look) {
  const root = mkdtempSync(join(tmpdir(), 'lint-'));
  try {
    for (const [name, text] of Object.entries({ ...CLEAN, ...changes })) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    return look(root).breaches;
  } finally {
    rmSync(root, { recursive: true });
  }
}

let n = 0;
function finds(look, name, changes, file, line, words) {
  const breaches = inTree(changes, look);
  assert.deepEqual(breaches.map((b) => [b.file, b.line]), [[file, line]],
    `${name}: ${JSON.stringify(breaches)}`);
  assert.match(breaches[0].text, words, name);
  n += 1;
}

assert.deepEqual(inTree({}, checkLayers), []);
assert.deepEqual(inTree({}, checkStyle), []);

const layers = (...args) => finds(checkLayers, ...args);
layers('an include that climbs', { 'core/up.c': '#include "packager/media/track.h"\n' }, 'core/up.c', 1, /climbs/);
layers('a neighbour of the same floor', { 'server/loop/x.c': '\n#include "server/rtmp/session.h"\n' }, 'server/loop/x.c', 2, /one floor/);
layers('packager and overlay', { 'packager/hls/x.c': '#include "overlay/render/id3.h"\n' }, 'packager/hls/x.c', 1, /never/);
layers('a library away from home', { 'server/show/x.c': '#include <uv.h>\n' }, 'server/show/x.c', 1, /at home in server\/loop/);
layers('a library nobody has named', { 'server/show/x.c': '#include <zmq.h>\n' }, 'server/show/x.c', 1, /foreign\.txt/);
layers('a clock in a protocol', { 'core/monotime.h': '/* Clocks. */\n', 'server/rtmp/x.c': '#include "core/monotime.h"\n' }, 'server/rtmp/x.c', 1, /at home/);
layers('an include without its path', { 'server/rtmp/x.c': '#include "session.h"\n' }, 'server/rtmp/x.c', 1, /from the root/);
layers('a header that is not there', { 'server/rtmp/x.c': '#include "server/rtmp/gone.h"\n' }, 'server/rtmp/x.c', 1, /not exist/);
layers('a public function without its path', { 'server/rtmp/amf0.c': 'int amf0_read(void)\n{\n    return 0;\n}\n' }, 'server/rtmp/amf0.c', 1, /rtmp_amf0_/);
layers('a public variable without its path', { 'server/rtmp/amf0.c': 'int depth = 3;\n' }, 'server/rtmp/amf0.c', 1, /rtmp_amf0_/);
layers('a room nobody has named', { 'server/attic/x.c': '#include "core/bytes.h"\n', 'attic/y.c': '\n' }, 'attic/y.c', 1, /floors\.txt/);
layers('a library that leaks through a header',
  { 'server/loop/raw.h': '/* Raw. */\n#include <uv.h>\n', 'server/show/x.c': '#include "server/loop/raw.h"\n' }, 'server/show/x.c', 1, /own room only/);

const style = (...args) => finds(checkStyle, ...args);
style('a tab', { 'core/x.c': 'int\tx;\n' }, 'core/x.c', 1, /tab/);
style('a carriage return', { 'core/x.c': '/* x */\r\n' }, 'core/x.c', 1, /carriage/);
style('blanks at the end', { 'core/x.c': '/* x */ \n' }, 'core/x.c', 1, /blanks/);
style('no last line end', { 'core/x.c': '/* x */' }, 'core/x.c', 1, /line end/);
style('an invisible character', { 'core/x.c': '/* a\u200bb */\n' }, 'core/x.c', 1, /invisible/);
style('a bidirectional control', { 'docs/x.md': 'a\u202eb\n' }, 'docs/x.md', 1, /invisible/);
style('a room for odds and ends', { 'core/utils.c': '/* x */\n' }, 'core/utils.c', 1, /noun/);
style('a promise', { 'core/x.c': `/* ${'TO' + 'DO'}: later */\n` }, 'core/x.c', 1, /issue/);
style('a path of a machine', { 'docs/x.md': `see ${'/ho' + 'me'}/jane/notes\n` }, 'docs/x.md', 1, /machine/);
style('a zero byte', { 'core/x.c': '/* \0 */\n' }, 'core/x.c', 1, /zero/);
assert.deepEqual(inTree({ 'core/x.c': `/* ${'TO' + 'DO'}(#12): when it comes */\n` }, checkStyle), []);

console.log(`lint finds all ${n} breaches put in`);
