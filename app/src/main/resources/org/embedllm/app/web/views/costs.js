// Quality against cost: the router at every setting of its dial beside every single model.
import { axis, chart, tooltip } from '../charts/chart.js';
import { encode } from '../charts/encodings.js';
import { facts, name } from '../charts/intervals.js';
import { symbol } from '../charts/shapes.js';
import { card } from '../lib/controls.js';
import { el } from '../lib/dom.js';
import { fmt, gain, gainRange, known, legible, plural, shortened } from '../lib/format.js';
import { capitalized, quantity } from '../lib/quantity.js';
import { policyName } from './policy.js';

const LABELLED = 24;
const NARROW = 560; // CSS pixels
const TWO_LINES = 880;
const URGENT = 3; // names that may be further from their points
const FAR = [16, 28, 40]; // CSS pixels
const LETTER = 6.2; // mean width of a letter of a name, in CSS pixels

const DASHES = 'path://M0 4h4v1.5h-4zM6 4h4v1.5h-4zM12 4h4v1.5h-4z';
const RADIUS = 5; // of a model's mark, in CSS pixels
const WHOLE = 0.9; // of the questions a model answered, for its quality to be comparable

const percent = (x) => fmt.percent(x, 0);

const NAMES = {
  dial: 'Router, dial from price to quality',
  targets: 'Router, cheapest at target',
  single: 'Single model',
  part: 'Single model, on part of the questions',
  front: 'Pareto front',
};

export function showCosts(root, answer, keep) {
  const plot = el('div', {});
  const lead = `Share of questions ${quantity.answered} against the mean cost of a call. The dial runs from price alone to quality alone; the band is its 95% interval, the same questions at every setting. Models have the color and shape of their family, as on the map.`;
  root.append(card('Quality against cost', { lead }, plot, costFigures(answer)));
  keep(new CostPlot(plot, answer).drawn);
}

/** What is beside the cost saved: its interval, and the quality that it keeps. */
export function savedBeside({ costSavedAtBestSingle: saved, costSavedAtBestSingleInterval: interval, atBestSingle, singleBest }) {
  if (!known(saved)) return 'no setting is as good on the validation questions, where it is chosen';
  const kept = known(atBestSingle?.quality) && known(singleBest?.quality)
    ? `${quantity.right} ${fmt.percent(atBestSingle.quality)}, the best single model ${fmt.percent(singleBest.quality)}` : null;
  return [interval ? `95% interval ${fmt.interval(interval[0], interval[1], 0)}` : null, kept].filter(Boolean).join('; ') || null;
}

function costFigures(answer) {
  const { costSavedAtBestSingle: saved, gain: better, gainInterval, area, pool, poolRouted, models } = answer;
  const whole = pool.length === models.length;
  const chosen = whole ? 'no model can be left out' : pool.map((model, k) => [k > 0 ? ', ' : '', name(model)]);
  const onTest = known(poolRouted?.quality) ? `${quantity.right} ${fmt.percent(poolRouted.quality)} on test${known(poolRouted.low) ? ` (${fmt.interval(poolRouted.low, poolRouted.high)})` : ''}, ${fmt.money(poolRouted.cost)} a call: ` : '';
  return facts([
    ['Cost saved at the best single model’s quality, on test', known(saved) ? fmt.percent(saved, 0) : 'none', savedBeside(answer)],
    ['Best router over best single', gain(better), gainInterval ? gainRange(gainInterval) : null],
    ['Quality averaged over the curve', fmt.percent(area), null],
    ['Smallest pool with 99% of the quality on validation', whole ? `all ${plural(pool.length, 'model')}` : plural(pool.length, 'model'), [onTest, chosen]],
  ]);
}

class CostPlot {
  #root;

