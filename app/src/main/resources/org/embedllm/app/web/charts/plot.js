// Many points on a canvas: pan, zoom, hit, label. Knows points, groups and radii; nothing of models.
//
// Thousands of points are added up as pixels, so that moving 10,000 stays fluid; fewer are drawn one by one, with an
// outline each (docs/adr/0072-charts-of-the-page.md).
import { palette } from './chart.js';
import { Labels } from './labels.js';
import { mark } from './shapes.js';
import { Sheet, Stamps } from './sprites.js';
import { el } from '../lib/dom.js';
import { roundStep } from '../lib/format.js';
import { gestures } from '../lib/gestures.js';
import { SvgRecorder } from '../lib/svg-recorder.js';

const ONE_BY_ONE = 1500;
const CANDIDATES = 320; // for names
const MAX_ZOOM = 400;
const MOST_STRETCH = 4;
const FEW_LINKS = 2; // each of these has its name
const SIZES = [1, 0.85, 0.7]; // of marks, the first where few touch
const FEW = 0.15; // of the marks
const APART = 1.05; // of the larger radius: middles of two marks are never nearer
const MOST_APART = 10; // pixels
const HALO = Array.from({ length: 24 }, (_, k) => [20 * Math.cos((k * Math.PI) / 12), 20 * Math.sin((k * Math.PI) / 12)]);

const most = (values) => values.reduce((a, b) => Math.max(a, b), 0);
const least = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);
const density = () => Math.min(2, devicePixelRatio || 1);

/**
 * @param {HTMLElement} root takes two canvases
 * @param {{label: string, onHover: (index: number) => void,
 *   onPick: (index: number, toggle: boolean) => void, onBox: (indices: number[]) => void,
 *   onFit: (how: {stretch: {x: number, y: number}, size: number}) => void}} events
 *   an index is a position in the points; −1 is none
 */
