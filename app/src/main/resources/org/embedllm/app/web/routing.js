// Routing and costs: is it worth routing, against every baseline and at every price.
import { card, el, fmt, legible, loading, plural, tooltip } from './kit.js';
import { axis, chart } from './charts.js';
import { reliability } from './reliability.js';
import { axisOf, estimate, estimates, facts, known, name, sentence, SHARES } from './instruments.js';

export const title = 'Routing and costs';
export const hash = 'routing';
export const lead = 'What the router gains on questions it has not seen, beside what one could do without it.';

const FIRST_SHARES = 10;
const LABELLED = 24;

const percent = (x) => fmt.percent(x, 0);

export function mount(root, { api }) {
  const drawn = [];
  const keep = (handle) => drawn.push(handle);
  const verdict = el('div', { class: 'verdict caution', hidden: true });
  const evaluation = el('div', { class: 'stack' });
  const costs = el('div', { class: 'stack' });
  root.classList.add('stack');
  root.append(verdict, evaluation, costs);
  const waits = [
    loading(evaluation, (options) => api.get('evaluation?split=test', options), (answer) => {
      say(verdict, answer.verdict, answer.routing.routerMinusSingleBestInterval?.[0] > 0, provenance(answer));
      showEvaluation(evaluation, answer, keep);
    }),
    loading(costs, (options) => api.get('costs', options), (answer) => {
      say(verdict, answer.verdict, answer.route);
      showCosts(costs, answer, keep);
    }),
  ];
  return {
    unmount() {
      for (const wait of waits) wait.cancel();
      for (const handle of drawn) handle.dispose();
    },
  };
}

// ---------------------------------------------------------------- forecasts and routes

function showEvaluation(root, answer, keep) {
  const { routing, forecast } = answer;
  const diagram = el('div', {});
  root.append(
    el('div', { class: 'columns' },
      card('Router and baselines', { lead: 'Share of questions answered rightly. The oracle knows which model is right; random knows nothing.' },
        routers(routing), difference(routing)),
      card('By benchmark', { lead: 'Router (filled), best single model of the benchmark (hollow) and oracle (upright line).' }, perBenchmark(routing)),
      card('Right or wrong, forecast', { lead: 'Share of single answers whose being right or wrong is forecast.' },
        forecasters(forecast), forecastFigures(forecast)),
      card('Reliability', { lead: reliabilityLead(answer) }, diagram),
      card('Share of calls', { lead: shareLead(routing) }, shares(routing))));
  keep(drawReliability(diagram, answer));
}

/** The verdict on quality stands first, the one on cost after it, whichever is known first. */
function say(root, text, worth, hint = null) {
  root.hidden = false;
  if (worth) root.classList.remove('caution');
  const said = el('div', {}, el('p', { class: 'sentence' }, sentence(text)), hint ? el('p', { class: 'hint' }, hint) : null);
  if (hint) root.prepend(said);
  else root.append(said);
}

function provenance(answer) {
  const part = { test: 'held-out test questions', val: 'validation questions', train: 'training questions', all: 'questions of all splits' }[answer.split] ?? answer.split;
  return `${fmt.count(answer.questions)} ${part}, ${plural(answer.models, 'model')}, ${plural(answer.cells, 'answer')}. `
    + 'Intervals are 95%, questions resampled. The candidates of a question are the models whose answer to it is known.';
}

