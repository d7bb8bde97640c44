// Servers and encoders are machines of their own: what else runs on this one takes no time
// from them, as far as we may say so. Otherwise a busy machine makes silence, which is told to
// the host and acted upon.
import { setPriority } from 'node:os';

const FIRST = -10;

export function putFirst(child) {
  try {
    setPriority(child.pid, FIRST);
  } catch { /* that takes root */ }
  return child;
}
