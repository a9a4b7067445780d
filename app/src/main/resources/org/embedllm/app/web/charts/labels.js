// Names beside marks: as many as fit, the most important first. A line leads to a name that is further away.
import { shortened } from '../lib/format.js';

const NAME = 30; // letters
const NEAR = [16]; // further away: CSS pixels up and down
const FAR = [16, 32, 48]; // of a name that matters
const MOST = 80; // names at once
const HEIGHT = 14; // pixels of a line

/** Widths are measured once for each name and font. */
export class Labels {
  #widths = new Map();
  #texts = new Map();

  /**
   * Draws names.
   *
   * @param {CanvasRenderingContext2D} g
   * @param {{strong: number[], forced: Set<number>, others: Iterable<number>, name: (i: number) => string,
   *   at: (i: number) => {x: number, y: number, radius: number}, marks: number[], furniture: HTMLElement[],
   *   width: number, height: number, theme: object}} scene
   *   `strong` come first and in ink, and those of them in `forced` whatever they hide; `marks` are kept free
   */
  draw(g, { strong, forced, others, name, at, marks, furniture, width, height, theme }) {
    g.font = `12px ${theme.font}`;
    g.textBaseline = 'middle';
    g.textAlign = 'left';
    g.lineJoin = 'round';
    g.lineWidth = 3.5;
    g.strokeStyle = theme.paper;
    const taken = new Boxes(); // marks, furniture and names
    const written = new Boxes(); // names
    for (const { offsetLeft, offsetTop, offsetWidth, offsetHeight } of furniture) {
      taken.add(offsetLeft - 4, offsetTop - 4, offsetWidth + 8, offsetHeight + 8);
    }
    for (const i of marks) {
      const { x, y, radius } = at(i);
      taken.add(x - radius, y - radius, 2 * radius, 2 * radius);
    }
    const inside = (left, top, w) => left >= 2 && left + w <= width - 2 && top >= 2 && top + HEIGHT <= height - 2;
    let placed = 0;

    const place = (i, important) => {
      const text = this.#text(i, name);
      const w = this.#width(g, text);
      const { x, y, radius } = at(i);
      const spots = around(x, y, radius + (important ? 9 : 4), w, important).filter(([left, top]) => inside(left, top, w));
      let spot = spots.find(([left, top]) => taken.free(left, top, w, HEIGHT));
      // What was chosen has its name even across marks, but not across another name where that can be helped.
      if (!spot && forced.has(i)) spot = spots.find(([left, top]) => written.free(left, top, w, HEIGHT)) ?? spots[0];
      if (!spot) return;
      taken.add(spot[0] - 3, spot[1], w + 6, HEIGHT);
      written.add(spot[0] - 3, spot[1], w + 6, HEIGHT);
      placed++;
      if (spot[2]) lead(g, x, y, radius, spot, w, theme);
      g.fillStyle = important ? theme.ink : theme.muted;
      g.strokeText(text, spot[0], spot[1] + HEIGHT / 2);
      g.fillText(text, spot[0], spot[1] + HEIGHT / 2);
    };

    for (const i of strong) if (placed < MOST) place(i, true);
    for (const i of others) {
      if (placed >= MOST) break;
      place(i, false);
    }
  }

  #text(i, name) {
    let text = this.#texts.get(i);
    if (text === undefined) this.#texts.set(i, (text = shortened(name(i), NAME)));
    return text;
  }

  #width(g, text) {
    let width = this.#widths.get(text);
    if (width === undefined) this.#widths.set(text, (width = g.measureText(text).width));
    return width;
  }
}

/** Places of a name around its mark: right, left, above, below, and between these; then further away where it matters. */
function around(x, y, r, w, important) {
  const middle = y - HEIGHT / 2;
  const near = 0.7 * r;
  const spots = [
    [x + r, middle], [x - r - w, middle], [x - w / 2, y - r - HEIGHT], [x - w / 2, y + r],
    [x + near, y - near - HEIGHT], [x + near, y + near], [x - near - w, y + near], [x - near - w, y - near - HEIGHT],
  ];
  for (const far of important ? FAR : NEAR) {
    for (const top of [middle - far, middle + far]) spots.push([x + r, top, true], [x - r - w, top, true]);
  }
  return spots;
}

/** A thin line from a mark to the near end of its name. */
function lead(g, x, y, radius, [left, top], w, theme) {
  const [toX, toY] = [left > x ? left - 2 : left + w + 2, top + HEIGHT / 2];
  const length = Math.hypot(toX - x, toY - y);
  if (length <= radius) return;
  const { strokeStyle, lineWidth } = g;
  g.strokeStyle = theme.muted;
  g.lineWidth = 1;
  g.beginPath();
  g.moveTo(x + (radius * (toX - x)) / length, y + (radius * (toY - y)) / length);
  g.lineTo(toX, toY);
  g.stroke();
  Object.assign(g, { strokeStyle, lineWidth });
}

/** Rectangles on a coarse grid; "is this place free" without looking at all of them. */
class Boxes {
  #cells = new Map();

  * #around(x, y, w, h) {
    for (let i = Math.floor(x / 64); i <= Math.floor((x + w) / 64); i++) {
      for (let j = Math.floor(y / 32); j <= Math.floor((y + h) / 32); j++) yield i * 100003 + j;
    }
  }

  add(x, y, w, h) {
    for (const key of this.#around(x, y, w, h)) {
      if (!this.#cells.has(key)) this.#cells.set(key, []);
      this.#cells.get(key).push([x, y, w, h]);
    }
  }

  free(x, y, w, h) {
    for (const key of this.#around(x, y, w, h)) {
      for (const [bx, by, bw, bh] of this.#cells.get(key) ?? []) {
        if (x < bx + bw && bx < x + w && y < by + bh && by < y + h) return false;
      }
    }
    return true;
  }
}