/** Every way to choose a model, on one axis. */
function routers(routing) {
  const row = (label, key, kind, note) => ({ label, value: routing[key], interval: routing[`${key}Interval`], kind, note });
  const all = [
    row('Oracle', 'oracle', 'bound', 'some model is right'),
    row('Router', 'router', 'ours'),
    { label: 'Best single model', value: routing.singleBest.accuracy, interval: routing.singleBest.accuracyInterval, kind: 'plain', note: name(routing.singleBest.model) },
    row('Nearest neighbours', 'knn', 'plain', routing.knnReason),
    row('Same shares, at random', 'weightedRandom', 'plain'),
    row('Any model, at random', 'random', 'bound'),
  ].filter((each) => known(each.value)).sort((a, b) => b.value - a.value);
  const span = axisOf(all.flatMap((each) => [each.value, ...(each.interval ?? [])]), { floor: 0, ceiling: 1 });
  return estimates({
    caption: 'Share of questions answered rightly by each way to choose a model, with 95% intervals',
    head: 'Choice', axis: { ...span, rules: [routing.singleBest.accuracy] }, format: percent, columns: ['Right'],
    rows: all.map((each) => ({
      name: each.label, note: each.note, kind: each.kind,
      mark: { value: each.value, low: each.interval?.[0], high: each.interval?.[1] },
      cells: [estimate(each.value, each.interval)],
    })),
  });
}

function difference(routing) {
  const against = (key, label) => known(routing[key])
    ? [label, gain(routing[key]), routing[`${key}Interval`] ? range(routing[`${key}Interval`]) : null] : null;
  return facts([against('routerMinusSingleBest', 'Router over best single'), against('routerMinusKnn', 'Router over neighbours')].filter(Boolean));
}

/** A difference in points; nothing has no sign. */
const gain = (x) => fmt.points(x).replace(/^[+−](0\.0) /, '$1 ');
const range = ([low, high]) => `${gain(low).replace(' pts', '')} to ${gain(high)}`;

function forecasters(forecast) {
  const { majorityPerModel, majorityPerModelInterval, majorityPerModelAndBenchmark, majorityPerModelAndBenchmarkInterval, knn } = forecast.baselines;
  const all = [
    { label: 'This model', value: forecast.accuracy, interval: forecast.accuracyInterval, kind: 'ours' },
    knn ? { label: 'Nearest neighbours', note: `k = ${knn.k}`, value: knn.accuracy, interval: knn.accuracyInterval, kind: 'plain' } : { value: null },
    { label: 'Majority by benchmark', note: 'each model’s own', value: majorityPerModelAndBenchmark, interval: majorityPerModelAndBenchmarkInterval, kind: 'plain' },
    { label: 'Majority', note: 'each model’s own', value: majorityPerModel, interval: majorityPerModelInterval, kind: 'plain' },
  ].filter((each) => known(each.value)).sort((a, b) => b.value - a.value);
  const span = axisOf(all.flatMap((each) => [each.value, ...(each.interval ?? [])]), { floor: 0, ceiling: 1 });
  return estimates({
    caption: 'Share of answers forecast rightly, with 95% intervals',
    head: 'Forecaster', axis: span, format: (x) => fmt.percent(x, Number.isInteger(Math.round(x * 1e6) / 1e4) ? 0 : 1), columns: ['Right'],
    rows: all.map((each) => ({
      name: each.label, note: each.note, kind: each.kind,
      mark: { value: each.value, low: each.interval?.[0], high: each.interval?.[1] },
      cells: [estimate(each.value, each.interval)],
    })),
  });
}

function forecastFigures(forecast) {
  const score = (label, key, note) => [label, fmt.number(forecast[key], 4), note ?? plain(forecast[`${key}Interval`])];
  return facts([score('Log loss', 'logLoss'), score('Brier score', 'brier'), score('AUC', 'auc')]);
}

const plain = (interval, digits = 3) => (interval ? `${fmt.number(interval[0], digits)}–${fmt.number(interval[1], digits)}` : null);

