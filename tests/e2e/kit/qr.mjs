// Reads a QR code out of an SVG of rectangles, as a phone reads it off a screen: drawn in
// grey values, then decoded by jsQR, which shares nothing with the library that made it.
import { createRequire } from 'node:module';

const decode = createRequire(import.meta.url)('jsqr');
const SCALE = 4; // pixels of a module; decoders look for edges

// Fills the paths in order; they hold "Mx yhWvHh-Wz" and nothing else.
function draw(svg) {
  const [, width, height] = svg.match(/viewBox="0 0 (\d+) (\d+)"/).map(Number);
  const pixels = new Uint8ClampedArray(width * height * SCALE * SCALE * 4).fill(255);
  for (const [, attributes] of svg.matchAll(/<path ([^>]*)\/>/g)) {
    const value = /fill="#fff"/.test(attributes) ? 255 : 0;
    const path = attributes.match(/ ?d="([^"]*)"/)[1];
    const rectangles = [...path.matchAll(/M(\d+) (\d+)h(\d+)v(\d+)h-(\d+)z/g)];
    if (rectangles.map(([text]) => text).join('') !== path) throw new Error(`not understood: ${path.slice(0, 80)}`);
    for (const [left, top, w, h] of rectangles.map((one) => one.slice(1).map(Number)))
      for (let y = top * SCALE; y < (top + h) * SCALE; y++)
        for (let x = left * SCALE; x < (left + w) * SCALE; x++)
          pixels.fill(value, (y * width * SCALE + x) * 4, (y * width * SCALE + x) * 4 + 3);
  }
  return { pixels, width: width * SCALE, height: height * SCALE };
}

// The text of the code, or null.
export function readQr(svg) {
  const { pixels, width, height } = draw(svg);
  return decode(pixels, width, height)?.data ?? null;
}
