// The list of decisions, the newest first, and feedback on each by its thumbs.
import { name } from '../charts/intervals.js';
import { el, svg } from '../lib/dom.js';
import { fmt, known, plural } from '../lib/format.js';
import { command } from '../lib/states.js';
import { capitalized, quantity } from '../lib/quantity.js';
import { ALONE, form, others, verdict, words } from './vote.js';

const KEPT_ROWS = 200;
const UNDO_MS = 5000; // until what was said is sent
const HEADS = [['Time', 'when'], ['Model', null], [`P(${quantity.right})`, 'numeric'], ['Policy', 'optional'],
  ['Took', 'numeric took'], ['Cost', 'numeric optional'], [`Was it ${quantity.good}?`, null]];

export class Decisions {
  #send;
  #open;
  #load;
  #rows = new Map(); // by the decision's id
  #held = []; // decisions that came while the list is paused
  #waiting = new Map(); // what sends the feedback of a row, while it can be undone
  #sending = new Map(); // rows whose feedback is on its way, with what was heard of them meanwhile
  #paused = false;
  #touched = false;

  /**
   * @param open called with a decision's id when its details are wanted
   * @param send (decision, score, other) → promise of whether vectors moved; rejects with what went wrong. `other` is
   *   the model that a vote compares with, and null for a score
   * @param load id → promise of the decision with its candidates
   */
  constructor(send, open, load) {
    this.#send = send;
    this.#open = open;
    this.#load = load;
    this.fresh = el('button', { type: 'button', class: 'fresh', hidden: true, on: { click: () => this.#release() } });
    this.none = el('div', {}, el('p', { class: 'hint' }, 'No decision yet. Send a request, and it appears here:'),
      command(`curl ${location.origin}/v1/chat/completions -H 'Content-Type: application/json' -d '{"model": "auto", "messages": [{"role": "user", "content": "What is 17 * 23?"}]}'`));
    this.body = el('tbody', { on: { keydown: (event) => this.#key(event), focusin: (event) => this.#at(event.target.closest('tr')) } });
    this.list = el('div', {
      class: 'scroll',
      on: {
        pointerenter: () => this.#touch(true),
        pointerleave: () => this.#touch(false),
        focusin: () => this.#touch(true),
        focusout: (event) => this.#touch(this.list.contains(event.relatedTarget)),
      },
    }, el('table', { class: 'decisions' },
      el('caption', { class: 'unseen' }, 'Decisions, the newest first'),
      el('thead', {}, el('tr', {}, HEADS.map(([label, kind]) => el('th', { scope: 'col', class: kind }, label)))),
      this.body));
    this.nodes = [this.fresh, this.none, this.list];
    addEventListener('pagehide', this.#sendAll);
  }

  /** How many decisions are kept at most. */
  get most() {
    return KEPT_ROWS;
  }

  add(decision) {
    if (this.#knows(decision.id)) return;
    if (!this.#paused && !this.#touched) {
      this.#insert(decision);
      return;
    }
    this.#held.push(decision);
    if (this.#held.length > KEPT_ROWS) this.#held.shift();
    this.fresh.hidden = false;
    this.fresh.textContent = `Show ${this.#held.length === KEPT_ROWS ? `the latest ${KEPT_ROWS}` : plural(this.#held.length, 'new decision')}`;
  }

  /**
   * Earlier decisions: they are below the newer ones, and are shown even
   * while the list is paused, because nothing under a pointer moves.
   *
   * @param decisions the newest first
   */
  history(decisions) {
    for (const decision of decisions) {
      if (this.#knows(decision.id) || this.body.children.length >= KEPT_ROWS) continue;
      const row = this.#row(decision);
      this.#rows.set(decision.id, row);
      this.body.append(row);
    }
    this.none.hidden = this.body.children.length > 0;
    if (!this.body.querySelector('tr.at')) this.#at(this.body.firstElementChild);
  }

  /**
   * What the server says of the latest decisions: none of them is missed, nor feedback on one.
   *
   * @param decisions the newest first
   */
  catchUp(decisions) {
    for (const decision of [...decisions].reverse()) {
      if (!this.#knows(decision.id)) this.add(decision);
      else this.heard(decision.id, decision);
    }
  }

  /** Feedback on a decision has been kept, wherever it came from. */
  heard(id, feedback) {
    for (const decision of this.#held) if (decision.id === id) Object.assign(decision, feedback);
    const row = this.#rows.get(id);
    if (!row) return;
    const { score, other } = verdict(row.dataset.model, feedback);
    // What is sent from here is shown when its answer comes, with what came of it.
    if (!known(score) || this.#waiting.has(row)) return;
    if (this.#sending.has(row)) this.#sending.set(row, { score, other });
    else if (row.dataset.said !== key(score, other)) this.#settle(row, score, row.querySelector('.mark small') !== null, other);
  }

  #knows(id) {
    return this.#rows.has(id) || this.#held.some((held) => held.id === id);
  }

  hold(paused) {
    this.#paused = paused;
    if (!paused) this.#release();
  }

  /** The list is paused under the pointer or the focus, so that targets do not move. */
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

  // ---------------------------------------------------------------- rows

  #insert(decision) {
    const row = this.#row(decision);
    this.#rows.set(decision.id, row);
    this.body.prepend(row);
    this.none.hidden = true;
    while (this.body.children.length > KEPT_ROWS) {
      const last = this.body.lastElementChild;
      this.#rows.delete(last.dataset.decision);
      last.remove();
    }
    if (!this.body.querySelector('tr.at')) this.#at(row);
  }

  #row(decision) {
    const { id, at, probability, policy, requested, latency, cost, status } = decision;
    const model = decision.answeredBy ?? decision.chosen;
    const { score, other } = verdict(model, decision);
    const time = new Date(at);
    const row = el('tr', { dataset: { decision: id, model }, class: status >= 400 ? 'failed' : null },
      el('td', { class: 'when' }, el('time', { datetime: at, title: time.toLocaleString() }, time.toLocaleTimeString('en-GB'))),
      el('th', { scope: 'row' },
        answerer(decision, el('button', { type: 'button', class: 'open', tabindex: '-1', title: 'Details', on: { click: () => this.#open(id) } }, name(model)))),
      el('td', { class: 'numeric' }, fmt.percent(probability, 0)),
      el('td', { class: 'optional' }, policy ?? ['named ', name(requested)]),
      el('td', { class: 'numeric took' }, fmt.ms(latency.total)),
      el('td', { class: 'numeric optional' }, fmt.money(cost)),
      el('td', { class: 'feedback-cell' }));
    if (known(score)) this.#settle(row, score, false, other);
    else if (status < 400) this.#ask(row, decision);
    else row.lastElementChild.append(el('span', { class: 'hint', tabindex: '-1' }, 'no answer'));
    return row;
  }

  // ---------------------------------------------------------------- feedback

  #ask(row, decision, problem = null) {
    const button = (score, up, word) => el('button', {
      type: 'button', class: 'say', tabindex: stop(row), title: word, dataset: { score },
      'aria-label': `${word}: ${decision.answeredBy ?? decision.chosen}`,
      on: { click: () => (quantity.votes ? this.#compare(row, decision, score) : this.#say(row, decision, score)) },
    }, thumb(up));
    const [up, down] = quantity.votes ? ['Better than another', 'Worse than another'] : [capitalized(quantity.good), capitalized(quantity.bad)];
    row.lastElementChild.replaceChildren(
      el('span', { class: 'says', role: 'group', 'aria-label': `Was the answer ${quantity.good}?` }, button(1, true, up), button(0, false, down)),
      problem ? el('small', { class: 'bad', role: 'alert' }, problem) : '');
  }

  /** Asks which other model the answer is better or worse than. */
  async #compare(row, decision, score) {
    const focused = row.contains(document.activeElement);
    const back = (problem) => {
      this.#ask(row, decision, problem);
      row.querySelector('.say').focus();
    };
    try {
      const models = others(await this.#load(decision.id));
      if (models.length === 0) {
        back(ALONE);
        return;
      }
      row.lastElementChild.replaceChildren(form(score, models, stop(row), (other) => this.#sendNow(row, decision, score, other), () => back(null)));
      if (focused) row.querySelector('select').focus();
    } catch (error) {
      if (error.name !== 'AbortError') back(error.message);
    }
  }

  /** Says it in the row, and sends it when it was not undone in time. */
  #say(row, decision, score) {
    const focused = row.contains(document.activeElement);
    const timer = setTimeout(() => this.#waiting.get(row)?.(), UNDO_MS);
    const settle = () => {
      clearTimeout(timer);
      this.#waiting.delete(row);
    };
    this.#waiting.set(row, () => {
      settle();
      this.#sendNow(row, decision, score);
    });
    const undo = el('button', {
      type: 'button', class: 'quiet', tabindex: stop(row),
      on: {
        click: () => {
          settle();
          this.#ask(row, decision);
          row.querySelector('.say').focus();
        },
      },
    }, 'Undo');
    row.lastElementChild.replaceChildren(said(score), undo);
    if (focused) undo.focus();
  }

  /** The list is left: what could still be undone is sent at once. */
  leave() {
    removeEventListener('pagehide', this.#sendAll);
    this.#sendAll();
  }

  #sendAll = () => {
    for (const send of [...this.#waiting.values()]) send();
  };

  async #sendNow(row, decision, score, other = null) {
    const cell = row.lastElementChild;
    const focused = row.contains(document.activeElement);
    cell.replaceChildren(el('small', { tabindex: '-1' }, 'sending'));
    if (focused) cell.firstElementChild.focus();
    this.#sending.set(row, null);
    try {
      this.#settle(row, score, await this.#send(decision, score, other), other);
    } catch (error) {
      if (error.name === 'AbortError') return;
      const heard = this.#sending.get(row);
      if (heard) this.#settle(row, heard.score, false, heard.other);
      else this.#ask(row, decision, error.message);
    } finally {
      this.#sending.delete(row);
    }
    if (focused) cell.querySelector('[tabindex]')?.focus();
  }

  /** What was said about a decision. */
  #settle(row, score, moved = false, other = null) {
    row.dataset.said = key(score, other);
    const mark = said(score, other);
    mark.tabIndex = Number(stop(row));
    if (moved) mark.append(el('small', {}, other === null ? 'vector moved' : 'both vectors moved'));
    row.lastElementChild.replaceChildren(mark);
  }

  // ---------------------------------------------------------------- keys

  /** One row is in the tab order; arrows move it. */
  #at(row) {
    if (!row || row.classList.contains('at')) return;
    for (const old of this.body.querySelectorAll('tr.at')) {
      old.classList.remove('at');
      for (const node of old.querySelectorAll('[tabindex="0"]')) node.tabIndex = -1;
    }
    row.classList.add('at');
    for (const node of row.querySelectorAll('[tabindex]')) node.tabIndex = 0;
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.tagName === 'SELECT') return;
    const row = event.target.closest('tr');
    const next = { ArrowDown: row?.nextElementSibling, ArrowUp: row?.previousElementSibling }[event.key];
    if (!next) return;
    this.#at(next);
    (next.querySelector(`[data-score="${event.target.dataset.score}"]`) ?? next.querySelector('[tabindex]'))?.focus();
    event.preventDefault();
  }
}

/** A hand with its thumb up or down. */
function thumb(up) {
  return svg('svg', { class: 'thumb', viewBox: '0 0 16 16', 'aria-hidden': 'true' },
    svg('path', { d: 'M1.5 7h2.6v7H1.5zM5.4 7.2 8.3 1.4c1.2 0 2 .9 1.8 2.1L9.6 6h3.7c.9 0 1.5.8 1.3 1.7l-1.1 5c-.2.8-.8 1.3-1.6 1.3H5.4z', ...(up ? {} : { transform: 'rotate(180 8 8)' }) }));
}

const key = (score, other) => (other === null ? String(score) : `${score} ${other}`);

/** What was said of an answer, beside that of another model where it was a vote. */
function said(score, other = null) {
  if (other !== null) return el('span', { class: score === 1 ? 'mark right' : 'mark wrong' }, thumb(score === 1), `${words(score)} `, name(other));
  if (score !== 0 && score !== 1) return el('span', { class: 'mark unknown' }, `score ${fmt.number(score)}`);
  return el('span', { class: score === 1 ? 'mark right' : 'mark wrong' }, thumb(score === 1), score === 1 ? quantity.good : quantity.bad);
}

const stop = (row) => (row.classList.contains('at') ? '0' : '-1');

/** Who answered, who should have, and what went wrong between. */
function answerer({ chosen, answeredBy, failed, status, error, prompt }, button) {
  const rescued = answeredBy && answeredBy !== chosen;
  const small = (text, kind = null) => el('small', { class: kind }, text);
  return [
    rescued ? [el('s', {}, name(chosen)), ' → '] : null,
    button,
    failed.length > 0 ? small(`in vain: ${failed.join(', ')}`) : null,
    rescued && failed.length === 0 ? small('the chosen one was not asked: its upstream rests, or is busy') : null,
    status >= 400 ? small(`failed: ${status} ${error ?? ''}`, 'bad') : null,
    status === 0 ? small('decision only') : null,
    prompt ? el('small', { class: 'said', dir: 'auto' }, prompt) : null,
  ];
}
