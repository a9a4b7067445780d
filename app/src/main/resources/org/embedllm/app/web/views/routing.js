// Routing and costs: is it worth routing, against every baseline and at every price.
import { axisOf, estimate, estimates, facts, name } from '../charts/intervals.js';
import { reliability } from '../charts/reliability.js';
import { card } from '../lib/controls.js';
import { el } from '../lib/dom.js';
import { fmt, gain, gainRange, known, plural, prose, sentence } from '../lib/format.js';
import { loading } from '../lib/states.js';
import { savedBeside, showCosts } from './costs.js';
import { capitalized, quantity } from '../lib/quantity.js';

export const title = 'Routing and costs';
export const hash = 'routing';
export const lead = 'What the router gains on questions it has not seen, beside what one could do without it.';

const FIRST_SHARES = 10;

const percent = (x) => fmt.percent(x, 0);

export function mount(root, { api }) {
  const drawn = [];
  const keep = (handle) => drawn.push(handle);
  const recommendation = el('div', { class: 'stack verdicts', hidden: true });
  const measurements = {}; // as they come
  const evaluation = el('div', { class: 'stack' });
  const costs = el('div', { class: 'stack' });
  root.classList.add('stack');
  root.append(recommendation, costs, evaluation);
  // What is not there is no beginning.
  const lastWhereMissing = (answer) => {
    if (answer.status === 'unavailable') root.append(costs);
    return answer;
  };
  const waits = [
    loading(evaluation, (options) => api.get('evaluation?split=test', options), (answer) => {
      recommend(recommendation, Object.assign(measurements, { evaluation: answer }));
      showEvaluation(evaluation, answer, keep);
    }),
    alsoAsAsked(api, (asAsked) => recommend(recommendation, Object.assign(measurements, { asAsked }))),
    loading(costs, (options) => api.get('costs', options).then(lastWhereMissing), (answer) => {
      recommend(recommendation, Object.assign(measurements, { costs: answer }));
      showCosts(costs, answer, keep);
    }, 'Quality against cost'),
  ];
  return {
    unmount() {
      for (const wait of waits) wait.cancel();
      for (const handle of drawn) handle.dispose();
    },
  };
}

/** Judges the recommendation by other forms of the questions too; `show` is told how far that is, and what came of it. */
function alsoAsAsked(api, show) {
  const controller = new AbortController();
  const { signal } = controller;
  api.get('recommendation', { signal, onProgress: (progress) => show({ progress }) }).then(
    (answer) => answer.status !== 'unavailable' && !signal.aborted && show(answer),
    (error) => error.name !== 'AbortError' && show({ asAsked: false, asAskedReason: error.message }));
  return { cancel: () => controller.abort() };
}

// ---------------------------------------------------------------- forecasts and routes

function showEvaluation(root, answer, keep) {
  const { routing, forecast } = answer;
  const diagram = el('div', {});
  root.append(
    el('div', { class: 'columns' },
      card('Router and baselines', { lead: `Share of questions ${quantity.answered}. The oracle knows which model is ${quantity.right}; random knows nothing.` },
        routers(routing), difference(routing)),
      card('By benchmark', { lead: 'Router (filled), best single model of the benchmark (hollow) and oracle (upright line).' }, perBenchmark(routing)),
      card(`${capitalized(quantity.either)}, forecast`, { lead: `How often the forecast says correctly whether a model is ${quantity.right}.` },
        forecasters(forecast), forecastFigures(forecast)),
      card('Reliability', { lead: reliabilityLead(answer) }, diagram),
      card('Share of calls', { lead: shareLead(routing) }, shares(routing))));
  keep(drawReliability(diagram, answer));
}

/** What to do, in one sentence, with three numbers and one caveat. */
function recommend(root, { evaluation, costs, asAsked }) {
  if (!evaluation) return;
  const { routing } = evaluation;
  const advice = advise({ ...evaluation, recommendation: asAsked?.recommendation ?? evaluation.recommendation }, costs);
  const saved = costs?.costSavedAtBestSingle;
  root.hidden = false;
  root.replaceChildren(el('section', { class: advice.routes ? 'verdict' : 'verdict caution', 'aria-labelledby': 'recommendation' },
    el('h2', { class: 'about', id: 'recommendation' }, 'Recommendation'),
    el('p', { class: 'sentence' }, sentence(prose(advice.text))),
    facts([
      [`${capitalized(quantity.right)} answers, over the best single model`, gain(routing.routerMinusSingleBest), routing.routerMinusSingleBestInterval ? gainRange(routing.routerMinusSingleBestInterval) : null],
      ['Cost saved at its quality, on test', known(saved) ? fmt.percent(saved, 0) : '–', costs ? savedBeside(costs) : 'prices are needed'],
      ['Still to gain, if the best model were always known', gain(routing.oracle - routing.router), null],
    ]),
    el('p', { class: 'hint' }, [provenance(evaluation), judgedBy(asAsked)].join(' '))));
}

