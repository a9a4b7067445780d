// Many points on a canvas: pan, zoom, hit, label. Knows points, groups and radii; nothing of models.
//
// One path for each group of points, so that 10,000 of them are drawn in about a millisecond of script
// (docs/adr/0072-charts-of-the-page.md); few enough points are drawn one by one, with an outline each.
import { el } from './kit.js';
import { palette } from './charts.js';

const ONE_BY_ONE = 1500;
const LABELS = 80;
const NAME = 30;
const MAX_ZOOM = 400;
const MOST_STRETCH = 4;
const HALO = Array.from({ length: 24 }, (_, k) => [20 * Math.cos((k * Math.PI) / 12), 20 * Math.sin((k * Math.PI) / 12)]);

export const SHAPES = ['circle', 'square', 'triangle', 'diamond', 'down', 'hexagon', 'cross'];

const polygon = (corners) => (g, x, y, r) => {
  corners.forEach(([dx, dy], i) => (i === 0 ? g.moveTo(x + dx * r, y + dy * r) : g.lineTo(x + dx * r, y + dy * r)));
  g.closePath();
};
// Of equal area, so that no shape looks heavier than another.
const OUTLINES = {
  circle(g, x, y, r) {
    g.moveTo(x + r, y);
    g.arc(x, y, r, 0, 2 * Math.PI);
  },
  square: polygon([[-0.886, -0.886], [0.886, -0.886], [0.886, 0.886], [-0.886, 0.886]]),
  triangle: polygon([[0, -1.42], [1.28, 0.8], [-1.28, 0.8]]),
  diamond: polygon([[0, -1.253], [1.253, 0], [0, 1.253], [-1.253, 0]]),
  down: polygon([[0, 1.42], [1.28, -0.8], [-1.28, -0.8]]),
  hexagon: polygon([0, 1, 2, 3, 4, 5].map((i) => [1.1 * Math.cos((i * Math.PI) / 3), 1.1 * Math.sin((i * Math.PI) / 3)])),
  cross: polygon([[-0.42, -1.2], [0.42, -1.2], [0.42, -0.42], [1.2, -0.42], [1.2, 0.42], [0.42, 0.42], [0.42, 1.2], [-0.42, 1.2], [-0.42, 0.42], [-1.2, 0.42], [-1.2, -0.42], [-0.42, -0.42]]),
};

/** Draws one mark, as legends do. */
export function mark(g, shape, x, y, r) {
  g.beginPath();
  OUTLINES[shape](g, x, y, r);
}

const cut = (name) => {
  const letters = Array.from(name);
  return letters.length <= NAME ? name : `${letters.slice(0, NAME - 1).join('')}…`;
};

/** A step of 1, 2 or 5 times a power of ten that is about `wanted` units long. */
function niceStep(wanted) {
  const power = 10 ** Math.floor(Math.log10(wanted));
  return [1, 2, 5, 10].map((f) => f * power).find((step) => step >= wanted) ?? power;
}

/**
 * @param {HTMLElement} root takes two canvases
 * @param {{label: string, onHover: (index: number, at: {x: number, y: number}) => void,
 *   onPick: (index: number, toggle: boolean) => void, onBox: (indices: number[]) => void,
 *   onStretch: (times: {x: number, y: number}) => void}} events
 *   an index is a position in the points; −1 is none
 */
