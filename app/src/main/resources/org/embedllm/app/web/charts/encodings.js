// How a model becomes a mark: size from accuracy, color and shape from family, community or accuracy on a benchmark.
import { palette } from './chart.js';
import { FILLS, mark, paint, SHAPES } from './shapes.js';
import { el } from '../lib/dom.js';
import { fmt, known, plural } from '../lib/format.js';
import { capitalized, quantity } from '../lib/quantity.js';

const STEPS = 24; // of a continuous scale: few enough to draw each as one path
const NAMED = 7; // groups with a color and a shape of their own

/** Radii in pixels, area growing with accuracy; smaller where there are more points. [count] */
export function radii(models) {
  const [least, most] = models.length <= 60 ? [5, 13] : models.length <= 400 ? [4, 10] : models.length <= 1500 ? [3, 7.5] : [1.8, 4.6];
  const shares = models.map((model) => model.accuracy).filter(known);
  const [low, high] = minMax(shares);
  const radius = (share) => {
    const t = known(share) && high > low ? (share - low) / (high - low) : 0;
    return Math.sqrt(least ** 2 + t * (most ** 2 - least ** 2));
  };
  return { radius: Float32Array.from(models, (model) => radius(model.accuracy)), low, high, of: radius };
}

function minMax(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}

/** Color between the stops of a scale, t in 0..1. */
export function between(stops, t) {
  const at = Math.min(1, Math.max(0, t)) * (stops.length - 1);
  const i = Math.min(stops.length - 2, Math.floor(at));
  const [from, to] = [stops[i], stops[i + 1]].map((hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16)));
  return `rgb(${from.map((c, k) => Math.round(c + (to[k] - c) * (at - i))).join(' ')})`;
}

/**
 * Groups of marks for `color`: "family", "community" or "benchmark:NAME".
 *
 * @returns {{groups: object[], group: Int16Array, hulls: object[], keys: object[], scale: object | null}}
 *   `keys`: entries of a legend `{key, label, color, shape, members: Set}`; `scale`: low, high and stops
 */
export function encode(color, data) {
  const theme = palette();
  if (color.startsWith('benchmark:')) return byAccuracy(data, data.benchmarks.indexOf(color.slice(10)));
  if (color === 'accuracy') return byAccuracy(data, -1);
  const community = color === 'community';
  const labels = new Map((data.communities ?? []).map((c) => [c.id, c.label]));
  const members = new Map();
  data.models.forEach((model, i) => {
    const key = community ? model.community : model.family;
    if (!members.has(key)) members.set(key, []);
    members.get(key).push(i);
  });
  const ranked = [...members].sort((a, b) => b[1].length - a[1].length || String(a[0]).localeCompare(String(b[0])));
  // A last group of one kind needs no "other".
  const named = ranked.length === NAMED + 1 ? NAMED + 1 : Math.min(NAMED, ranked.length);
  const keys = ranked.slice(0, named).map(([key, list], k) => ({
    key: String(key),
    label: community ? labels.get(key) ?? `Community ${key}` : key,
    color: theme.categories[k],
    shape: SHAPES[k % SHAPES.length],
    members: new Set(list),
  }));
  const rest = ranked.slice(named);
  if (rest.length > 0) {
    keys.push({
      key: '…',
      label: plural(rest.length, community ? 'other community' : 'other family', community ? 'other communities' : 'other families'),
      color: theme.other,
      shape: 'circle',
      members: new Set(rest.flatMap(([, list]) => list)),
    });
  }
  const group = new Int16Array(data.models.length);
  keys.forEach((entry, k) => entry.members.forEach((i) => (group[i] = k)));
  const hulls = community && data.models.length <= 1500
    ? keys.filter((entry) => entry.key !== '…' && entry.members.size > 2).map((entry) => ({ color: entry.color, members: [...entry.members] }))
    : [];
  return { groups: keys.map(({ color: c, shape }) => ({ color: c, shape })), group, hulls, keys, scale: null };
}

/**
 * The marks of some models, by id: color and shape of the family as on the map. Those of one family differ by their
 * filling.
 *
 * @returns {Map<number, {color: string, shape: string, fill: string}>}
 */
