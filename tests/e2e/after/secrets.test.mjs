// After all other end-to-end tests: of all keys and tokens that they have used, none is in
// anything that a server has written.
import assert from 'node:assert/strict';
import test from 'node:test';
import { knownSecrets, writtenTexts } from '../kit/secrets.mjs';

test('no secret of the whole run is in a log, a metric, a status page or an answer', (t) => {
  const secrets = knownSecrets();
  const texts = writtenTexts();
  t.diagnostic(`${secrets.length} secrets, ${texts.length} texts of ${texts.reduce((sum, { text }) => sum + text.length, 0)} letters`);
  assert.ok(secrets.length > 20, 'the tests before this one have noted their secrets');
  assert.ok(texts.some(({ name }) => name.endsWith('.log')) && texts.some(({ name }) => name.endsWith('.metrics')));
  for (const { name, text } of texts)
    for (const secret of secrets) assert.ok(!text.includes(secret), `${name} has a secret that begins with ${secret.slice(0, 4)}`);
});
