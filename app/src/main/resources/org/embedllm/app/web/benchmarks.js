// Benchmarks: what the vectors say about a benchmark nobody has run, what benchmarks teach each other, who is alike.
import { card, choice, el, field, fmt, legible, loading, plural, tooltip } from './kit.js';
import { axis, chart } from './charts.js';
import { axisOf, estimates, known, name } from './instruments.js';

export const title = 'Benchmarks';
export const hash = 'benchmarks';
export const lead = 'Each benchmark is left out in turn and predicted from the others, as if nobody had run it.';

const FIRST_PANELS = 18;
const PANEL_WIDTH = 215; // at least, in CSS pixels
const PANEL_HEAD = 58;
const PANEL_FOOT = 34;
const PANEL_SIDE = 40;
const MOST_WHISKERS = 400; // models in a panel; more would only be a blot

const percent = (x) => fmt.percent(x, 0);
const off = (mse) => fmt.points(Math.sqrt(mse)).replace('+', '');

export function mount(root, { api }) {
  const drawn = [];
  const part = (path, heading, show) => {
    const body = el('div', { class: 'stack' });
    root.append(card(heading, {}, body));
    return loading(body, (options) => api.get(path, options), (answer) => show(body, answer, (handle) => drawn.push(handle)));
  };
  root.classList.add('stack');
  const waits = [
    part('benchmarks', 'Predicted and actual accuracy', showPredictions),
    part('contributions', 'What benchmarks teach each other', showContributions),
    part('communities', 'Communities', showCommunities),
  ];
  return {
    unmount() {
      for (const wait of waits) wait.cancel();
      for (const handle of drawn) handle.dispose();
    },
  };
}

// ---------------------------------------------------------------- predicted and actual

function showPredictions(root, answer, keep) {
  const benchmarks = answer.benchmarks.filter((benchmark) => benchmark.points.length > 0);
  if (benchmarks.length === 0) {
    root.append(el('p', { class: 'hint' }, 'No benchmark has answers of enough models to be left out.'));
    return;
  }
  const models = new Map(benchmarks.flatMap((benchmark) => benchmark.points.map((point) => [point.id, point.name])));
  const plot = el('div', {});
  const panels = new Panels(plot, benchmarks, models);
  const options = [{ value: '', label: 'none' },
    ...[...models].sort((a, b) => a[1].localeCompare(b[1])).map(([id, label]) => ({ value: String(id), label: legible(label) }))];
  const more = el('button', { type: 'button', on: { click: () => { more.textContent = panels.toggle() ? 'Show fewer' : `Show all ${benchmarks.length}`; } } }, `Show all ${benchmarks.length}`);
  more.hidden = benchmarks.length <= FIRST_PANELS;
  root.append(
    predictionVerdict(benchmarks),
    field('Show a model in every panel', choice(options, '', (id) => panels.mark(id === '' ? null : Number(id)))),
    plot, more);
  keep(panels);
}

/** Against the best plain baseline there is: a line on each model's mean accuracy on the other benchmarks. */
function predictionVerdict(benchmarks) {
  const measured = benchmarks.filter((benchmark) => known(benchmark.mse) && known(plainMse(benchmark)));
  const better = measured.filter((benchmark) => benchmark.mse < plainMse(benchmark)).length;
  const mean = (of) => off(measured.reduce((sum, benchmark) => sum + of(benchmark), 0) / measured.length);
  const worth = better * 2 > measured.length;
  const beside = [`a line on each model’s mean accuracy elsewhere by ${mean(plainMse)}`];
  if (measured.every((benchmark) => known(benchmark.baselineMse))) beside.push(`that mean itself by ${mean((b) => b.baselineMse)}`);
  if (measured.every((benchmark) => known(benchmark.meanMse))) beside.push(`the mean of all models by ${mean((b) => b.meanMse)}`);
  return el('div', { class: worth ? 'verdict' : 'verdict caution' },
    el('p', { class: 'sentence' },
      `The prediction comes nearer than the best plain baseline on ${fmt.count(better)} of ${plural(measured.length, 'benchmark')}`,
      worth ? '.' : ': a straight line through what is known elsewhere does at least as well.'),
    el('p', { class: 'hint' },
      `Off by ${mean((b) => b.mse)} over all benchmarks (root of the mean squared error), ${beside.join(', ')}. `,
      'A dot is a model that was held out: predicted accuracy across, actual accuracy upwards, both with 95% intervals; on the dashed line they agree.'));
}

const plainMse = (benchmark) => benchmark.lineMse ?? benchmark.baselineMse;

/** Small multiples: a panel for each benchmark, all on the same axes. */
class Panels {
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
      label: `Predicted against actual accuracy of ${plural(models.size, 'model')} on ${plural(benchmarks.length, 'benchmark')} left out in turn`,
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

