// ID3v2.4 as it comes in an emsg box: the text of user-defined text frames (TXXX).
//
// Only what the server writes is read: UTF-8, sync-safe sizes, no flags. Whatever else is
// there, or is cut off, is passed over; nothing here throws.

const UTF8 = 3; // text encoding byte of ID3v2.4
const HEADER = 10; // bytes of a tag's header, and of a frame's

function isTag(bytes, at) {
    return bytes.length >= at + HEADER && bytes[at] === 0x49 && bytes[at + 1] === 0x44 &&
        bytes[at + 2] === 0x33 && bytes[at + 3] === 4;
}

// Four bytes of seven bits each; -1 when one has its high bit set.
function syncSafe(bytes, at) {
    let size = 0;
    for (let i = 0; i < 4; i++) {
        if (bytes[at + i] > 127) return -1;
        size = (size << 7) | bytes[at + i];
    }
    return size;
}

// [{description, value}] of all TXXX frames of all tags in the bytes.
export function readTextFrames(bytes) {
    const frames = [];
    const text = new TextDecoder('utf-8');
    let at = 0;
    while (isTag(bytes, at)) {
        const size = syncSafe(bytes, at + 6);
        if (size < 0) break;
        const end = Math.min(at + HEADER + size, bytes.length);
        let frame = at + HEADER;
        while (frame + HEADER <= end && bytes[frame] !== 0) {
            const length = syncSafe(bytes, frame + 4);
            const body = frame + HEADER;
            if (length < 0 || body + length > end) break;
            const id = String.fromCharCode(...bytes.subarray(frame, frame + 4));
            if (id === 'TXXX' && length > 1 && bytes[body] === UTF8) {
                const zero = bytes.indexOf(0, body + 1);
                if (zero > 0 && zero < body + length) {
                    frames.push({
                        description: text.decode(bytes.subarray(body + 1, zero)),
                        value: text.decode(bytes.subarray(zero + 1, body + length)).replace(/\0+$/, ''),
                    });
                }
            }
            frame = body + length;
        }
        at = end;
    }
    return frames;
}
