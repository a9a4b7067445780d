// Routing and costs: is it worth routing, against every baseline and at every price.
import { card, el, fmt, loading, plural } from './kit.js';
import { showCosts } from './costs.js';
import { reliability } from './reliability.js';
import { axisOf, estimate, estimates, facts, gain, gainRange, known, name, sentence, SHARES } from './instruments.js';

export const title = 'Routing and costs';
export const hash = 'routing';
export const lead = 'What the router gains on questions it has not seen, beside what one could do without it.';

const FIRST_SHARES = 10;

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
    ? [label, gain(routing[key]), routing[`${key}Interval`] ? gainRange(routing[`${key}Interval`]) : null] : null;
  return facts([against('routerMinusSingleBest', 'Router over best single'), against('routerMinusKnn', 'Router over neighbours')].filter(Boolean));
}

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
        [gain(row.routerMinusSingleBest), row.routerMinusSingleBestInterval ? el('small', {}, gainRange(row.routerMinusSingleBestInterval)) : null]],
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