export function looks(models, ids) {
  const { group, groups } = encode('family', { models });
  const index = new Map(models.map((model, i) => [model.id, i]));
  const taken = groups.map(() => 0);
  return new Map(ids.filter((id) => index.has(id)).map((id) => {
    const k = group[index.get(id)];
    return [id, { ...groups[k], fill: FILLS[taken[k]++ % FILLS.length] }];
  }));
}

const byAccuracy = (data, benchmark) => encodeValues(data.models.map((model) => (benchmark < 0 ? model.accuracy : model.byBenchmark[benchmark])));

/** Groups of marks for one share of each model; null where it is not known. */
export function encodeValues(values) {
  const theme = palette();
  const [low, high] = minMax(values.filter(known));
  const span = Math.max(high - low, 1e-9);
  const groups = Array.from({ length: STEPS }, (_, k) => ({ color: between(theme.sequential, k / (STEPS - 1)), shape: 'circle', edge: theme.muted }));
  groups.push({ color: theme.muted, shape: 'circle', hollow: true });
  const group = Int16Array.from(values, (v) => (known(v) ? Math.min(STEPS - 1, Math.floor(((v - low) / span) * STEPS)) : STEPS));
  const unknown = values.filter((v) => !known(v)).length;
  return { groups, group, hulls: [], keys: [], scale: { low, high, unknown, stops: theme.sequential } };
}

/** One mark of a legend or a list. */
export function swatch(look) {
  const { color, shape, hollow, edge = color } = look;
  const node = el('canvas', { class: 'swatch', width: 32, height: 32, 'aria-hidden': 'true' });
  const g = node.getContext('2d');
  g.scale(2, 2);
  if (look.fill) {
    paint(g, look, palette().surface, 8, 8, 5.2);
    return node;
  }
  mark(g, shape, 8, 8, 5.2);
  g.fillStyle = color;
  g.strokeStyle = edge;
  g.lineWidth = 1.25;
  if (!hollow) g.fill();
  if (hollow || edge !== color) g.stroke();
  return node;
}

/** The legend of colors: entries that light up their group when pressed, or a scale. */
export function legend(encoding, title, only, onOnly) {
  const theme = palette();
  const parts = [el('p', { class: 'legend-title' }, title)];
  if (encoding.scale) {
    parts.push(ramp(encoding.scale));
    if (encoding.scale.unknown > 0) {
      parts.push(el('p', { class: 'legend-key' }, swatch({ color: theme.muted, shape: 'circle', hollow: true }), `no answers (${fmt.count(encoding.scale.unknown)})`));
    }
  } else {
    parts.push(el('ul', {}, encoding.keys.map((entry) =>
      el('li', {}, el('button', {
        type: 'button',
        'aria-pressed': String(only === entry.key),
        title: 'Show these alone',
        on: { click: () => onOnly(only === entry.key ? null : entry.key) },
      }, swatch(entry), el('span', { class: 'legend-label', dir: 'auto' }, entry.label), el('span', { class: 'muted' }, fmt.count(entry.members.size)))))));
  }
  return parts;
}

function ramp({ low, high, stops }) {
  const node = el('canvas', { class: 'ramp', width: 320, height: 20, 'aria-hidden': 'true' });
  const g = node.getContext('2d');
  for (let x = 0; x < 320; x++) {
    g.fillStyle = between(stops, x / 319);
    g.fillRect(x, 0, 1, 20);
  }
  return el('div', {}, node, el('div', { class: 'ramp-ends' },
    el('span', {}, fmt.percent(low, 0)), el('span', {}, fmt.percent((low + high) / 2, 0)), el('span', {}, fmt.percent(high, 0))));
}

/** What the sizes mean; `times`: how much smaller the marks are drawn. */
export function sizeKey({ low, high, of }, times) {
  const theme = palette();
  const samples = [low, (low + high) / 2, high];
  return el('div', { class: 'sizes' },
    el('span', { class: 'muted' }, capitalized(quantity.standing)),
    samples.map((share) => {
      const r = of(share) * times;
      const side = Math.ceil(2 * r + 3);
      const node = el('canvas', { width: 2 * side, height: 2 * side, 'aria-hidden': 'true', style: { width: `${side}px`, height: `${side}px` } });
      const g = node.getContext('2d');
      g.scale(2, 2);
      mark(g, 'circle', side / 2, side / 2, r);
      g.strokeStyle = theme.muted;
      g.lineWidth = 1.25;
      g.stroke();
      return el('span', { class: 'size' }, node, fmt.percent(share, 0));
    }));
}
