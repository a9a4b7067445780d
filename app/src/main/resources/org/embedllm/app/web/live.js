// Live: the gateway's decisions as they are made, and what became of them.
import { card, choice, el, empty, field, fmt, loading, plural, tooltip } from './kit.js';
import { axis, chart } from './charts.js';
import { estimates, facts, known, name, SHARES } from './instruments.js';
import { reliability } from './reliability.js';

export const title = 'Live';
export const hash = 'live';
export const lead = 'The gateway’s decisions as they are made. Say which answers were right, and the models’ vectors learn.';

const KEPT_ROWS = 200;
const FEW_OUTCOMES = 100;
const SUMMARY_MS = 2000; // at most so often while things happen
const IDLE_MS = 15000; // and at least so often, so that the window moves on
const WINDOWS = [
  { value: '15', label: 'last 15 minutes' }, { value: '60', label: 'last hour' },
  { value: '360', label: 'last 6 hours' }, { value: '1440', label: 'last day' },
];

const percent = (x) => fmt.percent(x, 0);

export function mount(root, context) {
  if (!context.overview.has.live) {
    empty(root, {
      title: 'No gateway is running here',
      text: 'This page was started by “explore”: it shows what the vectors know, and nothing is sent to any model. Start the gateway on this model with upstreams of your own, or try one with simulated upstreams (embedllm serve --demo); it serves this page too, with this view alive.',
      command: `./embedllm serve ${quoted(context.overview.model)} --config gateway.yaml`,
    });
    return {};
  }
  return new Live(root, context);
}

