// The gateway's last while in figures: requests, shares, latency, fallbacks, spend, calibration against feedback.
import { axis, chart, tooltip } from '../charts/chart.js';
import { axisOf, estimates, facts, name } from '../charts/intervals.js';
import { reliability } from '../charts/reliability.js';
import { card } from '../lib/controls.js';
import { el } from '../lib/dom.js';
import { fmt, plural } from '../lib/format.js';
import { quantity } from '../lib/quantity.js';

const MOST_MODELS = 12;
const FEW_DECISIONS = 100;
const STEPS = {
  encode: 'encode the prompt',
  route: 'choose',
  upstream: 'wait for the upstream',
  overhead: 'everything else before the first byte',
  total: 'whole request',
};

const clock = (iso) => new Date(iso).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
const hint = (text) => el('p', { class: 'hint' }, text);

export class LiveFigures {
  #summary;
  #charts;

  /**
   * @param strip where the figures at a glance go
   * @param root where all others go
   */
  constructor(strip, root, summary) {
    this.#summary = summary;
    this.glance = el('div', {});
    this.timeline = el('div', { class: 'timeline' });
    this.shares = el('div', {});
    this.latency = el('div', {});
    this.fallbacks = el('div', {});
    this.calibrated = hint('');
    this.diagram = el('div', {});
    strip.replaceChildren(el('h2', { class: 'unseen' }, 'Requests'), this.glance, this.timeline);
    root.replaceChildren(
      card('Share by model', {}, this.shares),
      card('Latency', {}, this.latency),
      card('Fallbacks', {}, this.fallbacks),
      card('Calibration against feedback', {}, this.calibrated, this.diagram));
    this.#charts = [
      this.#drawTimeline(),
      reliability(this.diagram, () => this.#bins(), { label: `Share ${quantity.good} by feedback against forecast probability`, counted: 'Outcomes', joined: false }),
    ];
    this.#fill();
  }