  constructor(root, answer) {
    const there = (points) => points.filter((point) => known(point.cost) && known(point.quality)).sort((a, b) => a.cost - b.cost);
    this.#root = root;
    this.dial = there(answer.points.filter((point) => policyName(point.policy) === 'dial'));
    this.targets = there(answer.points.filter((point) => policyName(point.policy) === 'cheapest'));
    this.models = there(answer.models);
    this.partial = new Set(this.models.filter((point) => point.answered < WHOLE).map((point) => point.model));
    this.everyone = answer.everyone;
    this.front = there(answer.front);
    this.onFront = new Set(this.front.map((point) => point.policy));
    this.#scale();
    this.drawn = chart(root, (theme) => this.#option(theme), {
      label: `Share of ${quantity.right} answers against mean cost of a call: ${plural(this.models.length, 'single model')} and the router’s settings. ${answer.verdict}`,
      height: 'clamp(22rem, 55vh, 34rem)',
      table: this.#table(),
    });
  }

  #scale() {
    const all = [...this.dial, ...this.targets, ...this.models];
    const costs = all.map((point) => point.cost);
    const qualities = all.map((point) => point.quality);
    const [cheapest, dearest] = [Math.min(...costs), Math.max(...costs)];
    this.logarithmic = cheapest > 0;
    // ECharts would widen a logarithmic axis to whole powers of ten.
    this.costs = this.logarithmic ? { min: cheapest / 1.3, max: dearest * 1.6 } : { min: 0, max: 1.1 * dearest };
    this.qualities = {
      min: Math.floor(10 * Math.min(...qualities)) / 10,
      max: Math.min(1, Math.ceil(10 * Math.max(...qualities) + 0.1) / 10),
    };
  }

  #narrow() {
    return this.#root.clientWidth < NARROW;
  }

  #top() {
    // The legend takes four lines, two or one.
    return this.#narrow() ? 100 : this.#root.clientWidth < TWO_LINES ? 62 : 40;
  }

  /** Position of a point in pixels, precise enough to keep names apart. */
  #place({ cost, quality }) {
    const { min, max } = this.costs;
    const share = this.logarithmic ? Math.log(cost / min) / Math.log(max / min) : cost / max;
    const height = this.#root.querySelector('.chart').clientHeight - this.#top() - 50;
    const depth = (this.qualities.max - quality) / (this.qualities.max - this.qualities.min);
    return { x: 70 + share * (this.#root.clientWidth - 94), y: depth * height };
  }

  /** The names that fit, those on the front and the best ones first, with the side of their points. */
  #sides() {
    const first = [...this.models]
      .sort((a, b) => this.onFront.has(b.model) - this.onFront.has(a.model)
        || this.partial.has(a.model) - this.partial.has(b.model) || b.quality - a.quality)
      .slice(0, this.#narrow() ? LABELLED / 3 : LABELLED)
      .map((point) => ({ key: point.model, ...this.#place(point), length: LETTER * cut(point.model).length }));
    const around = (points, reach) => points.map((point) => ({ ...this.#place(point), reach }));
    const points = [...around(this.models, RADIUS + 1), ...around(this.dial, 4), ...around(this.targets, 8)];
    return apart(first, points, this.#root.clientWidth);
  }

  #option(theme) {
    const money = { ...axis(theme).axisLabel, formatter: fmt.money };
    const legend = this.#narrow() ? { orient: 'vertical', itemGap: 6 } : { itemGap: 20 };
    return {
      grid: { left: 32, right: 24, top: this.#top(), bottom: 28, containLabel: true },
      legend: { left: 0, top: 0, align: 'left', ...legend, data: this.#names() },
      xAxis: {
        ...axis(theme), ...this.costs, type: this.logarithmic ? 'log' : 'value',
        name: `Mean cost of a call${this.logarithmic ? ', logarithmic' : ''}`, nameLocation: 'middle', nameGap: 28,
        axisLabel: this.logarithmic ? { ...money, showMinLabel: false, showMaxLabel: false } : money,
      },
      yAxis: {
        ...axis(theme), ...this.qualities, type: 'value',
        name: `Questions ${quantity.answered}`, nameLocation: 'middle', nameGap: 40,
        axisLabel: { ...axis(theme).axisLabel, formatter: percent },
      },
      tooltip: {
        trigger: 'item',
        formatter: ({ data: { text, value, kind, range } }) => tooltip(text,
          [[capitalized(quantity.right), fmt.percent(value[1])], ['95% interval', fmt.interval(...range)], ['Mean cost', fmt.money(value[0])]], kind),
      },
      series: this.#series(theme),
    };
  }

  #names() {
    return Object.values(NAMES).filter((label) => label !== NAMES.part || this.partial.size > 0)
      .map((label) => (label === NAMES.front ? { name: label, icon: DASHES } : label));
  }

  #series(theme) {
    const router = (point) => ({ value: [point.cost, point.quality], text: point.policy, kind: 'router', range: [point.low, point.high] });
    return [
      {
        type: 'custom', data: this.dial.slice(0, 1).map((point) => [point.cost, point.quality]), silent: true, clip: true, z: 0,
        renderItem: (_, item) => this.#band(item, theme),
      },
      {
        type: 'custom', data: this.#led(), silent: true, z: 1,
        renderItem: (params, item) => this.#lead(item, params.dataIndexInside, theme),
      },
      {
        name: NAMES.front, type: 'line', step: 'end', data: this.front.map((point) => [point.cost, point.quality]), symbol: 'none', silent: true, z: 1,
        lineStyle: { color: theme.muted, width: 1, type: 'dashed' }, itemStyle: { color: theme.muted },
      },
      {
        name: NAMES.dial, type: 'line', data: this.dial.map(router), symbol: 'circle', symbolSize: 6, showAllSymbol: true, z: 3,
        lineStyle: { color: theme.accent, width: 2 }, itemStyle: { color: theme.accent },
      },
      {
        name: NAMES.targets, type: 'scatter', data: this.targets.map(router), symbol: 'triangle', symbolSize: 11, z: 4,
        itemStyle: { color: theme.surface, borderColor: theme.accent, borderWidth: 1.5 },
      },
      {
        name: NAMES.single, type: 'scatter', data: this.#named(theme, false), symbol: 'rect', z: 2, itemStyle: { color: theme.ink },
      },
      {
        name: NAMES.part, type: 'scatter', data: this.#named(theme, true), symbol: 'rect', z: 2, itemStyle: { color: theme.surface, borderColor: theme.muted, borderWidth: 1.5 },
      },
    ];
  }

  /** Around the dial's curve, from one end of each interval to the other. */
  #band(item, theme) {
    const there = this.dial.filter((point) => known(point.low));
    const edge = (end) => there.map((point) => item.coord([point.cost, point[end]]));
    return { type: 'polygon', shape: { points: [...edge('low'), ...edge('high').reverse()] }, style: { fill: theme.accent, opacity: 0.12 } };
  }

  /** The models whose names are away from their points. */
  #led() {
    const sides = this.#sides();
    this.away = this.models.map((point) => sides.get(point.model)).filter(Array.isArray);
    return this.models.filter((point) => Array.isArray(sides.get(point.model))).map((point) => [point.cost, point.quality]);
  }

  /** A line from a point to its name. */
  #lead(item, k, theme) {
    const [x, y] = item.coord([item.value(0), item.value(1)]);
    const top = this.away[k][1];
    const near = top < 0 ? top + 11 : top - 3;
    return { type: 'line', shape: { x1: x, y1: y + Math.sign(top) * RADIUS, x2: x, y2: y + near }, style: { stroke: theme.muted, lineWidth: 1 } };
  }

  /** The points of the single models: those measured on part of the questions, or the others. */
  #named(theme, partial) {
    const sides = this.#sides();
    const marks = this.#marks();
    const look = { distance: 6, color: partial ? theme.muted : theme.ink, fontSize: 11, fontFamily: theme.font, textBorderColor: theme.surface, textBorderWidth: 3 };
    return this.models.filter((point) => this.partial.has(point.model) === partial).map((point) => ({
      value: [point.cost, point.quality],
      ...symbol(marks.get(point.model).shape, RADIUS),
      itemStyle: partial
        ? { color: theme.surface, borderColor: marks.get(point.model).color, borderWidth: 1.5 }
        : { color: marks.get(point.model).color, borderColor: theme.surface, borderWidth: 1 },
      text: point.model,
      range: [point.low, point.high],
      kind: partial ? `single model, on the ${percent(point.answered)} of the questions that it answered`
        : this.onFront.has(point.model) ? 'single model, on the Pareto front' : 'single model',
      label: { ...look, show: sides.has(point.model), formatter: () => cut(point.model), position: sides.get(point.model) ?? 'right' },
    }));
  }

  /** Color and shape of each model by its name: those of its family among all models, as on the map. */
  #marks() {
    const { group, groups } = encode('family', { models: this.everyone });
    return new Map(this.everyone.map(({ name: model }, k) => [model, groups[group[k]]]));
  }

  #table() {
    const row = (kind, label, point, id) => ({ kind, label, cost: point.cost, quality: point.quality, low: point.low, high: point.high, front: this.onFront.has(id) ? 'yes' : 'no' });
    return {
      columns: [
        { label: 'Policy or model', head: true, value: (r) => r.label, cell: (r) => name(r.label) },
        { label: 'Kind', value: (r) => r.kind },
        { label: 'Mean cost', numeric: true, value: (r) => r.cost, cell: (r) => fmt.money(r.cost) },
        { label: capitalized(quantity.right), numeric: true, value: (r) => r.quality, cell: (r) => fmt.percent(r.quality) },
        { label: '95% interval', numeric: true, sortable: false, value: (r) => r.low, cell: (r) => fmt.interval(r.low, r.high) },
        { label: 'Pareto front', value: (r) => r.front },
      ],
      rows: [
        ...this.models.map((point) => row(this.partial.has(point.model) ? `single model, on ${percent(point.answered)} of the questions` : 'single model', point.model, point, point.model)),
        ...[...this.dial, ...this.targets].map((point) => row('router', point.policy, point, point.policy)),
      ],
    };
  }
}