/** By which forms of the questions the recommendation was judged. */
function judgedBy(asAsked) {
  if (!asAsked) return '';
  if (asAsked.progress) return `Asking validation questions again, as people ask them: ${asAsked.progress.step}, ${percent(asAsked.progress.fraction)}.`;
  return asAsked.asAsked
    ? 'Validation questions were also asked as people ask them: without options, in lower case, in a chat.'
    : `Judged by the questions as they are: ${asAsked.asAskedReason}.`;
}

/** What is to be done: the program's own words where it has them. */
function advise({ routing, recommendation, verdict }, costs) {
  if (recommendation) return { routes: recommendation.use !== 'single', text: recommendation.text };
  const sure = routing.routerMinusSingleBestInterval?.[0] > 0;
  return sure || !costs?.route ? { routes: sure, text: verdict } : { routes: true, text: costs.verdict };
}

const SPLITS = {
  test: 'test questions',
  val: 'validation questions',
  train: 'training questions',
  all: 'questions of all splits',
};

function provenance({ split, questions, models, cells }) {
  return `${fmt.count(questions)} ${SPLITS[split] ?? split}, ${plural(models, 'model')}, ${plural(cells, 'answer')}. `
    + 'Intervals are 95%, questions resampled. The candidates of a question are the models whose answer to it is known.';
}

/** Rows `{label, note, value, interval, kind}` on one axis, the best first; what is not known is left out. */
function compared(rows, { caption, head, column, rules = [] }) {
  const there = rows.filter((row) => known(row.value)).sort((a, b) => b.value - a.value);
  const span = axisOf(there.flatMap((row) => [row.value, ...(row.interval ?? [])]), { floor: 0, ceiling: 1 });
  return estimates({
    caption, head, axis: { ...span, rules }, format: fmt.percent, columns: [column],
    rows: there.map(({ label, note, value, interval, kind = 'plain' }) => ({
      name: label, note, kind, mark: { value, low: interval?.[0], high: interval?.[1] }, cells: [estimate(value, interval)],
    })),
  });
}

/** A key of an evaluation and its interval. */
const measured = (from, key) => ({ value: from[key], interval: from[`${key}Interval`] });

/** Every way to choose a model. */
function routers(routing) {
  const { singleBest } = routing;
  return compared([
    { label: 'Oracle', note: `some model is ${quantity.right}`, kind: 'bound', ...measured(routing, 'oracle') },
    { label: 'Router', kind: 'ours', ...measured(routing, 'router') },
    { label: 'Best single model', note: name(singleBest.model), ...measured(singleBest, 'accuracy') },
    { label: 'Nearest neighbors', ...measured(routing, 'knn') },
    { label: 'Same shares, at random', ...measured(routing, 'weightedRandom') },
    { label: 'Any model, at random', kind: 'bound', ...measured(routing, 'random') },
  ], { caption: `Share of questions ${quantity.answered} by each way to choose a model, with 95% intervals`, head: 'Choice', column: capitalized(quantity.right), rules: [singleBest.accuracy] });
}

function difference(routing) {
  const against = (key, label) => (known(routing[key])
    ? [[label, gain(routing[key]), routing[`${key}Interval`] ? gainRange(routing[`${key}Interval`]) : null]] : []);
  return facts([...against('routerMinusSingleBest', 'Router over best single'), ...against('routerMinusKnn', 'Router over neighbors')]);
}

function forecasters(forecast) {
  const { baselines } = forecast;
  return compared([
    { label: 'This model', kind: 'ours', ...measured(forecast, 'accuracy') },
    { label: 'Nearest neighbors', note: `k = ${baselines.knn?.k}`, ...measured(baselines.knn ?? {}, 'accuracy') },
    { label: 'Majority by benchmark', note: 'each model’s own', ...measured(baselines, 'majorityPerModelAndBenchmark') },
    { label: 'Majority', note: 'each model’s own', ...measured(baselines, 'majorityPerModel') },
  ], { caption: 'Share of forecasts that came true, with 95% intervals', head: 'Forecaster', column: 'Accuracy' });
}