function perBenchmark(routing) {
  const rows = Object.entries(routing.perBenchmark).map(([benchmark, row]) => ({ benchmark, ...row }))
    .sort((a, b) => b.routerMinusSingleBest - a.routerMinusSingleBest);
  return estimates({
    caption: 'Router, best single model and oracle on each benchmark',
    head: 'Benchmark', axis: SHARES, format: percent, columns: [{ label: 'Router', spare: true }, { label: 'Single', spare: true }, 'Gain'],
    rows: rows.map((row) => ({
      name: name(row.benchmark), note: plural(row.questions, 'question'), kind: row.routerMinusSingleBestInterval?.[0] > 0 ? 'ours' : 'plain',
      mark: { value: row.router, join: true, others: [{ value: row.singleBest, kind: 'hollow' }, { value: row.oracle, kind: 'limit' }], low: row.routerInterval?.[0], high: row.routerInterval?.[1] },
      cells: [percent(row.router), el('span', { title: row.singleBestModel }, percent(row.singleBest)),
        [gain(row.routerMinusSingleBest), row.routerMinusSingleBestInterval ? el('small', {}, range(row.routerMinusSingleBestInterval)) : null]],
    })),
  });
}

function shareLead(routing) {
  const used = Object.values(routing.share).filter((share) => share > 0).length;
  const [top] = Object.entries(routing.share).sort((a, b) => b[1] - a[1]);
  return [`${plural(used, 'model')} of ${fmt.count(Object.keys(routing.share).length)} get calls; `, name(top[0]), ` gets ${percent(top[1])} of them.`];
}

function shares(routing) {
  const all = Object.entries(routing.share).filter(([, share]) => share > 0).sort((a, b) => b[1] - a[1]);
  const first = all.length > FIRST_SHARES + 2 ? all.slice(0, FIRST_SHARES) : all;
  const rest = all.slice(first.length);
  const rows = first.map(([model, share]) => ({ name: name(model), kind: 'plain', mark: { value: share, bar: true }, cells: [fmt.percent(share)] }));
  if (rest.length > 0) {
    const sum = rest.reduce((total, [, share]) => total + share, 0);
    rows.push({ name: `${fmt.count(rest.length)} others together`, kind: 'bound', mark: { value: sum, bar: true }, cells: [fmt.percent(sum)] });
  }
  const span = axisOf([0, all[0]?.[1] ?? 1], { floor: 0, ceiling: 1 });
  return estimates({ caption: 'Share of calls each model gets from the router', head: 'Model', axis: { ...span, low: 0 }, format: percent, columns: ['Calls'], rows });
}

// ---------------------------------------------------------------- reliability

function reliabilityLead({ reliability: { error, expectedOfPerfect } }) {
  const sentence = error <= expectedOfPerfect
    ? 'no more than chance alone would show'
    : `${fmt.number(error / expectedOfPerfect, 1)} times what chance alone would show`;
  return [el('b', {}, `Calibration error ${fmt.number(error, 4)}`), `, ${sentence}: a perfectly calibrated forecaster would show ${fmt.number(expectedOfPerfect, 4)} on as many answers.`];
}

function drawReliability(root, answer) {
  const bins = answer.reliability.bins.filter((bin) => known(bin.meanForecast))
    .map((bin) => ({ forecast: bin.meanForecast, score: bin.meanScore, low: bin.low, high: bin.high, count: bin.cells }));
  return reliability(root, () => bins, {
    label: `Reliability diagram: share of right answers against forecast probability in ${bins.length} bins of equal count; calibration error ${fmt.number(answer.reliability.error, 4)}`,
    counted: 'Answers',
  });
}

// ---------------------------------------------------------------- costs

function showCosts(root, answer, keep) {
  const plot = el('div', {});
  root.append(card('Quality against cost', { lead: 'Share of questions answered rightly against the mean cost of a call. The dial runs from price alone to quality alone.' }, plot, costFigures(answer)));
  keep(drawCosts(plot, answer));
}

function costFigures(answer) {
  const saved = answer.costSavedAtBestSingle;
  return facts([
    ['Cost saved at the best single model’s quality', known(saved) ? fmt.percent(saved, 0) : 'none', known(saved) ? null : 'no setting is as good'],
    ['Best router over best single', gain(answer.gain), answer.gainInterval ? range(answer.gainInterval) : null],
    ['Quality averaged over the curve', fmt.percent(answer.area), null],
    ['Smallest pool with 99% of the quality', plural(answer.pool.length, 'model'), answer.pool.map((model, k) => [k > 0 ? ', ' : '', name(model)])],
  ]);
}

