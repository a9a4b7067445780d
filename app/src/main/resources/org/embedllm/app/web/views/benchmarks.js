// Benchmarks: what the vectors say about a benchmark nobody has run, what benchmarks teach each other, who is alike.
import { axisOf, estimates, name } from '../charts/intervals.js';
import { FIRST_PANELS, off, Panels, plainMse } from '../charts/panels.js';
import { card, choice, field } from '../lib/controls.js';
import { el } from '../lib/dom.js';
import { fmt, known, legible, plural } from '../lib/format.js';
import { quantity } from '../lib/quantity.js';
import { loading } from '../lib/states.js';
import { fadeMore } from '../lib/table.js';

export const title = 'Benchmarks';
export const hash = 'benchmarks';
export const lead = 'Each benchmark is left out in turn and predicted from the others, as if nobody had run it.';

export function mount(root, { api }) {
  const drawn = [];
  const part = (path, heading, show) => {
    const body = el('div', { class: 'stack' });
    root.append(card(heading, {}, body));
    return loading(body, (options) => api.get(path, options), (answer) => show(body, answer, (handle) => drawn.push(handle)));
  };
  root.classList.add('stack');
  const waits = [
    part('benchmarks', `Predicted and actual ${quantity.share}`, showPredictions),
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
  const all = `Show all ${benchmarks.length}`;
  const turn = () => {
    more.textContent = panels.toggle() ? 'Show fewer' : all;
  };
  const more = el('button', { type: 'button', on: { click: turn } }, all);
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
  const beside = [`a line on each model’s mean ${quantity.share} elsewhere by ${mean(plainMse)}`];
  if (measured.every((benchmark) => known(benchmark.baselineMse))) beside.push(`that mean itself by ${mean((b) => b.baselineMse)}`);
  if (measured.every((benchmark) => known(benchmark.meanMse))) beside.push(`the mean of all models by ${mean((b) => b.meanMse)}`);
  return el('div', { class: worth ? 'verdict' : 'verdict caution' },
    el('p', { class: 'sentence' },
      `The prediction comes nearer than the best plain baseline on ${fmt.count(better)} of ${plural(measured.length, 'benchmark')}`,
      worth ? '.' : ': a straight line through what is known elsewhere does at least as well.'),
    el('p', { class: 'hint' },
      `Off by ${mean((b) => b.mse)} over all benchmarks (root of the mean squared error), ${beside.join(', ')}. `,
      'A dot is a model that was left out of the regression: on the dashed line, prediction and truth agree. ',
      `Lines are 95% intervals: across, as far as the prediction missed 95% of the benchmark’s other models (all of them, where they are fewer than 19); upwards, of the actual ${quantity.share}.`));
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
  const { splits } = answer.totalMse;
  const error = (i, j) => (known(answer.splitDeviation[i][j]) ? answer.splitDeviation[i][j] / Math.sqrt(splits) : Infinity);
  const sure = (i, j) => Math.abs(matrix[i][j]) > 2 * error(i, j);
  const cell = (value, bold) => el('td', { class: `numeric d${shade(value, largest)}${bold ? ' sure' : ''}` }, show(value));
  root.append(
    el('p', { class: 'finding' }, contributionFinding(answer, sure)),
    el('p', { class: 'hint' },
      'How much the error of predicting the column’s benchmark falls when the row’s benchmark is among those the models answered. ',
      `Differences of mean squared errors of the ${quantity.share}, in units of 10`,
      el('sup', {}, `−${power}`), `; above zero the row helps. Bold: more than twice its error over ${fmt.count(splits)} splits away from zero.`),
    fadeMore(el('div', { class: 'scroll heat-scroll', tabindex: '0', role: 'region', 'aria-label': 'Contributions, table' },
      el('table', { class: 'heat', style: { 'max-width': `${12 + 5.5 * (benchmarks.length + 1)}rem` } },
        el('caption', { class: 'unseen' }, 'Contribution of each benchmark (row) to the prediction of each other benchmark (column)'),
        el('thead', {}, el('tr', {},
          el('th', { scope: 'col' }, el('span', { class: 'muted' }, 'helping ↓ predicted →')),
          benchmarks.map((benchmark) => el('th', { scope: 'col' }, el('span', { class: 'upright' }, name(benchmark)))),
          el('th', { scope: 'col', class: 'sum' }, el('span', { class: 'upright' }, 'all columns')))),
        el('tbody', {}, matrix.map((row, i) => el('tr', {},
          el('th', { scope: 'row' }, name(benchmarks[i])),
          row.map((value, j) => (there(i, j) ? cell(value, sure(i, j)) : el('td', { class: 'numeric self' }, i === j ? '' : '–'))),
          el('td', { class: 'numeric sum' }, known(rowSums[i]) ? show(rowSums[i]) : '–')))),
        el('tfoot', {}, el('tr', {},
          el('th', { scope: 'row' }, 'all rows'),
          columnSums.map((sum) => el('td', { class: 'numeric sum' }, known(sum) ? show(sum) : '–')),
          el('td', { class: 'sum' })))))));
}

/** How many help, how many surely, and which most. */
function contributionFinding({ benchmarks, matrix }, sure) {
  const entries = matrix.flatMap((row, i) => row.map((value, j) => ({ value, i, j }))).filter(({ value, i, j }) => i !== j && known(value));
  const above = entries.filter((entry) => entry.value > 0).length;
  const certain = entries.filter(({ i, j }) => sure(i, j));
  const [most] = [...entries].sort((a, b) => b.value - a.value);
  return [`${fmt.count(above)} of ${plural(entries.length, 'contribution')} are above zero; `,
    `${fmt.count(certain.length)} differ from zero by more than twice their error over the splits`,
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
  const tested = measured.filter((row) => known(row.pValue)).length;
  root.append(
    el('p', { class: 'finding' },
      measured.length === 1
        ? `The models of the one community are ${clear === 1 ? '' : 'not '}closer to each other `
        : `The models of ${fmt.count(clear)} of ${plural(measured.length, 'community', 'communities')} are closer to each other `,
      'than to the rest, beyond chance (p below 0.05). ',
      `Of ${plural(tested, 'test')}, chance alone would bring about ${fmt.number(tested * LEVEL, tested * LEVEL < 10 ? 1 : 0)} there.`),
    el('p', { class: 'hint' },
      'Mean distance of two models of a community (filled) and of one of them and another model (hollow). ',
      `The distance of two models is the root-mean-square difference of their log-odds of being ${quantity.right}.`));
  const span = axisOf(measured.flatMap((row) => [row.intra, row.inter]), { floor: 0 });
  const kinds = [['paper', 'Named in the paper'], ['family', 'Families, by the models’ names']];
  for (const [kind, heading] of kinds) {
    const rows = measured.filter((row) => (row.kind ?? 'paper') === kind).sort((a, b) => a.intra / a.inter - b.intra / b.inter);
    if (rows.length > 0) root.append(el('h3', {}, heading), communityRows(rows, span, heading));
  }
}

const LEVEL = 0.05;
const near = (row) => row.intra < row.inter && known(row.pValue) && row.pValue < LEVEL;

function communityRows(rows, span, heading) {
  return estimates({
    caption: `${heading}: mean distance within each community and to the other models`,
    head: 'Community', even: true, axis: span, format: fmt.number,
    columns: [{ label: 'Within', spare: true }, { label: 'To others', spare: true }, 'p'],
    rows: rows.map((row) => ({
      name: name(row.community), note: plural(Array.isArray(row.models) ? row.models.length : row.models, 'model'), kind: near(row) ? 'ours' : 'plain',
      mark: { value: row.intra, join: true, others: [{ value: row.inter, kind: 'hollow' }] },
      cells: [fmt.number(row.intra), fmt.number(row.inter), chance(row.pValue)],
    })),
  });
}

const chance = (p) => (!known(p) ? '–' : p < 0.001 ? '< 0.001' : fmt.number(p, 3));
