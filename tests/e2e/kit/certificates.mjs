// Certificates of a test's own, by the openssl command.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// DIR/NAME.pem and DIR/NAME.key, self-signed for these hosts.
export function certificate(dir, name, hosts = ['localhost']) {
  const made = { certificate: join(dir, `${name}.pem`), key: join(dir, `${name}.key`) };
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
    '-days', '2', '-subj', `/CN=${name}`, '-addext', `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}`,
    '-keyout', made.key, '-out', made.certificate], { stdio: 'pipe' });
  return made;
}

// Puts one pair in another's place.
export function replace(old, by) {
  copyFileSync(by.certificate, old.certificate);
  copyFileSync(by.key, old.key);
}

// A file that is no certificate.
export function spoil(pair) {
  copyFileSync(pair.key, pair.certificate);
  return readFileSync(pair.certificate);
}