function drawCosts(root, answer) {
  const priced = (point) => known(point.cost) && known(point.quality);
  const dial = answer.points.filter((point) => point.policy.startsWith('dial') && priced(point)).sort((a, b) => a.cost - b.cost);
  const targets = answer.points.filter((point) => point.policy.startsWith('cheapest') && priced(point));
  const models = answer.models.filter(priced);
  const front = answer.front.filter(priced).sort((a, b) => a.cost - b.cost);
  const onFront = new Set(front.map((point) => point.policy));
  const logarithmic = [...dial, ...models].every((point) => point.cost > 0);
  const narrow = () => root.clientWidth < 560;
  const ranked = [...models].sort((a, b) => onFront.has(b.model) - onFront.has(a.model) || b.quality - a.quality).map((point) => point.model);
  const [low, high] = [Math.min(...models.map((point) => point.cost)), Math.max(...models.map((point) => point.cost))];
  const ends = logarithmic ? bounds([...dial, ...models]) : { min: 0, max: 1.1 * high };
  const qualities = [...dial, ...targets, ...models].map((point) => point.quality);
  const [worst, best] = [Math.floor(10 * Math.min(...qualities)) / 10, Math.min(1, Math.ceil(10 * Math.max(...qualities) + 0.1) / 10)];
  const top = () => (narrow() ? 100 : 40);
  /** Where a point comes to stand, in pixels, near enough to keep names apart. */
  const place = ({ cost, quality }) => {
    const share = logarithmic ? Math.log(cost / ends.min) / Math.log(ends.max / ends.min) : cost / ends.max;
    return { x: 70 + share * (root.clientWidth - 94), y: (best - quality) / (best - worst) * (root.querySelector('.chart').clientHeight - top() - 50) };
  };
  const datum = (text, kind) => (point) => ({ value: [point.cost, point.quality], text: text(point), kind });
  const single = (theme) => {
    const wanted = ranked.slice(0, narrow() ? 8 : LABELLED).map((model) => models.find((point) => point.model === model));
    const sides = apart(wanted.map((point) => ({ key: point.model, ...place(point), width: 6.2 * cut(point.model).length })),
      [...models, ...dial, ...targets].map(place), root.clientWidth);
    return (point) => ({
      ...datum((p) => p.model, onFront.has(point.model) ? 'single model, on the Pareto front' : 'single model')(point),
      label: {
        show: sides.has(point.model), formatter: () => cut(point.model), position: sides.get(point.model) ?? 'right', distance: 6, color: theme.ink, fontSize: 11,
        fontFamily: theme.font, textBorderColor: theme.surface, textBorderWidth: 3,
      },
    });
  };
  const option = (theme) => ({
    grid: { left: 32, right: 24, top: top(), bottom: 28, containLabel: true },
    legend: { left: 0, top: 0, itemGap: narrow() ? 6 : 20, orient: narrow() ? 'vertical' : 'horizontal', align: 'left', data: ['Router, dial from price to quality', 'Router, cheapest at target', 'Single model', 'Pareto front'] },
    xAxis: { ...axis(theme), type: logarithmic ? 'log' : 'value', name: `Mean cost of a call${logarithmic ? ', logarithmic' : ''}`, nameLocation: 'middle', nameGap: 28, ...ends, axisLabel: { ...axis(theme).axisLabel, formatter: fmt.money, ...(logarithmic ? { showMinLabel: false, showMaxLabel: false } : {}) } },
    yAxis: { ...axis(theme), type: 'value', min: worst, max: best, name: 'Questions answered rightly', nameLocation: 'middle', nameGap: 40, axisLabel: { ...axis(theme).axisLabel, formatter: percent } },
    tooltip: { trigger: 'item', formatter: ({ data }) => tooltip(data.text, [['Right', fmt.percent(data.value[1])], ['Mean cost', fmt.money(data.value[0])]], data.kind) },
    series: [
      {
        name: 'Pareto front', type: 'line', step: 'end', data: front.map(datum((p) => p.policy, 'on the Pareto front')), symbol: 'none', silent: true, z: 1,
        lineStyle: { color: theme.muted, width: 1, type: 'dashed' }, itemStyle: { color: theme.muted },
      },
      {
        name: 'Router, dial from price to quality', type: 'line', data: dial.map(datum(setting, 'router')), symbol: 'circle', symbolSize: 6, showAllSymbol: true, z: 3,
        lineStyle: { color: theme.accent, width: 2 }, itemStyle: { color: theme.accent },
      },
      {
        name: 'Router, cheapest at target', type: 'scatter', data: targets.map(datum(setting, 'router')), symbol: 'triangle', symbolSize: 11, z: 4,
        itemStyle: { color: theme.surface, borderColor: theme.accent, borderWidth: 1.5 },
      },
      {
        name: 'Single model', type: 'scatter', data: models.map(single(theme)), symbol: 'rect', symbolSize: 8, z: 2,
        itemStyle: { color: theme.ink, borderColor: theme.surface, borderWidth: 1 }
      },
    ],
  });
  const rows = [
    ...models.map((point) => ({ kind: 'single model', label: point.model, ...point, front: onFront.has(point.model) })),
    ...[...dial, ...targets].map((point) => ({ kind: 'router', label: setting(point), ...point, front: onFront.has(point.policy) })),
  ];
  return chart(root, option, {
    label: `Share of right answers against mean cost of a call: ${plural(models.length, 'single model')} and the router’s settings. ${answer.verdict}`,
    height: 'clamp(22rem, 55vh, 34rem)',
    table: {
      columns: [
        { label: 'Policy or model', head: true, value: (row) => row.label, cell: (row) => name(row.label) },
        { label: 'Kind', value: (row) => row.kind },
        { label: 'Mean cost', numeric: true, value: (row) => row.cost, cell: (row) => fmt.money(row.cost) },
        { label: 'Right', numeric: true, value: (row) => row.quality, cell: (row) => fmt.percent(row.quality) },
        { label: 'Pareto front', value: (row) => (row.front ? 'yes' : 'no') },
      ],
      rows,
    },
  });
}