/** A word for a POSIX shell. */
const quoted = (word) => (/^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

class Live {
  #context;
  #stop = new AbortController();
  #minutes = '15';
  #rows = new Map(); // by decision, the newest first in the table
  #held = []; // decisions that came while the list stands still
  #paused = false;
  #touched = false;
  #state = 'connecting';
  #asked = 0;
  #timer = 0;
  #summary = null;
  #charts = [];
  #lost = 0;

  constructor(root, context) {
    this.#context = context;
    root.classList.add('stack');
    root.append(...this.#build());
    this.#say();
    this.#follow();
  }

  unmount() {
    this.#stop.abort();
    clearTimeout(this.#timer);
    this.#wait?.cancel();
    for (const drawn of this.#charts) drawn.dispose();
  }

  update(params) {
    const minutes = params.get('minutes');
    if (WINDOWS.some((window) => window.value === minutes)) this.#minutes = minutes;
    this.window.value = this.#minutes;
    this.#load();
  }

  // ---------------------------------------------------------------- what stands on the page

  #build() {
    this.status = el('p', { class: 'live-status' });
    this.pause = el('button', { type: 'button', 'aria-pressed': 'false', on: { click: () => this.#hold(!this.#paused) } }, 'Pause');
    this.window = choice(WINDOWS, this.#minutes, (minutes) => {
      this.#minutes = minutes;
      this.#context.setParams({ minutes });
      this.#load();
    });
    this.fresh = el('button', { type: 'button', class: 'fresh', hidden: true, on: { click: () => this.#release() } });
    this.body = el('tbody', { on: { keydown: (event) => this.#key(event), focusin: (event) => this.#at(event.target.closest('tr')) } });
    this.table = el('table', { class: 'decisions' },
      el('caption', { class: 'unseen' }, 'Decisions, the newest first'),
      el('thead', {}, el('tr', {}, ['Time', 'Model', 'P(right)', 'Policy', 'Took', 'Cost', 'Was it right?'].map((label, k) =>
        el('th', { scope: 'col', class: ['when', null, 'numeric', 'optional', 'numeric', 'numeric optional', null][k] }, label)))),
      this.body);
    this.none = el('p', { class: 'hint' }, 'No decision yet. Send a request to this server’s /v1/chat/completions with "model": "auto", and it appears here.');
    this.list = el('div', { class: 'scroll', on: { pointerenter: () => this.#touch(true), pointerleave: () => this.#touch(false), focusin: () => this.#touch(true), focusout: (event) => this.#touch(this.list.contains(event.relatedTarget)) } }, this.table);
    this.strip = el('div', { class: 'card strip' });
    this.summary = el('div', { class: 'stack' });
    return [
      el('div', { class: 'row live-head' }, this.status, this.pause, field('Figures of the', this.window)),
      this.strip,
      el('div', { class: 'live-columns' },
        card('Decisions', { lead: 'Arrow keys move; R says the answer was right, W that it was wrong. What is sent counts at once and cannot be taken back.' }, this.fresh, this.none, this.list),
        this.summary),
    ];
  }

  // ---------------------------------------------------------------- following

  #follow() {
    this.#context.api.stream('live', {
      signal: this.#stop.signal,
      onEvent: ({ data }) => this.#event(JSON.parse(data)),
      onState: (state) => {
        // After a gap, what was missed is in the summary's list.
        if (state === 'open' && this.#state === 'lost') this.#load();
        if (state === 'lost' && this.#state !== 'lost') this.#context.announce('Connection lost, connecting again');
        this.#state = state;
        this.#say();
      },
    }).catch((error) => {
      this.#state = 'ended';
      this.#say(error.message);
    });
  }

  #event(event) {
    if (event.event === 'decided') this.#decided(event.decision);
    else if (event.event === 'scored') this.#scored(event.decision, event.score);
    else if (event.event === 'lost') this.#lost += event.events;
    this.#soon();
    this.#say();
  }

  #say(problem = '') {
    const words = {
      connecting: ['Connecting', 'waiting'], open: this.#paused ? ['Paused', 'waiting'] : ['Following', 'following'],
      lost: ['Connection lost, connecting again', 'broken'], ended: [`Not following: ${problem}`, 'broken'],
    }[this.#state];
    const missed = this.#lost > 0 ? `; ${plural(this.#lost, 'event')} came too fast to be shown` : '';
    this.status.className = `live-status ${words[1]}`;
    const text = words[0] + missed;
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  #hold(paused) {
    this.#paused = paused;
    this.pause.setAttribute('aria-pressed', String(paused));
    this.pause.textContent = paused ? 'Go on' : 'Pause';
    if (!paused) this.#release();
    this.#say();
  }

  /** The list stands still under a pointer or the focus: what one aims at must not move. */
  #touch(touched) {
    this.#touched = touched;
    if (!touched && !this.#paused) this.#release();
  }

  #release() {
    const held = this.#held;
    this.#held = [];
    this.fresh.hidden = true;
    for (const decision of held) this.#insert(decision);
  }

  #decided(decision) {
    if (this.#rows.has(decision.id)) return;
    if (!this.#paused && !this.#touched) {
      this.#insert(decision);
      return;
    }
    this.#held.push(decision);
    if (this.#held.length > KEPT_ROWS) this.#held.shift();
    this.fresh.hidden = false;
    this.fresh.textContent = `Show ${this.#held.length === KEPT_ROWS ? `the latest ${KEPT_ROWS}` : plural(this.#held.length, 'new decision')}`;
  }

  // ---------------------------------------------------------------- the list

  #insert(decision) {
    if (this.#rows.has(decision.id)) return;
    const row = this.#row(decision);
    this.#rows.set(decision.id, row);
    this.body.prepend(row);
    this.none.hidden = true;
    this.list.hidden = false;
    while (this.body.children.length > KEPT_ROWS) {
      const last = this.body.lastElementChild;
      this.#rows.delete(last.dataset.decision);
      last.remove();
    }
    if (!this.body.querySelector('tr.at')) this.#at(row);
  }

  #row(decision) {
    const { id, at, chosen, answeredBy, probability, policy, requested, latency, cost, failed, status, error, prompt, score } = decision;
    const rescued = answeredBy && answeredBy !== chosen;
    const time = new Date(at);
    const row = el('tr', { dataset: { decision: id }, class: status >= 400 ? 'failed' : null },
      el('td', { class: 'when' }, el('time', { datetime: at, title: time.toLocaleString() }, time.toLocaleTimeString('en-GB'))),
      el('th', { scope: 'row' },
        rescued ? [el('s', {}, name(chosen)), ' → '] : null,
        name(answeredBy ?? chosen),
        failed.length > 0 ? el('small', {}, `in vain: ${failed.join(', ')}`) : null,
        rescued && failed.length === 0 ? el('small', {}, 'the chosen one was not asked: its upstream rests, or is busy') : null,
        status >= 400 ? el('small', { class: 'bad' }, `failed: ${status} ${error ?? ''}`) : null,
        status === 0 ? el('small', {}, 'decision only') : null,
        prompt ? el('small', { class: 'said', dir: 'auto' }, prompt) : null),
      el('td', { class: 'numeric' }, percent(probability)),
      el('td', { class: 'optional' }, policy ?? ['named ', name(requested)]),
      el('td', { class: 'numeric' }, fmt.ms(latency.total)),
      el('td', { class: 'numeric optional' }, fmt.money(cost)),
      el('td', { class: 'outcome-cell' }));
    if (known(score)) this.#settle(row, score);
    else if (status < 400) this.#ask(row, decision);
    else row.lastElementChild.append(el('span', { class: 'hint', tabindex: '-1' }, 'no answer'));
    return row;
  }

  #ask(row, decision, problem = null) {
    const model = decision.answeredBy ?? decision.chosen;
    const button = (score, sign, word) => el('button', {
      type: 'button', class: 'say', tabindex: row.classList.contains('at') ? '0' : '-1', 'aria-label': `${word}: ${model}`, title: word, dataset: { score },
      on: { click: () => this.#send(row, decision, score) },
    }, sign);
    row.lastElementChild.replaceChildren(
      el('span', { class: 'says', role: 'group', 'aria-label': 'Was the answer right?' }, button(1, '✓', 'Right'), button(0, '✗', 'Wrong')),
      problem ? el('small', { class: 'bad', role: 'alert' }, problem) : '');
  }

  async #send(row, decision, score) {
    const focused = row.contains(document.activeElement);
    row.lastElementChild.replaceChildren(el('small', { tabindex: '-1' }, 'sending'));
    if (focused) row.lastElementChild.firstElementChild.focus();
    try {
      const kept = await this.#context.api.post('/v1/feedback', { decision: decision.id, score }, { signal: this.#stop.signal });
      this.#settle(row, score, kept.learned);
      this.#context.announce(`Sent: ${score === 1 ? 'right' : 'wrong'}, for ${kept.model}${kept.learned ? '. Its vector moved' : ''}`);
      this.#soon();
    } catch (error) {
      if (error.name === 'AbortError') return;
      this.#ask(row, decision, error.message);
    }
    if (focused) row.lastElementChild.querySelector('[tabindex]')?.focus();
  }

  /** What was said about a decision; it stays. */
  #settle(row, score, learned = false) {
    const words = score === 1 ? ['right', '✓ right'] : score === 0 ? ['wrong', '✗ wrong'] : ['unknown', `score ${fmt.number(score)}`];
    row.lastElementChild.replaceChildren(el('span', { class: `mark ${words[0]}`, tabindex: row.classList.contains('at') ? '0' : '-1' }, words[1], learned ? el('small', {}, 'vector moved') : ''));
  }

  #scored(id, score) {
    const row = this.#rows.get(id);
    // What was sent from here is shown already, with what came of it.
    if (row && !row.querySelector('.mark')) this.#settle(row, score);
    for (const decision of this.#held) if (decision.id === id) decision.score = score;
  }

  // ---------------------------------------------------------------- keys

  /** One row is in the tab order; arrows move it. */
  #at(row) {
    if (!row || row.classList.contains('at')) return;
    for (const old of this.body.querySelectorAll('tr.at')) {
      old.classList.remove('at');
      for (const stop of old.querySelectorAll('[tabindex="0"]')) stop.tabIndex = -1;
    }
    row.classList.add('at');
    for (const stop of row.querySelectorAll('[tabindex]')) stop.tabIndex = 0;
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const row = event.target.closest('tr');
    const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key];
    const score = { r: 1, w: 0 }[event.key.toLowerCase()];
    if (step && row?.[step]) {
      this.#at(row[step]);
      (row[step].querySelector(`[data-score="${event.target.dataset.score}"]`) ?? row[step].querySelector('[tabindex]'))?.focus();
      event.preventDefault();
    } else if (score !== undefined) {
      row?.querySelector(`[data-score="${score}"]`)?.click();
      event.preventDefault();
    }
  }

  // ---------------------------------------------------------------- figures

  #wait = null;

  /** The figures and what was decided before, anew. */
  #load() {
    this.#wait?.cancel();
    this.#summary = null;
    this.summary.replaceChildren();
    this.#wait = loading(this.strip, (options) => this.#get(options), (answer) => {
      this.#showSummary(answer);
      this.#remember(answer.recent ?? []);
    });
  }

  #get(options) {
    this.#asked = Date.now();
    return this.#context.api.get(`live/summary?minutes=${this.#minutes}&recent=${KEPT_ROWS}`, options);
  }

  #remember(recent) {
    const missing = recent.filter((decision) => !this.#rows.has(decision.id));
    if (missing.length === 0) return;
    // The oldest first: rows are put in at the top.
    for (const decision of [...missing].reverse()) this.#decided(decision);
  }

  #soon() {
    if (this.#timer !== 0 && this.#due - Date.now() <= SUMMARY_MS) return;
    this.#schedule(Math.max(0, SUMMARY_MS - (Date.now() - this.#asked)));
  }

  #due = 0;

  #schedule(wait) {
    clearTimeout(this.#timer);
    this.#due = Date.now() + wait;
    this.#timer = setTimeout(async () => {
      this.#timer = 0;
      if (this.#summary !== null && !document.hidden) {
        try {
          const answer = await this.#get({ signal: this.#stop.signal });
          this.#showSummary(answer);
        } catch (error) {
          if (error.name === 'AbortError') return;
          // The status line says that the connection is lost; figures stay as they were.
        }
      }
      if (!this.#stop.signal.aborted && this.#timer === 0) this.#schedule(IDLE_MS);
    }, wait);
  }

  #showSummary(answer) {
    const first = this.#summary === null;
    this.#summary = answer;
    if (first) this.#layOut();
    this.figures.replaceChildren(this.#facts());
    this.shares.replaceChildren(this.#shares());
    this.latency.replaceChildren(this.#latency());
    this.fallbacks.replaceChildren(this.#fallbacks());
    this.calibrated.textContent = this.#calibration();
    this.diagram.hidden = answer.calibration.outcomes === 0;
    // Whoever is inside a chart's table keeps the place: it is not rebuilt.
    if (!document.activeElement?.closest('.as-table > .table')) for (const drawn of this.#charts) drawn.update();
    if (first) this.#schedule(IDLE_MS);
  }

  #layOut() {
    for (const drawn of this.#charts.splice(0)) drawn.dispose();
    this.figures = el('div', {});
    this.timeline = el('div', { class: 'timeline' });
    this.shares = el('div', {});
    this.latency = el('div', {});
    this.fallbacks = el('div', {});
    this.calibrated = el('p', { class: 'hint' });
    this.diagram = el('div', {});
    this.strip.replaceChildren(el('h2', { class: 'unseen' }, 'Requests'), this.figures, this.timeline);
    this.summary.replaceChildren(
      card('Share by model', {}, this.shares),
      card('Latency', {}, this.latency),
      card('Fallbacks', {}, this.fallbacks),
      card('Calibration against feedback', {}, this.calibrated, this.diagram));
    this.#charts.push(this.#drawTimeline(), reliability(this.diagram, () => this.#bins(), { label: 'Share right by feedback against forecast probability', counted: 'Outcomes', joined: false }));
  }

  #facts() {
    const { requests, errors, fellBack, streamed, cost, unpriced, latencies } = this.#summary;
    const total = latencies.find((step) => step.step === 'total');
    return facts([
      ['Requests', fmt.count(requests), streamed > 0 ? `${fmt.count(streamed)} streamed` : null],
      ['Errors', fmt.count(errors), requests > 0 ? fmt.percent(errors / requests) : null],
      ['Fell back', fmt.count(fellBack), requests > 0 ? fmt.percent(fellBack / requests) : null],
      ['Spent', fmt.money(cost), unpriced > 0 ? `${plural(unpriced, 'call')} without a price` : requests > 0 ? `${fmt.money(cost / requests)} a request` : null],
      ['Median time', total ? fmt.ms(total.p50) : '–', total ? `99%: ${fmt.ms(total.p99)}` : null],
    ]);
  }

  #drawTimeline() {
    const clock = (iso) => new Date(iso).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
    return chart(this.timeline, (theme) => {
      const slices = this.#summary.timeline;
      const bars = (label, color, value, decal) => ({
        name: label, type: 'bar', stack: 'requests', data: slices.map(value), barCategoryGap: '12%', animation: false,
        itemStyle: { color, ...(decal ? { decal: { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: Math.PI / 4, color: theme.surface } } : {}) },
      });
      return {
        grid: { left: 0, right: 4, top: 8, bottom: 4, containLabel: true },
        xAxis: { ...axis(theme), type: 'category', data: slices.map((slice) => clock(slice.from)), splitLine: { show: false } },
        yAxis: { ...axis(theme), type: 'value', minInterval: 1, splitNumber: 2, axisLine: { show: false } },
        tooltip: {
          trigger: 'axis', axisPointer: { type: 'none' },
          formatter: ([{ dataIndex }]) => tooltip(clock(slices[dataIndex].from), [['Requests', fmt.count(slices[dataIndex].requests)], ['Errors', fmt.count(slices[dataIndex].errors)]]),
        },
        series: [bars('answered', theme.accent, (slice) => slice.requests - slice.errors), bars('errors', theme.bad, (slice) => slice.errors, true)],
      };
    }, {
      label: 'Requests over time, answered and failed',
      height: '6.5rem',
      table: () => ({
        columns: [
          { label: 'From', head: true, value: (slice) => slice.from, cell: (slice) => clock(slice.from) },
          { label: 'Requests', numeric: true, value: (slice) => slice.requests },
          { label: 'Errors', numeric: true, value: (slice) => slice.errors },
        ],
        rows: this.#summary.timeline,
      }),
    });
  }

  #shares() {
    const { models } = this.#summary;
    if (models.length === 0) return el('p', { class: 'hint' }, 'No request was answered in this window.');
    return estimates({
      caption: 'Requests by the model that answered',
      head: 'Model', axis: SHARES, format: percent, columns: ['Requests', { label: 'Spent', spare: true }],
      rows: models.slice(0, 12).map((row) => ({ name: name(row.model), kind: 'plain', mark: { value: row.share, bar: true }, cells: [[percent(row.share), el('small', {}, fmt.count(row.requests))], fmt.money(row.cost)] })),
    });
  }

  #latency() {
    const { latencies } = this.#summary;
    if (latencies.length === 0) return el('p', { class: 'hint' }, 'Nothing was measured in this window.');
    const words = { encode: 'encode the prompt', route: 'choose', upstream: 'wait for the upstream', overhead: 'everything else before the first byte', total: 'whole request' };
    return el('table', {},
      el('caption', { class: 'unseen' }, 'Latency quantiles by step'),
      el('thead', {}, el('tr', {}, ['Step', 'Median', '90%', '99%'].map((label, k) => el('th', { scope: 'col', class: k > 0 ? 'numeric' : null }, label)))),
      el('tbody', {}, latencies.map((step) => el('tr', {}, el('th', { scope: 'row' }, words[step.step] ?? step.step),
        [step.p50, step.p90, step.p99].map((value) => el('td', { class: 'numeric' }, fmt.ms(value)))))));
  }

  #fallbacks() {
    const { fallbacks } = this.#summary;
    if (fallbacks.length === 0) return el('p', { class: 'hint' }, 'None: every request was answered by the first model asked.');
    return el('table', {},
      el('caption', { class: 'unseen' }, 'Upstreams asked in vain'),
      el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Upstream'), el('th', { scope: 'col' }, 'What happened'), el('th', { scope: 'col', class: 'numeric' }, 'Times'))),
      el('tbody', {}, fallbacks.map((row) => el('tr', {}, el('th', { scope: 'row' }, name(row.upstream)), el('td', {}, row.kind), el('td', { class: 'numeric' }, fmt.count(row.count))))));
  }

  #bins() {
    return (this.#summary?.calibration.bins ?? []).map((bin) => ({ forecast: bin.meanForecast, score: bin.meanScore, low: bin.low, high: bin.high, count: bin.outcomes }));
  }

  #calibration() {
    const { outcomes, meanForecast, meanScore, error, brier } = this.#summary.calibration;
    if (outcomes === 0) return 'No feedback in this window. Say of a decision whether its answer was right.';
    return `${plural(outcomes, 'outcome')}: forecast ${fmt.percent(meanForecast)}, right ${fmt.percent(meanScore)}. Calibration error ${fmt.number(error, 3)}, Brier score ${fmt.number(brier, 3)}.${outcomes < FEW_OUTCOMES ? ' So few say little: mind the intervals.' : ''}`;
  }
}
