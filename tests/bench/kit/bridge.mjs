// Stands between the publishers and the server and speaks TLS for them, or carries their
// bytes as they are: a process of its own, so that its work is in nobody's figures.
//   node bridge.mjs PORT tls|plain
import { connect, createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';

const [port, kind] = process.argv.slice(2);
const dial = () => (kind === 'tls' ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }) : connect(port, '127.0.0.1'));

const bridge = createServer((from) => {
  const to = dial();
  for (const socket of [from, to]) {
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => { from.destroy(); to.destroy(); });
  }
  from.pipe(to);
  to.pipe(from);
});
bridge.listen(0, '127.0.0.1', () => console.log(`listening ${bridge.address().port}`));