function forecastFigures(forecast) {
  const ends = (interval) => (interval ? `${fmt.number(interval[0], 3)}–${fmt.number(interval[1], 3)}` : null);
  const score = (label, key) => [label, fmt.number(forecast[key], 3), ends(forecast[`${key}Interval`])];
  return facts([score('Log loss', 'logLoss'), score('Brier score', 'brier'), score('AUC', 'auc')]);
}

/** Where the router gains most first. */
function perBenchmark(routing) {
  const rows = Object.entries(routing.perBenchmark).sort((a, b) => b[1].routerMinusSingleBest - a[1].routerMinusSingleBest);
  const span = axisOf(rows.flatMap(([, row]) => [row.router, row.singleBest, row.oracle, ...(row.routerInterval ?? [])]), { floor: 0, ceiling: 1, count: 4 });
  return estimates({
    caption: 'Router, best single model and oracle on each benchmark',
    head: 'Benchmark', axis: span, format: fmt.percent, columns: [{ label: 'Router', spare: true }, { label: 'Single', spare: true }, 'Gain'],
    rows: rows.map(([benchmark, row]) => ({
      name: name(benchmark),
      note: plural(row.questions, 'question'),
      kind: row.routerMinusSingleBestInterval?.[0] > 0 ? 'ours' : 'plain',
      mark: {
        value: row.router, low: row.routerInterval?.[0], high: row.routerInterval?.[1], join: true,
        others: [{ value: row.singleBest, kind: 'hollow' }, { value: row.oracle, kind: 'limit' }],
      },
      cells: [
        percent(row.router),
        el('span', { title: row.singleBestModel }, percent(row.singleBest)),
        [gain(row.routerMinusSingleBest), row.routerMinusSingleBestInterval ? el('small', {}, gainRange(row.routerMinusSingleBestInterval)) : null],
      ],
    })),
  });
}

function shareLead(routing) {
  const shares = Object.entries(routing.share).sort((a, b) => b[1] - a[1]);
  const used = shares.filter(([, share]) => share > 0).length;
  return [`${plural(used, 'model')} of ${fmt.count(shares.length)} get calls; `, name(shares[0][0]), ` gets ${percent(shares[0][1])} of them.`];
}

function shares(routing) {
  const all = Object.entries(routing.share).filter(([, share]) => share > 0).sort((a, b) => b[1] - a[1]);
  const first = all.length > FIRST_SHARES + 2 ? all.slice(0, FIRST_SHARES) : all;
  const rest = all.slice(first.length);
  const row = (label, share, kind) => ({ name: label, kind, mark: { value: share, bar: true }, cells: [fmt.percent(share)] });
  const rows = first.map(([model, share]) => row(name(model), share, 'plain'));
  if (rest.length > 0) rows.push(row(`${fmt.count(rest.length)} others together`, rest.reduce((sum, [, share]) => sum + share, 0), 'bound'));
  const span = axisOf([0, ...rows.map((each) => each.mark.value)], { floor: 0, ceiling: 1 });
  return estimates({ caption: 'Share of calls each model gets from the router', head: 'Model', axis: span, format: fmt.percent, columns: ['Calls'], rows });
}

// ---------------------------------------------------------------- reliability

function reliabilityLead({ reliability: { error, expectedOfPerfect, bins } }) {
  const beside = error <= expectedOfPerfect
    ? 'no more than chance alone would show'
    : `${fmt.number(error / expectedOfPerfect, 1)} times what chance alone would show`;
  return [el('b', {}, `Calibration error ${fmt.number(error, 3)}`),
    `, ${beside}: a perfectly calibrated forecaster would show ${fmt.number(expectedOfPerfect, 3)} on as many independent answers. `,
    `Dots are ${bins.length} bins of as many answers each; their 95% intervals take a question’s answers together, `,
    'since these tend to agree.'];
}

function drawReliability(root, answer) {
  const bins = answer.reliability.bins.filter((bin) => known(bin.meanForecast))
    .map((bin) => ({ forecast: bin.meanForecast, score: bin.meanScore, low: bin.low, high: bin.high, count: bin.cells }));
  return reliability(root, () => bins, {
    label: `Reliability diagram: share of ${quantity.right} answers against forecast probability in ${bins.length} bins of equal count`,
    counted: 'Answers',
  });
}