export function plot(root, { label, onHover, onPick, onBox, onStretch }) {
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
  let names = [];
  let priority = []; // indices, most important label first
  let style = { radius: new Float32Array(0), group: new Int16Array(0), groups: [], hulls: [] };
  let order = []; // indices, large marks first
  let state = { hover: -1, focus: -1, selected: new Set(), lit: null, links: [] };
  let view = { k: 1, x: 0, y: 0 }; // screen = k · stretch · point + (x, y); y points up in the data
  let stretch = { x: 1, y: 1 }; // of a long thin cloud, so that its marks come apart
  let home = 1;
  let box = null;
  let dirty = 0; // 1 overlay, 2 both
  let frame = 0;
  let motion = 0;
  let furniture = []; // elements above the plot that labels keep clear of
  let waiting = -1; // to be centred once the plot has a size

  // Smaller on a small plot, where the same marks would hide each other.
  const size = (i) => style.radius[i] * (width < 600 ? 0.7 : 1);
  const sx = (i) => xs[i] * stretch.x * view.k + view.x;
  const sy = (i) => -ys[i] * stretch.y * view.k + view.y;

  // ------------------------------------------------------------ drawing

  function redraw(what = 2) {
    dirty = Math.max(dirty, what);
    frame ||= requestAnimationFrame(draw);
  }

  function draw() {
    frame = 0;
    if (dirty === 2) drawBase();
    drawOverlay();
    dirty = 0;
  }

  function start(g) {
    const scale = Math.min(2, devicePixelRatio || 1);
    g.setTransform(scale, 0, 0, scale, 0, 0);
    g.clearRect(0, 0, width, height);
  }

  const outside = (i, margin) => {
    const x = sx(i);
    const y = sy(i);
    return x < -margin || y < -margin || x > width + margin || y > height + margin;
  };

  function drawBase() {
    start(below);
    graticule(below);
    for (const hull of style.hulls) drawHull(below, hull);
    const dim = state.lit;
    if (dim) marks(below, (i) => !dim.has(i), 0.13);
    marks(below, dim ? (i) => dim.has(i) : () => true, count > ONE_BY_ONE ? 0.72 : 0.88);
  }

  /** Squares of the plane: oblong where one axis is stretched. */
  function graticule(g) {
    const [kx, ky] = [view.k * stretch.x, view.k * stretch.y];
    const step = niceStep(110 / Math.min(kx, ky));
    g.lineWidth = 1;
    g.strokeStyle = theme.rule;
    g.globalAlpha = 0.75;
    g.beginPath();
    for (let x = Math.ceil(-view.x / kx / step) * step; x * kx + view.x < width; x += step) {
      const at = Math.round(x * kx + view.x) + 0.5;
      g.moveTo(at, 0);
      g.lineTo(at, height);
    }
    for (let y = Math.ceil((view.y - height) / ky / step) * step; view.y - y * ky > 0; y += step) {
      const at = Math.round(view.y - y * ky) + 0.5;
      g.moveTo(0, at);
      g.lineTo(width, at);
    }
    g.stroke();
    g.globalAlpha = 1;
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
    g.lineWidth = count <= ONE_BY_ONE ? 1.25 : 0.75;
    if (count <= ONE_BY_ONE) {
      for (const i of order) if (which(i) && !outside(i, 20)) one(g, i);
    } else {
      for (let k = 0; k < style.groups.length; k++) {
        const { color, shape, hollow, edge } = style.groups[k];
        g.beginPath();
        for (let i = 0; i < count; i++) {
          if (style.group[i] !== k || !which(i) || outside(i, 8)) continue;
          OUTLINES[shape](g, sx(i), sy(i), size(i));
        }
        g.fillStyle = color;
        g.strokeStyle = edge ?? color;
        if (!hollow) g.fill();
        if (hollow || edge) g.stroke();
      }
    }
    g.globalAlpha = 1;
  }

  function one(g, i, outline = theme.paper) {
    const { color, shape, hollow, edge = outline } = style.groups[style.group[i]];
    g.beginPath();
    OUTLINES[shape](g, sx(i), sy(i), size(i));
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
    const g = above;
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
    labels(g, raised);
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

  /** Labels of what matters now, then of as many others as find room. */
  function labels(g, raised) {
    g.font = `12px ${theme.font}`;
    g.textBaseline = 'middle';
    g.lineJoin = 'round';
    const taken = new Boxes(); // marks, furniture and labels
    const written = new Boxes(); // labels
    const seen = new Set();
    const candidates = [];
    for (const i of [state.hover, state.focus, ...state.selected, ...raised]) {
      if (i >= 0 && !seen.has(i)) candidates.push(i);
      seen.add(i);
    }
    const must = candidates.length;
    const forced = new Set([state.hover, state.focus, ...state.selected]);
    if (motion === 0) {
      for (const i of priority) {
        if (candidates.length >= must + 4 * LABELS) break;
        if (seen.has(i) || outside(i, 0) || (state.lit && !state.lit.has(i))) continue;
        candidates.push(i);
      }
      for (const { offsetLeft, offsetTop, offsetWidth, offsetHeight } of furniture) taken.add(offsetLeft - 4, offsetTop - 4, offsetWidth + 8, offsetHeight + 8);
      if (count <= ONE_BY_ONE) for (let i = 0; i < count; i++) if (!outside(i, 0)) taken.add(sx(i) - size(i), sy(i) - size(i), 2 * size(i), 2 * size(i));
    }
    let placed = 0;
    for (let n = 0; n < candidates.length && placed < LABELS; n++) {
      const i = candidates[n];
      const strong = n < must;
      // In a crowd of thousands only what was asked for has a name, until there is room.
      if (!strong && count > ONE_BY_ONE && view.k < 6 * home) break;
      const text = cut(names[i]);
      const w = g.measureText(text).width;
      const r = size(i) + (strong ? 9 : 4);
      const [x, y] = [sx(i), sy(i)];
      const spots = [[x + r, y - 7], [x - r - w, y - 7], [x - w / 2, y - r - 14], [x - w / 2, y + r]];
      if (strong) for (const far of [16, 32, 48]) spots.push([x + r, y - 7 - far], [x + r, y - 7 + far], [x - r - w, y - 7 - far], [x - r - w, y - 7 + far]);
      const inside = ([left, top]) => left >= 2 && left + w <= width - 2 && top >= 2 && top + 14 <= height - 2;
      let spot = spots.find((s) => inside(s) && taken.free(s[0], s[1], w, 14));
      // What was chosen has its name even across marks, but not across another name where that can be helped.
      if (!spot && forced.has(i)) spot = spots.find((s) => inside(s) && written.free(s[0], s[1], w, 14)) ?? spots.find(inside);
      if (!spot) continue;
      taken.add(spot[0] - 3, spot[1], w + 6, 14);
      written.add(spot[0] - 3, spot[1], w + 6, 14);
      placed++;
      g.textAlign = 'left';
      g.lineWidth = 3.5;
      g.strokeStyle = theme.paper;
      g.fillStyle = strong ? theme.ink : theme.muted;
      g.strokeText(text, spot[0], spot[1] + 7);
      g.fillText(text, spot[0], spot[1] + 7);
    }
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

  const room = () => ({ w: width - 2 * Math.min(100, width * 0.14), h: height - 2 * Math.min(60, height * 0.12) });

  /** Both axes in one scale, so that a distance is as long in every direction, unless the cloud is long and thin. */
  function choose() {
    const [x0, x1, y0, y1] = bounds();
    const { w, h } = room();
    const ratio = h / Math.max(y1 - y0, 1e-9) / (w / Math.max(x1 - x0, 1e-9));
    const times = (r) => (r < 1.5 || count < 3 ? 1 : Math.min(MOST_STRETCH, Math.floor(2 * r) / 2));
    stretch = { x: times(1 / ratio), y: times(ratio) };
    onStretch(stretch);
  }

  function fitted() {
    const [x0, x1, y0, y1] = bounds();
    const { w, h } = room();
    const k = Math.min(w / Math.max((x1 - x0) * stretch.x, 1e-9), h / Math.max((y1 - y0) * stretch.y, 1e-9));
    return { k, x: width / 2 - (k * stretch.x * (x0 + x1)) / 2, y: height / 2 + (k * stretch.y * (y0 + y1)) / 2 };
  }

  function animate(millis, step) {
    cancelAnimationFrame(motion);
    motion = 0;
    if (theme.reduced) {
      step(1);
      redraw();
      return;
    }
    const begin = performance.now();
    const tick = (now) => {
      const t = Math.min(1, (now - begin) / millis);
      motion = t < 1 ? requestAnimationFrame(tick) : 0;
      step(t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2);
      redraw();
    };
    motion = requestAnimationFrame(tick);
  }

  function moveTo(target) {
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
  function centre(i) {
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
  }

  // ------------------------------------------------------------ pointers and keys

  function at(event) {
    const rect = over.getBoundingClientRect();
    return { x: event.clientX - rect.left, y: event.clientY - rect.top };
  }

  function hit({ x, y }, slack) {
    let best = -1;
    let least = Infinity;
    for (let i = 0; i < count; i++) {
      if (state.lit && !state.lit.has(i)) continue;
      const d = Math.hypot(sx(i) - x, sy(i) - y) - size(i);
      if (d < slack && d < least) {
        least = d;
        best = i;
      }
    }
    return best;
  }

  const pointers = new Map();
  let pressed = null; // where a press began, whether it has become a drag
  let pinch = null;

  node.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'mouse' && event.button !== 0) return;
    node.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, at(event));
    stopMotion();
    if (pointers.size === 1) {
      pressed = { ...at(event), shift: event.shiftKey, moved: false, view: { ...view } };
    } else if (pointers.size === 2) {
      const [a, b] = [...pointers.values()];
      pinch = { distance: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
      if (pressed) pressed.moved = true;
    }
  });

  node.addEventListener('pointermove', (event) => {
    const here = at(event);
    if (!pointers.has(event.pointerId)) {
      if (event.pointerType !== 'touch') onHover(hit(here, 6), here);
      return;
    }
    pointers.set(event.pointerId, here);
    if (pinch && pointers.size === 2) {
      const [a, b] = [...pointers.values()];
      const next = { distance: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
      view = { ...view, x: view.x + next.x - pinch.x, y: view.y + next.y - pinch.y };
      zoomAt(next.distance / Math.max(1, pinch.distance), next.x, next.y, false);
      pinch = next;
      return;
    }
    if (!pressed) return;
    if (!pressed.moved && Math.hypot(here.x - pressed.x, here.y - pressed.y) > 4) {
      pressed.moved = true;
      onHover(-1, here);
      node.classList.toggle('dragging', !pressed.shift);
    }
    if (!pressed.moved) return;
    if (pressed.shift) {
      box = { x: Math.min(here.x, pressed.x), y: Math.min(here.y, pressed.y), w: Math.abs(here.x - pressed.x), h: Math.abs(here.y - pressed.y) };
      redraw(1);
    } else {
      view = { ...view, x: pressed.view.x + here.x - pressed.x, y: pressed.view.y + here.y - pressed.y };
      redraw();
    }
  });

  function release(event) {
    if (!pointers.delete(event.pointerId)) return;
    if (pinch && pointers.size === 1) {
      const [rest] = pointers.values();
      pinch = null;
      pressed = { ...rest, shift: false, moved: true, view: { ...view } };
      return;
    }
    const done = pressed;
    pressed = null;
    node.classList.remove('dragging');
    if (!done || event.type === 'pointercancel') {
      box = null;
      redraw(1);
      return;
    }
    if (box) {
      const { x, y, w, h } = box;
      box = null;
      const inside = priority.filter((i) => sx(i) >= x && sx(i) <= x + w && sy(i) >= y && sy(i) <= y + h);
      onBox(inside);
      redraw(1);
    } else if (!done.moved) {
      onPick(hit(at(event), event.pointerType === 'touch' ? 14 : 6), event.shiftKey || event.ctrlKey || event.metaKey);
    }
  }
  node.addEventListener('pointerup', release);
  node.addEventListener('pointercancel', release);
  node.addEventListener('pointerleave', (event) => {
    if (!pointers.has(event.pointerId)) onHover(-1, at(event));
  });
  node.addEventListener('wheel', (event) => {
    event.preventDefault();
    const here = at(event);
    const lines = event.deltaMode === 1 ? 16 : 1;
    zoomAt(Math.exp(-Math.max(-120, Math.min(120, event.deltaY * lines)) * 0.0022), here.x, here.y, false);
  }, { passive: false });
  node.addEventListener('dblclick', (event) => {
    const here = at(event);
    if (hit(here, 6) < 0) zoomAt(2, here.x, here.y, true);
  });
  node.addEventListener('keydown', (event) => {
    if (event.target !== node || event.ctrlKey || event.metaKey || event.altKey) return;
    const pan = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    if (pan) moveTo({ ...view, x: view.x + pan[0], y: view.y + pan[1] });
    else if (event.key === '+' || event.key === '=') zoomAt(1.5, width / 2, height / 2, true);
    else if (event.key === '-') zoomAt(1 / 1.5, width / 2, height / 2, true);
    else if (event.key === '0') moveTo(fitted());
    else return;
    event.preventDefault();
  });

  const resize = new ResizeObserver(() => {
    const scale = Math.min(2, devicePixelRatio || 1);
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
    if (waiting >= 0) centre(waiting);
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
    /** Points anew: `[{x, y, name}]`, and the order of their labels. The same number of points moves to its new places. */
    setPoints(points, labelOrder) {
      priority = labelOrder;
      names = points.map((point) => point.name);
      const [toX, toY] = [Float64Array.from(points, (p) => p.x), Float64Array.from(points, (p) => p.y)];
      if (points.length !== count) {
        count = points.length;
        [xs, ys] = [toX, toY];
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
      });
    },
    /** `{radius: Float32Array, group: Int16Array, groups: [{color, shape, hollow?}], hulls: [{color, members}]}`. */
    setStyle(next) {
      style = next;
      order = Array.from({ length: count }, (_, i) => i).sort((a, b) => size(b) - size(a));
      redraw();
    },
    /** `{hover, focus, selected: Set, lit: Set | null, links: []}`, indices of points. */
    setState(next) {
      const lit = next.lit !== undefined && next.lit !== state.lit;
      state = { ...state, ...next };
      redraw(lit ? 2 : 1);
    },
    /** Elements that stand above the plot: labels go elsewhere. */
    keepClear(elements) {
      furniture = elements;
      redraw(1);
    },
    fit: () => moveTo(fitted()),
    zoom: (factor) => zoomAt(factor, width / 2, height / 2, true),
    centre,
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