/**
 * The side of its point on which each name fits, in order; a name that does not fit is left out and waits for the
 * pointer.
 */
function apart(names, points, width) {
  const boxes = points.map(({ x, y, reach }) => ({ left: x - reach, right: x + reach, top: y - reach, bottom: y + reach }));
  const sides = new Map();
  names.forEach(({ key, x, y, length }, rank) => {
    const at = {
      right: { left: x + 7, right: x + 11 + length, top: y - 6, bottom: y + 6 },
      left: { left: x - 11 - length, right: x - 7, top: y - 6, bottom: y + 6 },
      top: { left: x - length / 2, right: x + length / 2, top: y - 20, bottom: y - 7 },
      bottom: { left: x - length / 2, right: x + length / 2, top: y + 7, bottom: y + 20 },
    };
    if (rank < URGENT) {
      for (const far of FAR) {
        at[`below ${far}`] = { left: x - 4, right: x - 4 + length, top: y + far, bottom: y + far + 13 };
        at[`above ${far}`] = { left: x + 4 - length, right: x + 4, top: y - far - 13, bottom: y - far };
      }
    }
    const free = (box) => box.left > 60 && box.right < width - 10
      && boxes.every((other) => box.right < other.left || other.right < box.left || box.bottom < other.top || other.bottom < box.top);
    const side = Object.keys(at).find((key) => free(at[key]));
    if (side) {
      // ECharts counts from the upper left corner of a mark.
      sides.set(key, side.includes(' ') ? [at[side].left - x + 4, at[side].top - y + 4] : side);
      boxes.push(at[side]);
    }
  });
  return sides;
}

const cut = (text) => shortened(legible(text), 28);