  show(summary) {
    this.#summary = summary;
    this.#fill();
    // The focus inside a chart's table is kept: the table is not rebuilt.
    if (document.activeElement?.closest('.as-table > .table')) return;
    for (const drawn of this.#charts) drawn.update();
  }

  dispose() {
    for (const drawn of this.#charts) drawn.dispose();
  }

  #fill() {
    this.glance.replaceChildren(glance(this.#summary));
    this.shares.replaceChildren(shares(this.#summary.models));
    this.latency.replaceChildren(latency(this.#summary.latencies));
    this.fallbacks.replaceChildren(fallbacks(this.#summary.fallbacks));
    this.calibrated.textContent = calibration(this.#summary.calibration);
    this.diagram.hidden = this.#summary.calibration.outcomes === 0;
  }

  #bins() {
    return this.#summary.calibration.bins.map((bin) =>
      ({ forecast: bin.meanForecast, score: bin.meanScore, low: bin.low, high: bin.high, count: bin.outcomes }));
  }

  #drawTimeline() {
    const option = (theme) => {
      const slices = this.#summary.timeline;
      const stripes = { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: Math.PI / 4, color: theme.surface };
      const bars = (value, itemStyle) => ({ type: 'bar', stack: 'requests', data: slices.map(value), barCategoryGap: '12%', animation: false, itemStyle });
      return {
        grid: { left: 0, right: 20, top: 8, bottom: 4, containLabel: true },
        xAxis: { ...axis(theme), type: 'category', data: slices.map((slice) => clock(slice.from)), splitLine: { show: false } },
        yAxis: { ...axis(theme), type: 'value', minInterval: 1, splitNumber: 2, axisLine: { show: false } },
        tooltip: {
          trigger: 'axis',
          axisPointer: { type: 'none' },
          formatter: ([{ dataIndex }]) => tooltip(clock(slices[dataIndex].from),
            [['Requests', fmt.count(slices[dataIndex].requests)], ['Errors', fmt.count(slices[dataIndex].errors)]]),
        },
        series: [
          bars((slice) => slice.requests - slice.errors, { color: theme.accent }),
          bars((slice) => slice.errors, { color: theme.bad, decal: stripes }),
        ],
      };
    };
    const table = () => ({
      columns: [
        { label: 'From', head: true, value: (slice) => slice.from, cell: (slice) => clock(slice.from) },
        { label: 'Requests', numeric: true, value: (slice) => slice.requests },
        { label: 'Errors', numeric: true, value: (slice) => slice.errors },
      ],
      rows: this.#summary.timeline,
    });
    return chart(this.timeline, option, { label: 'Requests over time, answered and failed', height: '6.5rem', table });
  }
}

function glance({ requests, errors, fellBack, streamed, cost, unpriced, latencies }) {
  const total = latencies.find((step) => step.step === 'total');
  const share = (count) => (requests > 0 ? fmt.percent(count / requests) : null);
  const price = requests > 0 ? `${fmt.money(cost / requests)} a request` : null;
  return facts([
    ['Requests', fmt.count(requests), streamed > 0 ? `${fmt.count(streamed)} streamed` : null],
    ['Errors', fmt.count(errors), share(errors)],
    ['Fell back', fmt.count(fellBack), share(fellBack)],
    ['Spent', fmt.money(cost), unpriced > 0 ? `${plural(unpriced, 'call')} without a price` : price],
    ['Median time', fmt.ms(total?.p50), total ? `99%: ${fmt.ms(total.p99)}` : null],
  ]);
}

function shares(models) {
  if (models.length === 0) return hint('No request was answered in this window.');
  return estimates({
    caption: 'Requests by the model that answered',
    head: 'Model', axis: axisOf([0, ...models.map((row) => row.share)], { floor: 0, ceiling: 1, count: 3 }), format: fmt.percent, columns: ['Requests', { label: 'Spent', spare: true }],
    rows: models.slice(0, MOST_MODELS).map((row) => ({
      name: name(row.model), kind: 'plain', mark: { value: row.share, bar: true },
      cells: [[fmt.percent(row.share, 0), el('small', {}, fmt.count(row.requests))], fmt.money(row.cost)],
    })),
  });
}

/** A table of text and numbers: `heads` with the numeric ones marked by a leading #. */
function plainTable(caption, heads, rows) {
  const kind = (k) => (heads[k].startsWith('#') ? 'numeric' : null);
  return el('table', {},
    el('caption', { class: 'unseen' }, caption),
    el('thead', {}, el('tr', {}, heads.map((head, k) => el('th', { scope: 'col', class: kind(k) }, head.replace('#', ''))))),
    el('tbody', {}, rows.map(([first, ...others]) => el('tr', {},
      el('th', { scope: 'row' }, first), others.map((cell, k) => el('td', { class: kind(k + 1) }, cell))))));
}

function latency(latencies) {
  if (latencies.length === 0) return hint('Nothing was measured in this window.');
  return plainTable('Latency quantiles by step', ['Step', '#Median', '#90%', '#99%'],
    latencies.map(({ step, p50, p90, p99 }) => [STEPS[step] ?? step, fmt.ms(p50), fmt.ms(p90), fmt.ms(p99)]));
}

function fallbacks(rows) {
  if (rows.length === 0) return hint('None: no upstream was asked in vain.');
  return plainTable('Upstreams asked in vain', ['Upstream', 'What happened', '#Times'],
    rows.map((row) => [name(row.upstream), row.kind, fmt.count(row.count)]));
}

function calibration({ outcomes, meanForecast, meanScore, error, brier }) {
  if (outcomes === 0) return `No feedback in this window. Say of a decision whether its answer was ${quantity.good}.`;
  return `${plural(outcomes, 'decision')} with feedback: forecast ${fmt.percent(meanForecast)}, ${quantity.good} ${fmt.percent(meanScore)}. `
    + `Calibration error ${fmt.number(error, 3)}, Brier score ${fmt.number(brier, 3)}.`
    + (outcomes < FEW_DECISIONS ? ' So few say little: mind the intervals.' : '');
}
