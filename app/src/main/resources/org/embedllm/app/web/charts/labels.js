// Names beside marks: as many as fit, the most important first. A line leads to a name that is further away.
import { shortened } from '../lib/format.js';

const NAME = 30; // letters
const FAR = [16, 24, 32, 40, 48]; // CSS pixels that a name with a line is above or below its mark
const ASIDE = [0, 18, 36]; // and further to the side
const LONGEST = 52; // line
const MOST = 80; // names at once
const MOST_FAR = 60; // names tried with a line
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

    const spotsOf = (i, important, far) => {
      const { x, y, radius } = at(i);
      const w = this.#width(g, this.#text(i, name));
      return around(x, y, radius + (important ? 9 : 4), w, far).filter(([left, top]) => inside(left, top, w));
    };
    const free = (i, [left, top, far]) => {
      const w = this.#width(g, this.#text(i, name));
      return taken.free(left, top, w, HEIGHT) && !(far && crosses(taken, at(i), near(at(i), left, top, w)));
    };
    const write = (i, [left, top, far], important) => {
      const text = this.#text(i, name);
      const w = this.#width(g, text);
      taken.add(left - 3, top, w + 6, HEIGHT);
      written.add(left - 3, top, w + 6, HEIGHT);
      placed++;
      if (far) lead(g, at(i), near(at(i), left, top, w), theme);
      g.fillStyle = important ? theme.ink : theme.muted;
      g.strokeText(text, left, top + HEIGHT / 2);
      g.fillText(text, left, top + HEIGHT / 2);
    };

    for (const i of strong) {
      if (placed >= MOST) break;
      const spots = [...spotsOf(i, true, false), ...spotsOf(i, true, true)];
      let spot = spots.find((s) => free(i, s));
      // What was chosen has its name even across marks, but not across another name where that can be helped.
      if (!spot && forced.has(i)) spot = spots.find(([left, top]) => written.free(left, top, this.#width(g, this.#text(i, name)), HEIGHT)) ?? spots[0];
      if (spot) write(i, spot, true);
    }
    // First every name that fits at its mark, so that no line crosses a place that would do for another.
    let waiting = [...others];
    for (const far of [false, true]) {
      waiting = (far ? waiting.slice(0, MOST_FAR) : waiting).filter((i) => {
        const spot = placed < MOST && spotsOf(i, false, far).find((s) => free(i, s));
        if (spot) write(i, spot, false);
        return !spot;
      });
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

/** Places of a name at its mark: right, left, above, below, and between these; or further away, with a line. */
function around(x, y, r, w, far) {
  const middle = y - HEIGHT / 2;
  const slant = 0.7 * r;
  if (!far) {
    return [
      [x + r, middle], [x - r - w, middle], [x - w / 2, y - r - HEIGHT], [x - w / 2, y + r],
      [x + slant, y - slant - HEIGHT], [x + slant, y + slant], [x - slant - w, y + slant], [x - slant - w, y - slant - HEIGHT],
    ];
  }
  const lefts = [...ASIDE.flatMap((aside) => [x + r + aside, x - r - aside - w]), x - w / 4, x - w / 2, x - (3 * w) / 4];
  const length = ([left, top]) => {
    const to = near({ x, y }, left, top, w);
    return Math.hypot(to.x - x, to.y - y);
  };
  return FAR.flatMap((up) => [middle - up, middle + up].flatMap((top) => lefts.map((left) => [left, top, true])))
    .map((spot) => [length(spot), spot])
    .filter(([long]) => long > r && long <= LONGEST)
    .sort((a, b) => a[0] - b[0])
    .map(([, spot]) => spot);
}

/** The place of a name's edge that is nearest to its mark. */
function near({ x, y }, left, top, w) {
  const across = left > x ? left - 2 : left + w < x ? left + w + 2 : x;
  return { x: across, y: across !== x ? top + HEIGHT / 2 : top > y ? top : top + HEIGHT };
}

/** Whether the line from a mark to its name would go through another mark or name. */
function crosses(taken, { x, y, radius }, to) {
  const length = Math.hypot(to.x - x, to.y - y);
  for (let at = 1.5 * radius; at < length - 2; at += 3) {
    if (!taken.free(x + ((to.x - x) * at) / length, y + ((to.y - y) * at) / length, 0.5, 0.5)) return true;
  }
  return false;
}

/** A thin line from a mark to its name. */
function lead(g, { x, y, radius }, to, theme) {
  const length = Math.hypot(to.x - x, to.y - y);
  if (length <= radius) return;
  const { strokeStyle, lineWidth } = g;
  g.strokeStyle = theme.muted;
  g.lineWidth = 1;
  g.beginPath();
  g.moveTo(x + (radius * (to.x - x)) / length, y + (radius * (to.y - y)) / length);
  g.lineTo(to.x, to.y);
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
