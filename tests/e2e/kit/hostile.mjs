// What a hostile publisher does to a server's memory, once it is let in: many chunk streams,
// a message announced on each, and no more of it than the chunk that has to follow.
export const ANNOUNCED = 8 * 1024 * 1024;

// A publisher has spoken on three chunk streams: with 61 more all of them are used up.
// Returns how many bytes it took.
export function announceOnEveryStream(socket, length = ANNOUNCED) {
  const chunks = [Buffer.from([2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 1])]; // chunks of one byte
  for (let i = 0; i < 61; i++) {
    const header = Buffer.alloc(14);
    header[1] = i; // chunk stream 64 + i
    header.writeUIntBE(length, 5, 3);
    header[8] = 9;
    header[9] = 1;
    header[13] = 0x17;
    chunks.push(header);
  }
  const bytes = Buffer.concat(chunks);
  socket.write(bytes);
  return bytes.length;
}