  /** Square panels, as many in a row as find room. */
  #arrange(force = false) {
    const width = this.#root.clientWidth;
    if (width === 0 || (width === this.#width && !force)) return;
    this.#width = width;
    const most = Math.max(width < 300 ? 1 : 2, Math.floor(width / PANEL_WIDTH));
    const rows = Math.ceil(this.#shown().length / most);
    // As few empty places as this number of rows allows.
    this.#columns = Math.ceil(this.#shown().length / rows);
    this.#root.querySelector('.chart').style.height = `${rows * this.#pitch()}px`;
    this.#handle.update();
  }

  #side() {
    return Math.min(320, Math.floor(this.#width / this.#columns) - PANEL_SIDE - 14);
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
      const left = column * Math.min(Math.floor(this.#width / this.#columns), side + PANEL_SIDE + 50);
      const top = row * this.#pitch();
      const scaled = (labelled) => ({
        ...axis(theme), gridIndex: k, type: 'value', min: low, max: high, interval: 0.25,
        axisLabel: { ...axis(theme).axisLabel, show: labelled, fontSize: 11, formatter: (x) => (Math.round(4 * x) % 2 === 0 ? percent(x) : '') },
      });
      made.title.push({
        left: left + PANEL_SIDE, top, padding: 0, itemGap: 2, text: cut(benchmark.name), subtext: panelNote(benchmark),
        textStyle: { color: theme.ink, fontSize: 13, lineHeight: 17, fontWeight: 600, fontFamily: theme.font },
        subtextStyle: { color: theme.muted, fontSize: 11, lineHeight: 14, fontFamily: theme.font },
      });
      made.grid.push({ left: left + PANEL_SIDE, top: top + PANEL_HEAD, width: side, height: side });
      made.xAxis.push(scaled(k + this.#columns >= shown.length));
      made.yAxis.push(scaled(column === 0));
      made.series.push(...this.#series(theme, benchmark, k, low, high));
    });
    made.tooltip = {
      trigger: 'item',
      formatter: ({ data, seriesId }) => tooltip(this.#models.get(data.id), [
        ['Predicted', `${fmt.percent(data.value[0])} (${fmt.interval(data.value[2], data.value[3])})`], ['Actual', `${fmt.percent(data.value[1])} (${fmt.interval(data.value[4], data.value[5])})`],
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
    const data = benchmark.points.map((point) => ({
      id: point.id, value: [point.predicted, point.actual, point.low, point.high, point.actualLow ?? point.actual, point.actualHigh ?? point.actual],
      ...(point.id === this.#marked ? { symbolSize: 13, symbol: 'diamond', itemStyle: { color: theme.categories[1], borderColor: theme.ink, borderWidth: 1, opacity: 1 } } : {}),
    }));
    return [
      { ...axes, type: 'line', data: [[low, low], [high, high]], symbol: 'none', silent: true, z: 1, lineStyle: { color: theme.strong, type: 'dashed', width: 1 } },
      { ...axes, type: 'custom', data: data.length > MOST_WHISKERS ? [] : data.map(({ value }) => value), silent: true, encode: { x: [0, 2, 3], y: [1, 4, 5] }, renderItem: cross(theme.accent), z: 2, clip: true },
      {
        ...axes, id: `points-${k}`, type: 'scatter', data, symbolSize: data.length > MOST_WHISKERS ? 4 : 7, z: 3,
        itemStyle: { color: theme.accent, opacity: 0.85, borderColor: theme.surface, borderWidth: 0.5 },
        emphasis: { scale: 1.9, itemStyle: { color: theme.categories[1], borderColor: theme.ink, borderWidth: 1, opacity: 1 } },
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

const cut = (text) => {
  const line = legible(text).replace(/\s+/g, ' ');
  return line.length > 24 ? `${line.slice(0, 23)}…` : line;
};

function panelNote(benchmark) {
  const { tau, mse } = benchmark;
  const error = known(mse) ? `off by ${off(mse)}${known(plainMse(benchmark)) ? `, baseline ${off(plainMse(benchmark))}` : ''}` : '';
  return [known(tau) ? `rank correlation τ ${fmt.number(tau)}` : '', error.replace(' pts,', ',')].filter((line) => line).join('\n');
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

// ---------------------------------------------------------------- contributions

function showContributions(root, answer) {
  const { benchmarks, matrix, rowSums, columnSums } = answer;
  const there = (i, j) => i !== j && known(matrix[i][j]);
  const values = matrix.flatMap((row, i) => row.filter((_, j) => there(i, j)));
  if (values.length === 0) {
    root.append(el('p', { class: 'hint' }, 'No benchmark has enough models with answers on it and on what is left elsewhere.'));
    return;
  }
  const largest = Math.max(...values.map(Math.abs));
  const power = Math.max(0, 1 - Math.floor(Math.log10(largest)));
  const show = (value) => {
    const text = (Math.abs(value) * 10 ** power).toFixed(1);
    return text === '0.0' ? text : `${value < 0 ? '−' : '+'}${text}`;
  };
  const splits = answer.totalMse?.splits;
  const sure = (i, j) => known(answer.splitDeviation?.[i]?.[j]) && Math.abs(matrix[i][j]) > 2 * answer.splitDeviation[i][j] / Math.sqrt(splits);
  const cell = (value, bold) => el('td', { class: `numeric d${shade(value, largest)}${bold ? ' sure' : ''}` }, show(value));
  root.append(
    el('p', { class: 'finding' }, contributionFinding(answer, sure)),
    el('p', { class: 'hint' },
      `How much the error of predicting the column’s benchmark falls when the row’s benchmark is among those the models answered. Differences of mean squared errors of accuracies, in units of 10`,
      el('sup', {}, `−${power}`), `; above zero the row helps. Bold: more than twice its error over ${fmt.count(splits)} splits away from zero.`),
    el('div', { class: 'scroll heat-scroll', tabindex: '0', role: 'region', 'aria-label': 'Contributions, table' },
      el('table', { class: 'heat', style: { 'max-width': `${12 + 5.5 * (benchmarks.length + 1)}rem` } },
        el('caption', { class: 'unseen' }, 'Contribution of each benchmark (row) to the prediction of each other benchmark (column)'),
        el('thead', {}, el('tr', {},
          el('th', { scope: 'col' }, el('span', { class: 'muted' }, 'helping ↓  predicted →')),
          benchmarks.map((benchmark) => el('th', { scope: 'col' }, el('span', { class: 'upright' }, name(benchmark)))),
          el('th', { scope: 'col', class: 'sum' }, el('span', { class: 'upright' }, 'all columns')))),
        el('tbody', {}, matrix.map((row, i) => el('tr', {},
          el('th', { scope: 'row' }, name(benchmarks[i])),
          row.map((value, j) => (there(i, j) ? cell(value, sure(i, j)) : el('td', { class: 'numeric self' }, i === j ? '' : '–'))),
          el('td', { class: 'numeric sum' }, known(rowSums[i]) ? show(rowSums[i]) : '–')))),
        el('tfoot', {}, el('tr', {},
          el('th', { scope: 'row' }, 'all rows'),
          columnSums.map((sum) => el('td', { class: 'numeric sum' }, known(sum) ? show(sum) : '–')),
          el('td', { class: 'sum' }))))));
}

/** How many help, how many surely, and which most. */
function contributionFinding({ benchmarks, matrix }, sure) {
  const entries = matrix.flatMap((row, i) => row.map((value, j) => ({ value, i, j }))).filter(({ value, i, j }) => i !== j && known(value));
  const above = entries.filter((entry) => entry.value > 0).length;
  const certain = entries.filter(({ i, j }) => sure(i, j));
  const [most] = [...entries].sort((a, b) => b.value - a.value);
  return [`${fmt.count(above)} of ${plural(entries.length, 'contribution')} are above zero; ${fmt.count(certain.length)} differ from zero by more than twice their error`,
    certain.length * 2 < entries.length ? ', so that most cannot be told from none' : '',
    '. Most of all ', name(benchmarks[most.i]), ' helps to predict ', name(benchmarks[most.j]), '.'];
}

/** Steps of the diverging palette, 3 in the middle: by the square root, so that small values show too. */
function shade(value, largest) {
  const share = Math.sign(value) * Math.sqrt(Math.abs(value) / largest);
  return Math.max(0, Math.min(6, Math.round(3 + 3 * share)));
}

// ---------------------------------------------------------------- communities

function showCommunities(root, answer) {
  const measured = answer.filter((row) => known(row.intra) && known(row.inter));
  if (measured.length === 0) {
    root.append(el('p', { class: 'hint' }, 'No community has two models or more.'));
    return;
  }
  const clear = measured.filter(near).length;
  root.append(
    el('p', { class: 'finding' },
      `The models of ${fmt.count(clear)} of ${plural(measured.length, 'community', 'communities')} lie closer to each other than to the rest, beyond chance (p below 0.05).`),
    el('p', { class: 'hint' }, 'Mean distance of two models of a community (filled) and of one of them and another model (hollow). The distance of two models is the root-mean-square difference of their log-odds of being right.'));
  const span = axisOf(measured.flatMap((row) => [row.intra, row.inter]), { floor: 0 });
  const kinds = [['paper', 'Named in the paper'], ['family', 'Families, by the models’ names']];
  for (const [kind, heading] of kinds) {
    const rows = measured.filter((row) => (row.kind ?? 'paper') === kind).sort((a, b) => a.intra / a.inter - b.intra / b.inter);
    if (rows.length > 0) root.append(el('h3', {}, heading), communityRows(rows, span, heading));
  }
}

const near = (row) => row.intra < row.inter && known(row.pValue) && row.pValue < 0.05;

function communityRows(rows, span, heading) {
  return estimates({
    caption: `${heading}: mean distance within each community and to the other models`,
    head: 'Community', even: true, axis: span, format: (x) => fmt.number(x, 1), columns: [{ label: 'Within', spare: true }, { label: 'To others', spare: true }, 'p'],
    rows: rows.map((row) => ({
      name: name(row.community), note: plural(Array.isArray(row.models) ? row.models.length : row.models, 'model'), kind: near(row) ? 'ours' : 'plain',
      mark: { value: row.intra, join: true, others: [{ value: row.inter, kind: 'hollow' }] },
      cells: [fmt.number(row.intra), fmt.number(row.inter), chance(row.pValue)],
    })),
  });
}

const chance = (p) => (!known(p) ? '–' : p < 0.001 ? '< 0.001' : fmt.number(p, 3));
