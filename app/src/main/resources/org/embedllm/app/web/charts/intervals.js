// Estimates on one common axis. A row of such a drawing is a row of a table: it can be read, copied and heard, takes
// its colors from CSS, and needs no library. What has two dimensions is drawn by chart.js.
import { el, svg } from '../lib/dom.js';
import { fmt, known, legible, ticks } from '../lib/format.js';

/** An axis that holds all values with a little air, within [floor, ceiling]. */
export function axisOf(values, { floor = -Infinity, ceiling = Infinity, count = 6 } = {}) {
  const known = values.filter((value) => Number.isFinite(value));
  const low = Math.min(...known);
  const high = Math.max(...known);
  const air = (high - low) * 0.05 || 0.05;
  const [from, to] = [Math.max(floor, low - air), Math.min(ceiling, high + air)];
  return { low: from, high: to, ticks: ticks(from, to, count) };
}

/** A model's, a policy's or a benchmark's name: of any length and direction. It is broken before an @ where that helps. */
export const name = (text) => el('bdi', { class: 'name', title: text.length > 24 ? text : null },
  legible(text).split(/(?=@)/).flatMap((part, k) => (k > 0 ? [el('wbr'), part] : [part])));

/** The axis of probabilities. */
export const SHARES = { low: 0, high: 1, ticks: [0, 0.25, 0.5, 0.75, 1] };

/**
 * A mark on a track. Hidden from screen readers: the numbers are beside it.
 *
 * @param axis `{low, high, ticks, rules?}`; rules are values drawn through all rows
 * @param mark `{value, low?, high?, bar?, others?: [{value, kind}], join?}`: a dot with its interval, or with `bar` a
 *   bar from the axis's start (or from `bar` where it is a number); others are further dots; `join` ties them to the first
 */
export function track(axis, mark) {
  const x = (value) => 100 * Math.min(1, Math.max(0, (value - axis.low) / (axis.high - axis.low || 1)));
  const piece = (kind, from, to) => el('i', {
    class: kind,
    style: { left: `${x(Math.min(from, to)).toFixed(2)}%`, width: from === to ? null : `${Math.abs(x(to) - x(from)).toFixed(2)}%` },
  });
  const root = el('div', { class: 'track', 'aria-hidden': 'true' },
    axis.ticks.map((tick) => piece('grid', tick, tick)));
  if (known(mark.value)) {
    if (mark.bar !== undefined && mark.bar !== false) root.append(piece('bar', mark.bar === true ? axis.low : mark.bar, mark.value));
    for (const other of mark.join ? mark.others ?? [] : []) {
      if (known(other.value)) root.append(piece('join', mark.value, other.value));
    }
    if (known(mark.low) && known(mark.high) && mark.high > mark.low) root.append(piece('whisker', mark.low, mark.high));
    for (const other of mark.others ?? []) {
      if (known(other.value)) root.append(piece(`dot ${other.kind}`, other.value, other.value));
    }
    if (mark.bar === undefined || mark.bar === false) root.append(piece('dot', mark.value, mark.value));
  }
  for (const rule of axis.rules ?? []) root.append(piece('rule', rule, rule));
  return root;
}

/**
 * The axis's numbers, for the head of the drawn column.
 *
 * @param format of a number with some digits: as few are shown as keep all numbers apart
 */
export function axisLabels(axis, format) {
  const labels = (digits) => axis.ticks.map((tick) => format(tick, digits));
  const digits = [0, 1, 2, 3].find((some) => new Set(labels(some)).size === axis.ticks.length) ?? 4;
  return el('div', { class: 'track-axis', 'aria-hidden': 'true' }, axis.ticks.map((tick) => {
    const share = 100 * (tick - axis.low) / (axis.high - axis.low || 1);
    // Numbers at the ends keep within the axis, clear of the columns beside it.
    return el('span', { class: share > 96 ? 'last' : share < 4 ? 'first' : null, style: { left: `${share.toFixed(2)}%` } }, format(tick, digits));
  }));
}

/**
 * A table with a drawn column after the first.
 *
 * @param options `{caption, head, axis, format, columns: [label or {label, spare}], rows}`: spare
 *   columns give way on narrow screens, `even` ones are as wide in every table; with a row
 *   `{name, note?, kind?, mark, cells: [node or text]}`; kinds are `ours`, `bound` and `plain`
 */
export function estimates({ caption, head, axis, format, columns, rows, even = false }) {
  return el('table', { class: even ? 'estimates even' : 'estimates' },
    el('caption', { class: 'unseen' }, caption),
    el('thead', {}, el('tr', {},
      el('th', { scope: 'col' }, head),
      el('td', { class: 'drawn' }, axisLabels(axis, format)),
      columns.map((column) => el('th', { scope: 'col', class: shown(column) }, column.label ?? column)))),
    el('tbody', {}, rows.map((row) => el('tr', { class: row.kind },
      el('th', { scope: 'row' }, row.name, row.note ? el('small', {}, row.note) : null),
      el('td', { class: 'drawn' }, track(axis, row.mark)),
      row.cells.map((cell, k) => el('td', { class: shown(columns[k]) }, cell))))));
}

const shown = (column) => (column.spare ? 'numeric optional' : 'numeric');

/** An estimate with its interval in a smaller voice. */
export function estimate(value, interval, digits = 1) {
  return [fmt.percent(value, digits), interval ? el('small', {}, fmt.interval(interval[0], interval[1], digits)) : null];
}

/** Figures that answer a question at a glance: `[[name, value, beside?]]`. */
export function facts(rows) {
  return el('dl', { class: 'facts' }, rows.map(([name, value, beside]) => el('div', {},
    el('dt', {}, name), el('dd', {}, value), beside ? el('dd', { class: 'hint' }, beside) : null)));
}

/**
 * A share with its interval on a line from `min` to `max`, with a tick at `baseline`. Decoration beside the written
 * numbers: hidden from screen readers.
 */
export function intervalMark({ value, low, high, baseline = null, min = 0, max = 1, width = 160 }) {
  const height = 16;
  const inner = width - 8;
  const x = (share) => 4 + inner * Math.min(1, Math.max(0, (share - min) / (max - min)));
  return svg('svg', { class: 'interval-mark', viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true', focusable: 'false' },
    svg('line', { class: 'track', x1: 4, x2: width - 4, y1: 8, y2: 8 }),
    known(low) && known(high) && high > low ? svg('line', { class: 'range', x1: x(low), x2: x(high), y1: 8, y2: 8 }) : null,
    known(baseline) ? svg('line', { class: 'baseline', x1: x(baseline), x2: x(baseline), y1: 1, y2: 15 }) : null,
    known(value) ? svg('circle', { class: 'value', cx: x(value), cy: 8, r: 4 }) : null);
}
