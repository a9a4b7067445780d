// What is known of one model: the small card beside the pointer, and the full one beside the map.
import { intervalMark } from '../charts/intervals.js';
import { el } from '../lib/dom.js';
import { fmt, known, plural } from '../lib/format.js';
import { table } from '../lib/table.js';
import { capitalized, quantity } from '../lib/quantity.js';

/** Beside the pointer; `detail` is null until the server has answered. */
export function hoverCard(model, detail) {
  return [
    el('b', { dir: 'auto', class: 'hover-name' }, model.name),
    el('p', {}, el('span', {}, fmt.percent(model.accuracy)), el('span', { class: 'muted' },
      detail ? ` ${fmt.measured(detail)} · ${fmt.count(model.cells)} answers` : ` · ${fmt.count(model.cells)} answers`)),
    detail ? el('dl', {},
      row('Nearest', detail.neighbors.slice(0, 3).map((n) => el('span', { class: 'model-name', dir: 'auto' }, n.name))),
      row('Strongest', ends(detail, detail.strongest)),
      row('Weakest', ends(detail, detail.weakest))) : null,
  ];
}

const row = (label, items) => (items.length === 0 ? null : [el('dt', {}, label), el('dd', {}, items)]);

function ends(detail, names) {
  const of = new Map(detail.benchmarks.map((b) => [b.name, b]));
  return names.slice(0, 3).map((name) =>
    el('span', { class: 'end' }, el('span', { dir: 'auto' }, name), el('span', { class: 'muted' }, fmt.points(of.get(name)?.delta))));
}

/** The full card: accuracy, neighbors with distance and agreement, every benchmark against the pool. */
export function fullCard(detail, { onFocus }) {
  const shares = detail.benchmarks.flatMap((b) => [b.low, b.high, b.poolAccuracy]).filter(known);
  const min = Math.max(0, Math.floor(Math.min(...shares, 1) * 10) / 10);
  const max = Math.min(1, Math.ceil(Math.max(...shares, 0) * 10) / 10);
  return [
    el('p', { class: 'share' }, el('b', {}, fmt.percent(detail.accuracy)), ' ',
      el('span', { class: 'muted' }, `${fmt.measured(detail)} of ${plural(detail.cells, 'training answer')}`,
        known(detail.cost) ? ` · ${fmt.money(detail.cost)} a call` : '')),
    el('h3', {}, 'Nearest models'),
    table([
      { label: 'Model', head: true, sortable: false, cell: (n) => el('button', { type: 'button', class: 'link model-name', dir: 'auto', title: n.name, on: { click: () => onFocus(n.id) } }, n.name) },
      { label: 'Distance', numeric: true, value: (n) => n.distance, cell: (n) => fmt.number(n.distance, 3) },
      { label: 'Alike', numeric: true, value: (n) => n.agreement, cell: (n) => fmt.percent(n.agreement) },
    ], detail.neighbors, { caption: `Models nearest to ${detail.name}: distance of the vectors, and share of common questions answered alike` }),
    el('h3', {}, 'By benchmark'),
    el('p', { class: 'hint' }, `Line: 95% interval. Tick: the pool. From ${fmt.percent(min, 0)} to ${fmt.percent(max, 0)}.`),
    table([
      { label: 'Benchmark', head: true, value: (b) => b.name },
      { label: capitalized(quantity.standing), numeric: true, value: (b) => b.accuracy, cell: (b) => fmt.percent(b.accuracy) },
      { label: el('span', { class: 'unseen' }, 'Interval, drawn'), cell: (b) => intervalMark({ value: b.accuracy, low: b.low, high: b.high, baseline: b.poolAccuracy, min, max, width: 110 }) },
      { label: 'vs pool', numeric: true, value: (b) => b.delta, cell: (b) => el('span', {}, fmt.points(b.delta)) },
    ], detail.benchmarks, { caption: `${capitalized(quantity.standing)} of ${detail.name} by benchmark, and its difference to the pool's mean`, sort: { column: 3, descending: true }, page: 30 }),
  ];
}

