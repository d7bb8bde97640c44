// The secrets of a run, as tests come to know them: kept in build/e2e/secrets, so that a look
// at everything the servers have written can come after all tests.
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KEPT = join(dirname(fileURLToPath(import.meta.url)), '../../../build/e2e');
const FILE = join(KEPT, 'secrets');
const ANSWERS = join(KEPT, 'all.answers');
const LEAST = 12; // letters; less is found by chance

// What of a text must not be seen anywhere: of a stream key the part behind the show's id.
function secretsOf(body) {
  const found = [];
  if (body?.stream_key) found.push(body.stream_key.slice(body.stream_key.lastIndexOf('_') + 1));
  if (body?.host_url) found.push(new URL(body.host_url).hash.slice(3));
  if (body?.token) found.push(body.token);
  if (body?.preview_url) found.push(body.preview_url.slice(body.preview_url.lastIndexOf('~') + 1));
  return found.filter((secret) => secret.length >= LEAST);
}

// True: there are some, so the text is one of those that hand them out.
export function noteSecrets(body) {
  const found = secretsOf(body);
  if (!found.length) return false;
  mkdirSync(KEPT, { recursive: true });
  appendFileSync(FILE, found.map((secret) => `${secret}\n`).join(''));
  return true;
}

// What a server has answered to a call, or said to an encoder.
export function noteAnswer(text) {
  mkdirSync(KEPT, { recursive: true });
  appendFileSync(ANSWERS, `${text}\n`);
}

export function knownSecrets() {
  return existsSync(FILE) ? [...new Set(readFileSync(FILE, 'utf8').trim().split('\n'))] : [];
}

// What servers have written: their logs, the pages of their private port, and what they have
// answered where no secret is handed out.
export function writtenTexts() {
  return readdirSync(KEPT).filter((name) => /\.(log|metrics|stat|answers)$/.test(name)).map((name) => ({ name, text: readFileSync(join(KEPT, name), 'utf8') }));
}
