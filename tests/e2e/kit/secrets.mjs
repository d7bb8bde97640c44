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
// A list of shows tells what each of them does.
function secretsOf(body) {
  const found = [];
  for (const one of [body, ...(body?.shows ?? [])]) {
    if (one?.stream_key) found.push(one.stream_key.slice(one.stream_key.lastIndexOf('_') + 1));
    if (one?.host_url) found.push(new URL(one.host_url).hash.slice(3));
    if (one?.token) found.push(one.token);
    if (one?.preview_url) found.push(one.preview_url.slice(one.preview_url.lastIndexOf('~') + 1));
  }
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
