// Predicted against actual accuracy, a panel for each benchmark, all on the same axes.
import { axis, chart, tooltip } from './chart.js';
import { name } from './intervals.js';
import { fmt, known, legible, plural, shortened } from '../lib/format.js';
import { quantity } from '../lib/quantity.js';

export const FIRST_PANELS = 18;
const PANEL_WIDTH = 195; // at least, in CSS pixels
const PANEL_HEAD = 58;
const PANEL_FOOT = 34;
const PANEL_SIDE = 52; // left of the first column, for the axis
const GAP = 34; // right of a panel, for the numbers that reach over its corner
const BESIDE = 100; // right of a panel at most
const LETTER = 8.6; // pixels
const NARROW = 160; // of a panel's side
const AXIS_NAME = 18; // below the last row
const MOST_SIDE = 320;
const MOST_WHISKERS = 400; // models in a panel; more would only be a blot

const percent = (x) => fmt.percent(x, 0);

/** A mean squared error as what one is off by. */
export const off = (mse) => fmt.points(Math.sqrt(mse)).replace('+', '');

/** The error of the best plain baseline: a line on each model's mean accuracy on the other benchmarks. */
export const plainMse = (benchmark) => benchmark.lineMse ?? benchmark.baselineMse;

/** `benchmarks` as the server says them; `models` maps ids to names. */
export class Panels {
  #root;
  #benchmarks;
  #models;
  #all = false;
  #columns = 1;
  #width = 0;
  #marked = null;
  #handle;
  #resize;

