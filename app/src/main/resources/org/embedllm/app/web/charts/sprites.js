// Thousands of marks as pixels. A canvas takes 20 to 80 ms to fill 10,000 outlines or to copy 10,000 pictures where no
// graphics card helps (docs/benchmarks.md); adding their pixels to a buffer takes a few, on any machine.
import { mark } from './shapes.js';
import { el } from '../lib/dom.js';

const STEP = 0.4; // of radii, in pixels of the page

/** The bytes of a CSS color: [red, green, blue, alpha]. */
export function bytes(color) {
  const g = el('canvas', { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  g.fillStyle = color;
  g.fillRect(0, 0, 1, 1);
  return g.getImageData(0, 0, 1, 1).data;
}

/** A picture of `width` by `height` device pixels, opaque. */
export class Sheet {
  #image;
  #whole;
  #pixels;

  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.#image = new ImageData(width, height);
    this.#pixels = this.#image.data;
    this.#whole = new Uint32Array(this.#pixels.buffer);
  }

  /** One color everywhere, with lines in columns and rows. */
  clear(paper, line, columns, rows) {
    const [ground, rule] = [paper, line].map((color) => new Uint32Array(Uint8Array.from(bytes(color)).buffer)[0]);
    this.#whole.fill(ground);
    for (const row of rows) if (row >= 0 && row < this.height) this.#whole.fill(rule, row * this.width, (row + 1) * this.width);
    for (const column of columns) {
      if (column < 0 || column >= this.width) continue;
      for (let at = column; at < this.#whole.length; at += this.width) this.#whole[at] = rule;
    }
  }

  /** Blends a stamp, its middle at device pixel (x, y); `alpha` from 0 to 256. */
  add(stamp, x, y, alpha) {
    const { width, height } = this;
    const pixels = this.#pixels;
    const { half, spots } = stamp;
    const within = x >= half && y >= half && x < width - half && y < height - half;
    for (let s = 0; s < spots.length; s += 6) {
      const px = x + spots[s];
      const py = y + spots[s + 1];
      if (!within && (px < 0 || py < 0 || px >= width || py >= height)) continue;
      const at = (py * width + px) << 2;
      const a = (spots[s + 5] * alpha) >> 8;
      pixels[at] += ((spots[s + 2] - pixels[at]) * a) >> 8;
      pixels[at + 1] += ((spots[s + 3] - pixels[at + 1]) * a) >> 8;
      pixels[at + 2] += ((spots[s + 4] - pixels[at + 2]) * a) >> 8;
    }
  }

  show(g) {
    g.putImageData(this.#image, 0, 0);
  }
}

/** The marks of some groups in steps of radius. */
export class Stamps {
  #groups;
  #scale;
  #least;
  #made = new Map();

  /** `groups`: `[{color, shape, hollow?, edge?}]`; `least`: the smallest radius; `scale`: device pixels for one of the page. */
  constructor(groups, least, scale) {
    this.#groups = groups;
    this.#least = least;
    this.#scale = scale;
  }

  of(group, radius) {
    const step = Math.max(0, Math.round((radius - this.#least) / STEP));
    const key = group * 1000 + step;
    let stamp = this.#made.get(key);
    if (!stamp) this.#made.set(key, (stamp = this.#make(this.#groups[group], this.#least + step * STEP)));
    return stamp;
  }

  #make({ color, shape, hollow, edge }, radius) {
    const half = Math.ceil((1.45 * radius + 1) * this.#scale);
    const side = 2 * half + 1;
    const g = el('canvas', { width: side, height: side }).getContext('2d', { willReadFrequently: true });
    g.setTransform(this.#scale, 0, 0, this.#scale, half + 0.5, half + 0.5);
    mark(g, shape, 0, 0, radius);
    g.fillStyle = color;
    g.strokeStyle = edge ?? color;
    g.lineWidth = 0.75;
    if (!hollow) g.fill();
    if (hollow || edge) g.stroke();
    const { data } = g.getImageData(0, 0, side, side);
    const spots = [];
    for (let at = 0; at < side * side; at++) {
      const [red, green, blue, alpha] = data.subarray(4 * at, 4 * at + 4);
      if (alpha > 0) spots.push((at % side) - half, Math.floor(at / side) - half, red, green, blue, alpha + (alpha >> 7));
    }
    return { half, spots: Int16Array.from(spots) };
  }
}