export function plot(root, { label, onHover, onPick, onBox, onFit }) {
  const base = el('canvas', { 'aria-hidden': 'true' });
  const over = el('canvas', { 'aria-hidden': 'true' });
  const node = el('div', { class: 'plot', tabindex: '0', role: 'group', 'aria-label': label }, base, over);
  root.append(node);
  const below = base.getContext('2d');
  const above = over.getContext('2d');

  let theme = palette();
  let width = 1;
  let height = 1;
  let count = 0;
  let xs = new Float64Array(0); // [count] as drawn now, within a move from one projection to the next
  let ys = new Float64Array(0);
  let points = [];
  let names = new Labels();
  let priority = []; // indices, most important label first
  let style = { radius: new Float32Array(0), group: new Int16Array(0), groups: [], hulls: [] };
  let order = []; // indices, large marks first
  let stamps = null; // where there are many
  let sheet = null;
  let state = { hover: -1, focus: -1, selected: new Set(), lit: null, links: [] };
  let view = { k: 1, x: 0, y: 0 }; // screen = k · stretch · point + (x, y); y points up in the data
  let stretch = { x: 1, y: 1 }; // of a long thin cloud, so that its marks come apart
  let shrink = 1; // of all marks
  let dx = new Float64Array(0); // [count] pixels that a mark is drawn beside its place
  let dy = new Float64Array(0);
  let apartAt = NaN; // the zoom that dx and dy are for; NaN: none
  let home = 1;
  let box = null;
  let dirty = 0; // 1 overlay, 2 both
  let frame = 0;
  let motion = 0;
  let ending = null; // of a motion that must not stop half way
  let furniture = []; // elements above the plot that labels keep clear of
  let waiting = -1; // to be centered once the plot has a size

  const size = (i) => style.radius[i] * shrink;
  const sx = (i) => xs[i] * stretch.x * view.k + view.x + dx[i];
  const sy = (i) => -ys[i] * stretch.y * view.k + view.y + dy[i];

  // ------------------------------------------------------------ drawing

  function redraw(what = 2) {
    dirty = Math.max(dirty, what);
    frame ||= requestAnimationFrame(draw);
  }

  function draw() {
    frame = 0;
    // All is in view: a finger that moves up or down scrolls the page.
    node.classList.toggle('whole', Math.abs(view.k - home) < 1e-9);
    if (dirty === 2) {
      moveApart();
      drawBase();
    }
    drawOverlay();
    dirty = 0;
  }

  function start(g) {
    const scale = density();
    g.setTransform(scale, 0, 0, scale, 0, 0);
    g.clearRect(0, 0, width, height);
  }

  const outside = (i, margin) => {
    const x = sx(i);
    const y = sy(i);
    return x < -margin || y < -margin || x > width + margin || y > height + margin;
  };

  function drawBase() {
    if (count > ONE_BY_ONE) {
      drawCrowd();
      return;
    }
    start(below);
    graticule(below);
    for (const hull of style.hulls) drawHull(below, hull);
    const dim = state.lit;
    if (dim) marks(below, (i) => !dim.has(i), 0.13);
    marks(below, dim ? (i) => dim.has(i) : () => true, 0.88);
  }

  function drawCrowd() {
    const scale = density();
    if (sheet?.width !== base.width || sheet?.height !== base.height) sheet = new Sheet(base.width, base.height);
    const { columns, rows } = lines();
    sheet.clear(theme.paper, theme.rule, columns.map((x) => Math.round(x * scale)), rows.map((y) => Math.round(y * scale)));
    const dim = state.lit;
    for (const lit of dim ? [false, true] : [true]) {
      const alpha = lit ? 190 : 33;
      for (const i of order) {
        if ((dim && dim.has(i) !== lit) || outside(i, 8)) continue;
        sheet.add(stamps.of(style.group[i], size(i)), Math.round(sx(i) * scale), Math.round(sy(i) * scale), alpha);
      }
    }
    sheet.show(below);
  }

  /** Lines of the graticule in pixels: squares of the plane, oblong where one axis is stretched. */
  function lines() {
    const [kx, ky] = [view.k * stretch.x, view.k * stretch.y];
    const step = roundStep(110 / Math.min(kx, ky));
    const columns = [];
    const rows = [];
    for (let x = Math.ceil(-view.x / kx / step) * step; x * kx + view.x < width; x += step) columns.push(x * kx + view.x);
    for (let y = Math.ceil((view.y - height) / ky / step) * step; view.y - y * ky > 0; y += step) rows.push(view.y - y * ky);
    return { columns, rows };
  }

  function graticule(g) {
    const { columns, rows } = lines();
    g.fillStyle = theme.rule;
    for (const x of columns) g.fillRect(Math.round(x), 0, 1, height);
    for (const y of rows) g.fillRect(0, Math.round(y), width, 1);
  }

  function drawHull(g, { color, members }) {
    // The hull of circles around the members: round, and of one piece, so that it has one tint.
    const around = members.flatMap((i) => HALO.map(([dx, dy]) => [sx(i) + dx, sy(i) + dy]));
    g.beginPath();
    convex(around).forEach(([x, y], i) => (i === 0 ? g.moveTo(x, y) : g.lineTo(x, y)));
    g.closePath();
    g.fillStyle = color;
    g.strokeStyle = color;
    g.lineWidth = 1;
    g.globalAlpha = 0.08;
    g.fill();
    g.globalAlpha = 0.4;
    g.stroke();
    g.globalAlpha = 1;
  }

  function marks(g, which, alpha) {
    g.globalAlpha = alpha;
    g.lineWidth = 1.25;
    for (const i of order) if (which(i) && !outside(i, 20)) one(g, i);
    g.globalAlpha = 1;
  }

  function one(g, i, outline = theme.paper) {
    const { color, shape, hollow, edge = outline } = style.groups[style.group[i]];
    mark(g, shape, sx(i), sy(i), size(i));
    g.fillStyle = hollow ? theme.paper : color;
    g.strokeStyle = hollow ? color : edge;
    g.fill();
    g.stroke();
  }

  function ring(g, i, gap, lineWidth, color) {
    g.beginPath();
    g.arc(sx(i), sy(i), size(i) + gap, 0, 2 * Math.PI);
    g.lineWidth = lineWidth;
    g.strokeStyle = color;
    g.stroke();
  }

  function drawOverlay() {
    start(above);
    overlay(above);
  }

  function overlay(g) {
    const from = state.hover >= 0 ? state.hover : state.focus;
    if (from >= 0) {
      g.strokeStyle = theme.ink;
      g.lineWidth = 1;
      g.globalAlpha = 0.55;
      g.setLineDash([3, 3]);
      g.beginPath();
      for (const i of state.links) {
        g.moveTo(sx(from), sy(from));
        g.lineTo(sx(i), sy(i));
      }
      g.stroke();
      g.setLineDash([]);
      g.globalAlpha = 1;
    }
    g.lineWidth = 1.25;
    const raised = [...new Set([...state.selected, ...state.links, state.focus, state.hover])].filter((i) => i >= 0);
    for (const i of raised) one(g, i);
    for (const i of state.selected) ring(g, i, 4, 2, theme.accent);
    if (state.focus >= 0) ring(g, state.focus, 7, 1.5, theme.ink);
    if (state.hover >= 0) ring(g, state.hover, 3, 1.5, theme.ink);
    drawNames(g, raised);
    if (box) {
      g.fillStyle = theme.accent;
      g.strokeStyle = theme.accent;
      g.lineWidth = 1;
      g.globalAlpha = 0.12;
      g.fillRect(box.x, box.y, box.w, box.h);
      g.globalAlpha = 1;
      g.strokeRect(box.x + 0.5, box.y + 0.5, box.w, box.h);
    }
  }

  /** Names of what matters now, then, while nothing moves by itself, of as many others as fit. */
  function drawNames(g, raised) {
    const strong = [...new Set([state.hover, state.focus, ...state.selected, ...raised])].filter((i) => i >= 0);
    const crowd = count > ONE_BY_ONE;
    // In a crowd only what was asked for has a name, until one comes near.
    const quiet = motion !== 0 || (crowd && view.k < 6 * home);
    const seen = new Set(strong);
    const others = [];
    if (!quiet) {
      for (const i of priority) {
        if (others.length >= CANDIDATES) break;
        if (!seen.has(i) && !outside(i, 0) && (!state.lit || state.lit.has(i))) others.push(i);
      }
    }
    names.draw(g, {
      strong,
      forced: new Set([state.hover, state.focus, ...state.selected, ...(state.links.length <= FEW_LINKS ? state.links : [])]),
      others,
      name: (i) => points[i].name,
      at: (i) => ({ x: sx(i), y: sy(i), radius: size(i) }),
      marks: crowd || quiet ? [] : order.filter((i) => !outside(i, 0)),
      furniture,
      width,
      height,
      theme,
    });
  }

  // ------------------------------------------------------------ view

  function bounds() {
    let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < count; i++) {
      x0 = Math.min(x0, xs[i]);
      x1 = Math.max(x1, xs[i]);
      y0 = Math.min(y0, ys[i]);
      y1 = Math.max(y1, ys[i]);
    }
    return count === 0 ? [-1, 1, -1, 1] : [x0, x1, y0, y1];
  }

  const space = () => ({ w: width - 2 * Math.min(100, width * 0.14), h: height - 2 * Math.min(60, height * 0.12) });

  /** Calls `visit(i, j, distance)` for the pairs of marks nearer than `reach` on the screen. */
  function pairs(reach, visit) {
    const sorted = Array.from({ length: count }, (_, i) => i).sort((a, b) => sx(a) - sx(b));
    for (let a = 0; a < count; a++) {
      const i = sorted[a];
      for (let b = a + 1; b < count && sx(sorted[b]) - sx(i) < reach; b++) {
        const distance = Math.hypot(sx(i) - sx(sorted[b]), sy(i) - sy(sorted[b]));
        if (distance < reach) visit(i, sorted[b], distance);
      }
    }
  }

  /** Two marks at nearly one place are drawn a few pixels apart, so that none hides another. */
  function moveApart() {
    if (count > ONE_BY_ONE || style.radius.length < count || view.k === apartAt) return;
    apartAt = view.k;
    dx.fill(0);
    dy.fill(0);
    const reach = 2 * APART * most(style.radius) * shrink;
    for (let round = 0; round < 4; round++) {
      let moved = false;
      pairs(reach, (i, j, distance) => {
        const lacking = APART * Math.max(size(i), size(j)) - distance;
        if (lacking <= 0.1) return;
        moved = true;
        // At the very same place: each pair in a direction of its own.
        const [ux, uy] = distance > 1e-6 ? [(sx(j) - sx(i)) / distance, (sy(j) - sy(i)) / distance] : [Math.cos(2.4 * j), Math.sin(2.4 * j)];
        shift(i, (-lacking / 2) * ux, (-lacking / 2) * uy);
        shift(j, (lacking / 2) * ux, (lacking / 2) * uy);
      });
      if (!moved) return;
    }
  }

  function shift(i, x, y) {
    dx[i] += x;
    dy[i] += y;
    const far = Math.hypot(dx[i], dy[i]) / MOST_APART;
    if (far > 1) [dx[i], dy[i]] = [dx[i] / far, dy[i] / far];
  }

  /** Marks as large as they can be without many that touch. */
  function chooseSize() {
    if (width === 1 || style.radius.length < count) return;
    const before = view;
    apartAt = NaN;
    view = fitted();
    dx.fill(0);
    dy.fill(0);
    const touching = (times) => {
      const found = new Set();
      pairs(2 * most(style.radius) * times, (i, j, distance) => distance < (style.radius[i] + style.radius[j]) * times && found.add(i).add(j));
      return found.size;
    };
    shrink = count > ONE_BY_ONE ? (width < 600 ? 0.7 : 1) : SIZES.find((times) => touching(times) <= FEW * count) ?? SIZES.at(-1);
    view = before;
    onFit({ stretch, size: shrink });
  }

  /** Both axes in one scale, so that a distance is as long in every direction, unless the cloud is long and thin. */
  function choose() {
    const [x0, x1, y0, y1] = bounds();
    const { w, h } = space();
    const ratio = h / Math.max(y1 - y0, 1e-9) / (w / Math.max(x1 - x0, 1e-9));
    const times = (r) => (r < 1.5 || count < 3 ? 1 : Math.min(MOST_STRETCH, Math.floor(2 * r) / 2));
    stretch = { x: times(1 / ratio), y: times(ratio) };
    onFit({ stretch, size: shrink });
    chooseSize();
  }

  function fitted() {
    const [x0, x1, y0, y1] = bounds();
    const { w, h } = space();
    const k = Math.min(w / Math.max((x1 - x0) * stretch.x, 1e-9), h / Math.max((y1 - y0) * stretch.y, 1e-9));
    return { k, x: width / 2 - (k * stretch.x * (x0 + x1)) / 2, y: height / 2 + (k * stretch.y * (y0 + y1)) / 2 };
  }

  /** `step(t)` for t from 0 to 1; `whole`: who interrupts it goes on from its end. */
  function animate(millis, step, whole = false) {
    stopMotion();
    apartAt = NaN;
    if (theme.reduced) {
      step(1);
      redraw();
      return;
    }
    ending = whole ? () => step(1) : null;
    const begin = performance.now();
    const tick = (now) => {
      const t = Math.min(1, (now - begin) / millis);
      motion = t < 1 ? requestAnimationFrame(tick) : 0;
      if (t === 1) ending = null;
      apartAt = NaN;
      step(t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2);
      redraw();
    };
    motion = requestAnimationFrame(tick);
  }

  function moveTo(target) {
    stopMotion();
    const from = { ...view };
    animate(350, (t) => {
      const k = from.k * (target.k / from.k) ** t;
      // Along a straight line on the screen, whatever the zoom does meanwhile.
      const share = target.k === from.k ? t : (k - from.k) / (target.k - from.k);
      view = { k, x: from.x + (target.x - from.x) * share, y: from.y + (target.y - from.y) * share };
    });
  }

  function zoomAt(factor, x, y, smooth) {
    const k = Math.min(home * MAX_ZOOM, Math.max(home * 0.4, view.k * factor));
    const f = k / view.k;
    const target = { k, x: x - (x - view.x) * f, y: y - (y - view.y) * f };
    if (smooth) moveTo(target);
    else {
      stopMotion();
      view = target;
      redraw();
    }
  }

  /** Brings a point into the middle unless it is well in view; nearer where there are many. */
  function center(i) {
    if (width === 1) {
      waiting = i;
      return;
    }
    const k = Math.max(view.k, home * (count > 200 ? 4 : 1));
    const clear = sx(i) > 60 && sx(i) < width - 60 && sy(i) > 40 && sy(i) < height - 40;
    if (k > view.k || !clear) moveTo({ k, x: width / 2 - xs[i] * stretch.x * k, y: height / 2 + ys[i] * stretch.y * k });
  }

  function stopMotion() {
    cancelAnimationFrame(motion);
    motion = 0;
    const end = ending;
    ending = null;
    if (end) apartAt = NaN;
    end?.();
  }

  // ------------------------------------------------------------ pointers and keys

  function hit({ x, y }, slack) {
    let best = -1;
    let nearest = Infinity;
    for (let i = 0; i < count; i++) {
      if (state.lit && !state.lit.has(i)) continue;
      const d = Math.hypot(sx(i) - x, sy(i) - y) - size(i);
      if (d < slack && d < nearest) {
        nearest = d;
        best = i;
      }
    }
    return best;
  }

  gestures(node, {
    still: stopMotion,
    view: () => view,
    pan(x, y, from = view, smooth = false) {
      const target = { ...from, x: from.x + x, y: from.y + y };
      if (smooth) moveTo(target);
      else {
        view = target;
        redraw();
      }
    },
    zoom: (factor, at = { x: width / 2, y: height / 2 }, smooth = false) => zoomAt(factor, at.x, at.y, smooth),
    fit: () => moveTo(fitted()),
    over: (at) => onHover(at ? hit(at, 6) : -1),
    press(at, touch, toggle) {
      const i = hit(at, touch ? 14 : 6);
      // A finger points and presses at once.
      if (touch) onHover(i);
      onPick(i, toggle);
    },
    empty: (at) => hit(at, 6) < 0,
    frame(rectangle) {
      box = rectangle;
      redraw(1);
    },
    framed({ x, y, w, h }) {
      onBox(priority.filter((i) => sx(i) >= x && sx(i) <= x + w && sy(i) >= y && sy(i) <= y + h));
    },
  });

  const resize = new ResizeObserver(() => {
    const scale = density();
    const before = { width, height };
    width = Math.max(1, node.clientWidth);
    height = Math.max(1, node.clientHeight);
    for (const canvas of [base, over]) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    if (before.width === 1 || Math.abs(view.k - home) < 1e-9) {
      choose();
      view = fitted();
    } else view = { ...view, x: view.x + (width - before.width) / 2, y: view.y + (height - before.height) / 2 };
    home = fitted().k;
    if (waiting >= 0) center(waiting);
    waiting = -1;
    // At once: a canvas of a new size is empty.
    dirty = 2;
    draw();
  });
  resize.observe(node);
  const repaint = new MutationObserver(() => {
    theme = palette();
    redraw();
  });
  repaint.observe(document.documentElement, { attributeFilter: ['data-theme'] });

  return {
    node,
    /** Replaces the points: `[{x, y, name}]`, and the order of their labels. The same number of points moves to its new places. */
    setPoints(next, labelOrder) {
      priority = labelOrder;
      points = next;
      names = new Labels();
      const [toX, toY] = [Float64Array.from(next, (p) => p.x), Float64Array.from(next, (p) => p.y)];
      if (next.length !== count) {
        count = next.length;
        [xs, ys] = [toX, toY];
        [dx, dy] = [new Float64Array(count), new Float64Array(count)];
        if (width > 1) {
          choose();
          view = fitted();
          home = view.k;
        }
        return;
      }
      const [fromX, fromY, from, was] = [xs, ys, view, stretch];
      [xs, ys] = [toX, toY];
      choose();
      const target = fitted();
      home = target.k;
      [xs, ys] = [Float64Array.from(fromX), Float64Array.from(fromY)];
      animate(700, (t) => {
        // On the screen from the old place to the new one: the two projections have no common scale.
        view = target;
        for (let i = 0; i < count; i++) {
          const ox = (fromX[i] * was.x * from.k + from.x - target.x) / target.k / stretch.x;
          const oy = (fromY[i] * was.y * from.k - from.y + target.y) / target.k / stretch.y;
          xs[i] = ox + (toX[i] - ox) * t;
          ys[i] = oy + (toY[i] - oy) * t;
        }
      }, true);
    },
    /** `{radius: Float32Array, group: Int16Array, groups: [{color, shape, hollow?}], hulls: [{color, members}]}`. */
    setStyle(next) {
      const resized = next.radius !== style.radius;
      style = next;
      if (resized) chooseSize();
      stamps = new Stamps(style.groups, 0.7 * least(style.radius), density());
      order = Array.from({ length: count }, (_, i) => i).sort((a, b) => size(b) - size(a));
      redraw();
    },
    /** `{hover, focus, selected: Set, lit: Set | null, links: []}`, indices of points. */
    setState(next) {
      const lit = next.lit !== undefined && next.lit !== state.lit;
      state = { ...state, ...next };
      redraw(lit ? 2 : 1);
    },
    /** Elements above the plot: labels avoid them. */
    keepClear(elements) {
      furniture = elements;
      redraw(1);
    },
    /** What is seen as an SVG document. */
    svg() {
      const g = new SvgRecorder(above);
      graticule(g);
      for (const hull of style.hulls) drawHull(g, hull);
      const dim = state.lit;
      if (dim) marks(g, (i) => !dim.has(i), 0.13);
      marks(g, dim ? (i) => dim.has(i) : () => true, 0.88);
      overlay(g);
      return g.document(width, height, theme.paper, theme.font);
    },
    canvases: () => [base, over],
    fit: () => moveTo(fitted()),
    zoom: (factor) => zoomAt(factor, width / 2, height / 2, true),
    center,
    /** Where a point is now, in pixels of the plot. */
    place: (i) => ({ x: sx(i), y: sy(i), radius: size(i), width, height }),
    dispose() {
      stopMotion();
      cancelAnimationFrame(frame);
      resize.disconnect();
      repaint.disconnect();
      node.remove();
    },
  };
}

/** Convex hull, counter-clockwise (Andrew's monotone chain). */
function convex(points) {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  if (sorted.length < 3) return sorted;
  const turn = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
  const chain = (list) => {
    const half = [];
    for (const p of list) {
      while (half.length > 1 && turn(half.at(-2), half.at(-1), p) <= 0) half.pop();
      half.push(p);
    }
    half.pop();
    return half;
  };
  return [...chain(sorted), ...chain(sorted.reverse())];
}