  constructor(root, benchmarks, models) {
    this.#root = root;
    this.#benchmarks = benchmarks;
    this.#models = models;
    this.#handle = chart(root, (theme) => this.#option(theme), {
      label: `Predicted against actual ${quantity.share} of ${plural(models.size, 'model')} on ${plural(benchmarks.length, 'benchmark')} left out in turn`,
      height: '20rem',
      table: () => this.#table(),
      on: {
        mouseover: ({ data }) => this.#point(data?.id ?? null),
        mouseout: () => this.#point(null),
      },
    });
    this.#resize = new ResizeObserver(() => this.#arrange());
    this.#resize.observe(root);
    this.#arrange();
  }

  mark(id) {
    this.#marked = id;
    this.#handle.update();
  }

  toggle() {
    this.#all = !this.#all;
    this.#arrange(true);
    return this.#all;
  }

  dispose() {
    this.#resize.disconnect();
    this.#handle.dispose();
  }

  #shown() {
    return this.#all ? this.#benchmarks : this.#benchmarks.slice(0, FIRST_PANELS);
  }

  /** Square panels, as many in a row as fit. */
  #arrange(force = false) {
    const width = this.#root.clientWidth;
    if (width === 0 || (width === this.#width && !force)) return;
    this.#width = width;
    const most = Math.max(width < 280 ? 1 : 2, Math.floor((width - PANEL_SIDE) / PANEL_WIDTH));
    const rows = Math.ceil(this.#shown().length / most);
    // As few empty places as this number of rows allows.
    this.#columns = Math.ceil(this.#shown().length / rows);
    this.#root.querySelector('.chart').style.height = `${rows * this.#pitch() + AXIS_NAME}px`;
    this.#handle.update();
  }

  #side() {
    return Math.min(MOST_SIDE, Math.floor((this.#width - PANEL_SIDE) / this.#columns) - GAP);
  }

  #pitch() {
    return PANEL_HEAD + this.#side() + PANEL_FOOT;
  }

  async #point(id) {
    const instance = await this.#handle.ready;
    instance?.dispatchAction({ type: 'downplay' });
    if (id === null) return;
    this.#shown().forEach((benchmark, k) => {
      const index = benchmark.points.findIndex((point) => point.id === id);
      if (index >= 0) instance?.dispatchAction({ type: 'highlight', seriesId: `points-${k}`, dataIndex: index });
    });
  }

  #option(theme) {
    const shown = this.#shown();
    const side = this.#side();
    const [low, high] = this.#range();
    const made = { title: [], grid: [], xAxis: [], yAxis: [], series: [], animation: false };
    shown.forEach((benchmark, k) => {
      const [column, row] = [k % this.#columns, Math.floor(k / this.#columns)];
      const step = Math.min(Math.floor((this.#width - PANEL_SIDE) / this.#columns), side + BESIDE);
      const left = PANEL_SIDE + column * step;
      const top = row * this.#pitch();
      const scaled = (labeled, name, gap) => ({
        ...axis(theme), ...(labeled ? { name, nameLocation: 'middle', nameGap: gap } : {}), gridIndex: k, type: 'value', min: low, max: high, interval: 0.25,
        axisLabel: { ...axis(theme).axisLabel, show: labeled, fontSize: 11, formatter: (x) => (Math.round(4 * x) % 2 === 0 ? percent(x) : '') },
      });
      made.title.push({
        left, top, padding: 0, itemGap: 2, text: shortened(legible(benchmark.name).replace(/\s+/g, ' '), Math.floor(step / LETTER)), subtext: panelNote(benchmark, side < NARROW),
        textStyle: { color: theme.ink, fontSize: 13, lineHeight: 17, fontWeight: 600, fontFamily: theme.font },
        subtextStyle: { color: theme.muted, fontSize: 11, lineHeight: 14, fontFamily: theme.font },
      });
      made.grid.push({ left, top: top + PANEL_HEAD, width: side, height: side });
      made.xAxis.push(scaled(k + this.#columns >= shown.length, 'Predicted', 26));
      made.yAxis.push(scaled(column === 0, 'Actual', 36));
      made.series.push(...this.#series(theme, benchmark, k, low, high));
    });
    made.tooltip = {
      trigger: 'item',
      formatter: ({ data, seriesId }) => tooltip(this.#models.get(data.id), [
        ['Predicted', `${fmt.percent(data.value[0])} (${fmt.interval(data.value[2], data.value[3])})`],
        ['Actual', `${fmt.percent(data.value[1])} (${fmt.interval(data.value[4], data.value[5])})`],
      ], shown[Number(seriesId.split('-')[1])].name),
    };
    return made;
  }

  /** The same range for both axes of all panels, in quarters. */
  #range() {
    let [low, high] = [1, 0];
    for (const point of this.#benchmarks.flatMap((benchmark) => benchmark.points)) {
      low = Math.min(low, point.predicted, point.actual);
      high = Math.max(high, point.predicted, point.actual);
    }
    return [Math.max(0, Math.floor(4 * low) / 4), Math.min(1, Math.ceil(4 * high) / 4)];
  }

  #series(theme, benchmark, k, low, high) {
    const axes = { xAxisIndex: k, yAxisIndex: k };
    const marked = { color: theme.categories[1], borderColor: theme.ink, borderWidth: 1, opacity: 1 };
    const many = benchmark.points.length > MOST_WHISKERS;
    const data = benchmark.points.map((point) => ({
      id: point.id,
      value: [point.predicted, point.actual, point.low, point.high, point.actualLow, point.actualHigh],
      ...(point.id === this.#marked ? { symbolSize: 13, symbol: 'diamond', itemStyle: marked } : {}),
    }));
    return [
      {
        ...axes, type: 'line', data: [[low, low], [high, high]], symbol: 'none', silent: true, z: 1,
        lineStyle: { color: theme.strong, type: 'dashed', width: 1 },
      },
      {
        ...axes, type: 'custom', data: many ? [] : data.map(({ value }) => value), silent: true, clip: true, z: 2,
        encode: { x: [0, 2, 3], y: [1, 4, 5] }, renderItem: cross(theme.accent),
      },
      {
        ...axes, id: `points-${k}`, type: 'scatter', data, symbolSize: many ? 4 : 7, z: 3,
        itemStyle: { color: theme.accent, opacity: 0.85, borderColor: theme.surface, borderWidth: 0.5 },
        emphasis: { scale: 1.9, itemStyle: marked },
      },
    ];
  }

  #table() {
    const rows = this.#benchmarks.flatMap((benchmark) => benchmark.points.map((point) => ({ benchmark: benchmark.name, ...point })));
    return {
      columns: [
        { label: 'Model', head: true, value: (row) => row.name, cell: (row) => name(row.name) },
        { label: 'Benchmark', value: (row) => row.benchmark, cell: (row) => name(row.benchmark) },
        { label: 'Predicted', numeric: true, value: (row) => row.predicted, cell: (row) => fmt.percent(row.predicted) },
        { label: '95% interval', numeric: true, sortable: false, value: (row) => row.low, cell: (row) => fmt.interval(row.low, row.high) },
        { label: 'Actual', numeric: true, value: (row) => row.actual, cell: (row) => fmt.percent(row.actual) },
        { label: 'Off by', numeric: true, value: (row) => row.predicted - row.actual, cell: (row) => fmt.points(row.predicted - row.actual) },
      ],
      rows,
    };
  }
}

function panelNote(benchmark, narrow) {
  const { tau, mse } = benchmark;
  const baseline = narrow ? 'line' : 'baseline';
  const error = known(mse) ? `off by ${off(mse)}${known(plainMse(benchmark)) ? `, ${baseline} ${off(plainMse(benchmark))}` : ''}` : '';
  return [known(tau) ? `${narrow ? 'rank' : 'rank correlation'} τ ${fmt.number(tau)}` : '', narrow ? error.replaceAll(' pts', '') : error.replace(' pts,', ',')]
    .filter((line) => line).join('\n');
}

/** Both intervals of a point: the third and fourth value level, the fifth and sixth upright. */
function cross(color) {
  return (_, item) => {
    const [x, y] = item.coord([item.value(0), item.value(1)]);
    const [left, bottom] = item.coord([item.value(2), item.value(4)]);
    const [right, top] = item.coord([item.value(3), item.value(5)]);
    const line = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke: color, lineWidth: 1, opacity: 0.35 } });
    return { type: 'group', children: [line(left, y, right, y), line(x, bottom, x, top)] };
  };
}
