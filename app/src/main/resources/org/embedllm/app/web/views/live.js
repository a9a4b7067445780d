// Live: the gateway's decisions as they are made, and what became of them.
import { card, choice, field } from '../lib/controls.js';
import { el } from '../lib/dom.js';
import { plural } from '../lib/format.js';
import { quantity } from '../lib/quantity.js';
import { empty, loading } from '../lib/states.js';
import { showDetails } from './decision-details.js';
import { Decisions } from './decisions.js';
import { LiveFigures } from './live-figures.js';
import { TrafficFigures } from './traffic.js';
import { body, words } from './vote.js';

export const title = 'Live';
export const hash = 'live';
export const lead = `The gateway’s decisions as they are made. ${quantity.learning}`;

const SUMMARY_MS = 2000; // at most so often while things happen
const IDLE_MS = 15000; // and at least so often, so that the window moves on
const TRAFFIC_MS = 10000; // between two readings of the store
const WINDOWS = [
  { value: '15', label: 'last 15 minutes' }, { value: '60', label: 'last hour' },
  { value: '360', label: 'last 6 hours' }, { value: '1440', label: 'last day' },
];

export function mount(root, context) {
  if (!context.overview.has.live) {
    empty(root, {
      title: 'No gateway is running here',
      text: 'This page was started by “explore”: it shows what the vectors know, and nothing is sent to any model. '
        + 'Start the gateway on this model with upstreams of your own, or try one with simulated upstreams '
        + '(embedllm serve --demo); it serves this page too, with this view alive.',
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
  #decisions = new Decisions((decision, score, other) => this.#feedback(decision, score, other), (id) => this.#details(id), (id) => this.#decision(id));
  #figures = null;
  #minutes = WINDOWS[0].value;
  #paused = false;
  #opened = false;
  #state = 'connecting';
  #lost = 0;
  #wait = null;
  #asked = 0;
  #due = Infinity;
  #timer = 0;
  #traffic = null;
  #trafficTimer = 0;
  #waitTraffic = null;

  constructor(root, context) {
    this.#context = context;
    root.classList.add('stack');
    root.append(...this.#build());
    this.#say();
    this.#follow();
    this.#waitTraffic = loading(this.traffic, (options) => this.#context.api.get('live/traffic', options), (answer) => {
      this.#traffic = new TrafficFigures(this.verdicts, this.traffic);
      this.#traffic.show(answer);
      this.#trafficTimer = setTimeout(() => this.#refreshTraffic(), TRAFFIC_MS);
    });
  }

  unmount() {
    this.#decisions.leave();
    this.#stop.abort();
    clearTimeout(this.#timer);
    clearTimeout(this.#trafficTimer);
    this.#waitTraffic?.cancel();
    this.#wait?.cancel();
    this.#figures?.dispose();
  }

  update(params) {
    const minutes = params.get('minutes');
    if (WINDOWS.some((window) => window.value === minutes)) this.#minutes = minutes;
    this.window.value = this.#minutes;
    this.#load();
  }

  #build() {
    this.status = el('p', { class: 'live-status' });
    this.pause = el('button', { type: 'button', 'aria-pressed': 'false', on: { click: () => this.#hold(!this.#paused) } }, 'Pause');
    this.window = choice(WINDOWS, this.#minutes, (minutes) => {
      this.#minutes = minutes;
      this.#context.setParams({ minutes });
      this.#load();
    });
    this.strip = el('div', { class: 'card strip' });
    this.summary = el('div', { class: 'stack' });
    this.verdicts = el('div', { class: 'stack' });
    this.traffic = el('div', { class: 'traffic-cards' });
    const how = quantity.votes
      ? 'Thumbs say whether an answer is better or worse than that of another model, which is chosen then. The model’s name opens the details.'
      : 'Thumbs say whether an answer was good; what was said is sent after five seconds, unless it is undone. The model’s name opens the details.';
    return [
      el('div', { class: 'row live-head' }, this.status, this.pause, field('Figures of the', this.window)),
      this.strip,
      el('div', { class: 'live-columns' },
        el('div', { class: 'stack' }, card('Decisions', { lead: how }, this.#decisions.nodes), this.verdicts), this.summary),
      this.traffic,
    ];
  }

  // ---------------------------------------------------------------- following

  #follow() {
    this.#context.api.stream('live', {
      signal: this.#stop.signal,
      onEvent: ({ data }) => this.#event(JSON.parse(data)),
      onState: (state) => {
        // What was decided before one heard of it is in the summary's list.
        if (state === 'open' && this.#state === 'lost') this.#load();
        if (state === 'open') this.#soon();
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
    if (event.event === 'decided') this.#decisions.add(event.decision);
    else if (event.event === 'scored') this.#decisions.heard(event.decision, { score: event.score });
    else if (event.event === 'voted') this.#decisions.heard(event.decision, { vote: event.vote });
    else if (event.event === 'lost') this.#lost += event.events;
    this.#soon();
    this.#say();
  }

  #hold(paused) {
    this.#paused = paused;
    this.pause.setAttribute('aria-pressed', String(paused));
    this.pause.textContent = paused ? 'Go on' : 'Pause';
    this.#decisions.hold(paused);
    this.#say();
  }

  #say(problem = '') {
    const [words, kind] = {
      connecting: ['Connecting', 'waiting'],
      open: this.#paused ? ['Paused', 'waiting'] : ['Following', 'following'],
      lost: ['Connection lost, connecting again', 'broken'],
      ended: [`Not following: ${problem}`, 'broken'],
    }[this.#state];
    const text = words + (this.#lost > 0 ? `; ${plural(this.#lost, 'event')} came too fast to be shown` : '');
    this.status.className = `live-status ${kind}`;
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  #details(id) {
    showDetails(id, (of) => this.#decision(of), (decision, score, other) => this.#feedback(decision, score, other));
  }

  /** With its candidates. */
  #decision(id) {
    return this.#context.api.get(`live/decision?id=${encodeURIComponent(id)}`, { signal: this.#stop.signal });
  }

  /** @param other the model that the answer is compared with; null for a score */
  async #feedback(decision, score, other = null) {
    const said = other === null ? { decision: decision.id, score } : body(decision, score, other);
    const kept = await this.#context.api.post('/v1/feedback', said, { keepalive: true });
    if (this.#stop.signal.aborted) return kept.learned;
    this.#context.announce(other === null
      ? `Sent: ${score === 1 ? quantity.good : quantity.bad}, for ${kept.model}${kept.learned ? '. Its vector moved' : ''}`
      : `Sent: ${decision.answeredBy ?? decision.chosen} ${words(score)} ${other}${kept.learned ? '. Both vectors moved' : ''}`);
    this.#soon();
    return kept.learned;
  }

  // ---------------------------------------------------------------- figures

  /** Reloads the figures and the earlier decisions. */
  #load() {
    this.#wait?.cancel();
    this.#figures?.dispose();
    this.#figures = null;
    this.summary.replaceChildren();
    this.#wait = loading(this.strip, (options) => this.#get(options), (answer) => {
      if (answer.adminOnly) this.strip.replaceChildren(el('p', { class: 'hint' }, answer.adminOnly));
      else this.#figures = new LiveFigures(this.strip, this.summary, answer);
      if (this.#opened) this.#decisions.catchUp(answer.recent);
      else this.#decisions.history(answer.recent);
      this.#opened = true;
      // Soon, for what was decided between this list and the first event.
      this.#schedule(SUMMARY_MS);
    });
  }

  #get(options) {
    this.#asked = Date.now();
    return this.#context.api.get(`live/summary?minutes=${this.#minutes}&recent=${this.#decisions.most}`, options);
  }

  /** Something happened: the figures are asked for, not more often than every two seconds. */
  #soon() {
    const wait = Math.max(0, SUMMARY_MS - (Date.now() - this.#asked));
    if (Date.now() + wait < this.#due) this.#schedule(wait);
  }

  #schedule(wait) {
    clearTimeout(this.#timer);
    this.#due = Date.now() + wait;
    this.#timer = setTimeout(() => this.#refresh(), wait);
  }

  async #refresh() {
    this.#due = Infinity;
    const figures = this.#figures;
    if (this.#opened && !document.hidden) {
      try {
        const answer = await this.#get({ signal: this.#stop.signal });
        if (figures === this.#figures) {
          figures?.show(answer);
          this.#decisions.catchUp(answer.recent);
        }
      } catch (error) {
        if (error.name === 'AbortError') return;
        // The status line says that the connection is lost; figures stay as they were.
      }
    }
    if (this.#due === Infinity) this.#schedule(IDLE_MS);
  }

  async #refreshTraffic() {
    if (!document.hidden) {
      try {
        this.#traffic.show(await this.#context.api.get('live/traffic', { signal: this.#stop.signal }));
      } catch (error) {
        if (error.name === 'AbortError') return;
        // The status line says that the connection is lost; figures stay as they were.
      }
    }
    this.#trafficTimer = setTimeout(() => this.#refreshTraffic(), TRAFFIC_MS);
  }
}