/**
 * On which side of its point each name finds room, the first first; a name without room is left out and waits for the
 * pointer.
 */
function apart(names, points, width) {
  const boxes = points.map(({ x, y }) => ({ left: x - 4, right: x + 4, top: y - 4, bottom: y + 4 }));
  const sides = new Map();
  for (const { key, x, y, width: length } of names) {
    const at = {
      right: { left: x + 5, right: x + 8 + length, top: y - 6, bottom: y + 6 },
      left: { left: x - 8 - length, right: x - 5, top: y - 6, bottom: y + 6 },
      top: { left: x - length / 2, right: x + length / 2, top: y - 19, bottom: y - 6 },
      bottom: { left: x - length / 2, right: x + length / 2, top: y + 6, bottom: y + 19 },
    };
    const free = (box) => box.left > 60 && box.right < width - 10
      && boxes.every((other) => box.right < other.left || other.right < box.left || box.bottom < other.top || other.bottom < box.top);
    const side = Object.keys(at).find((key) => free(at[key]));
    if (side) {
      sides.set(key, side);
      boxes.push(at[side]);
    }
  }
  return sides;
}

/** "dial 0.5000" → "dial 0.5". */
const setting = ({ policy }) => policy.replace(/ (\d*\.?\d+)$/, (_, value) => ` ${Number(value)}`);

const cut = (text) => (legible(text).length > 28 ? `${text.slice(0, 27)}…` : legible(text));

/** Ends of a logarithmic axis close to the data: ECharts would go to whole powers of ten. */
function bounds(points) {
  const costs = points.map((point) => point.cost);
  return { min: Math.min(...costs) / 1.3, max: Math.max(...costs) * 1.6 };
}
