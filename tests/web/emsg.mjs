// Bytes of a cue as they stand in the media: an ID3v2.4 tag with one TXXX frame, in an
// emsg box of version 1. Written from the standards, for the tests of the player's side.

function syncSafe(size) {
    return [(size >> 21) & 127, (size >> 14) & 127, (size >> 7) & 127, size & 127];
}

export function id3(text, description = 'shop.cue.v1') {
    const body = Buffer.concat([Buffer.from([3]), Buffer.from(`${description}\0${text}`, 'utf8')]);
    const frame = Buffer.concat([Buffer.from('TXXX'), Buffer.from([...syncSafe(body.length), 0, 0]), body]);
    return Buffer.concat([Buffer.from('ID3\x04\x00\x00', 'latin1'), Buffer.from(syncSafe(frame.length)), frame]);
}

export function emsg(text, time_ms, id) {
    const head = Buffer.alloc(32);
    const strings = Buffer.from('https://aomedia.org/emsg/ID3\0shop.cue.v1\0', 'latin1');
    const tag = id3(text);
    head.writeUInt32BE(head.length + strings.length + tag.length, 0);
    head.write('emsg', 4, 'latin1');
    head[8] = 1;
    head.writeUInt32BE(90000, 12);
    head.writeBigUInt64BE(BigInt(time_ms) * 90n, 16);
    head.writeUInt32BE(0xffffffff, 24);
    head.writeUInt32BE(id >>> 0, 28);
    return Buffer.concat([head, strings, tag]);
}
