// The ranking of the playground: every model's probability with its interval and cost, in the policy's order.
import { axisLabels, SHARES, track } from '../charts/intervals.js';
import { el, modelName } from '../lib/dom.js';
import { fmt, known } from '../lib/format.js';
import { capitalized, quantity } from '../lib/quantity.js';

const FIRST_ROWS = 12;
const ALL_ROWS = 400;

/** The chosen model's row; undefined where none can be chosen. */
export function chosen({ ranking, route }) {
  // An upstream without a vector has no id; the chosen one comes first.
  return ranking.find((row) => known(route) && row.id === route) ?? ranking.find((row) => row.available !== false);
}

/** The row of the best single model; undefined where it is no candidate. */
export function single({ ranking, singleBest }) {
  return ranking.find((row) => known(row.id) && row.id === singleBest?.id);
}

/** A long pool shows its first models, the chosen one and the best single one; the others on demand or by name. */
export class Ranking {
  #answer = null;
  #limits = {};
  #all = false;

  constructor() {
    this.filter = el('input', {
      type: 'search', class: 'filter', autocomplete: 'off', placeholder: 'Find a model',
      'aria-label': 'Find a model in the ranking', on: { input: () => this.#draw() },
    });
    this.rows = el('div', {});
    this.more = el('button', {
      type: 'button',
      on: {
        click: () => {
          this.#all = !this.#all;
          this.#draw();
        },
      },
    });
    this.nodes = [this.filter, this.rows, this.more];
  }

  /** @param limits target and maxCost of the policy, where it has one */
  show(answer, limits) {
    this.#answer = answer;
    this.#limits = limits;
    this.#draw();
  }

  #draw() {
    const ranked = this.#answer.ranking.map((row, k) => ({ ...row, rank: k + 1 }));
    const long = ranked.length > FIRST_ROWS + 3;
    const wanted = long ? this.filter.value.trim().toLowerCase() : '';
    const rows = this.#shown(ranked, long, wanted);
    const cut = rows.length - ALL_ROWS;
    this.filter.hidden = !long;
    this.more.hidden = !long || wanted !== '';
    this.more.setAttribute('aria-expanded', String(this.#all));
    this.more.textContent = this.#all ? `Show the first ${FIRST_ROWS}` : `Show all ${fmt.count(ranked.length)}`;
    this.rows.replaceChildren(
      rows.length === 0 ? el('p', { class: 'hint' }, 'No model of that name.') : this.#table(rows.slice(0, ALL_ROWS)),
      cut > 0 ? el('p', { class: 'hint' }, `${fmt.count(cut)} more: find them by name.`) : '',
      el('p', { class: 'hint' }, `Bar: forecast probability of a ${quantity.right} answer. Line: its 95% interval, `,
        'wider the less the training questions say about a prompt like this.'));
  }

  #shown(ranked, long, wanted) {
    if (wanted) return ranked.filter((row) => row.name.toLowerCase().includes(wanted));
    if (!long || this.#all) return ranked;
    const always = [chosen(this.#answer)?.name, single(this.#answer)?.name];
    return ranked.filter((row) => row.rank <= FIRST_ROWS || always.includes(row.name));
  }

  #table(rows) {
    const axis = { ...SHARES, rules: known(this.#limits.target) ? [this.#limits.target] : [] };
    const priced = rows.some((row) => known(row.cost));
    return el('table', { class: 'estimates ranks' },
      el('caption', { class: 'unseen' },
        `Models in the policy’s order: probability of a ${quantity.right} answer with its 95% interval, and expected cost of the call`),
      el('thead', {}, el('tr', {},
        el('th', { scope: 'col', class: 'rank' }, el('span', { class: 'unseen' }, 'Rank')),
        el('th', { scope: 'col' }, 'Model'),
        el('td', { class: 'drawn' }, axisLabels(axis, fmt.percent)),
        el('th', { scope: 'col', class: 'numeric' }, capitalized(quantity.right)),
        el('th', { scope: 'col', class: 'numeric optional' }, '95% interval'),
        priced ? el('th', { scope: 'col', class: 'numeric' }, 'A call') : null)),
      el('tbody', {}, rows.map((row) => this.#row(row, axis, priced))));
  }

  #row(row, axis, priced) {
    const ours = row.name === chosen(this.#answer)?.name;
    const away = row.available === false;
    const dear = row.cost > this.#limits.maxCost;
    return el('tr', { class: ours ? 'ours' : away || dear ? 'bound' : 'plain' },
      el('td', { class: 'rank' }, row.rank),
      el('th', { scope: 'row' }, modelName(row, { link: known(row.id) }),
        ours ? el('span', { class: 'tag ours' }, 'chosen') : null,
        row.name === single(this.#answer)?.name ? el('span', { class: 'tag' }, 'best single') : null,
        away ? el('small', {}, row.whyNot || 'not available') : null),
      el('td', { class: 'drawn' }, track(axis, { value: row.probability, low: row.low, high: row.high, bar: true })),
      el('td', { class: 'numeric' }, fmt.percent(row.probability, 0)),
      el('td', { class: 'numeric optional muted' }, fmt.interval(row.low, row.high, 0)),
      priced ? el('td', { class: 'numeric' }, fmt.money(row.cost), dear ? el('small', {}, 'over budget') : null) : null);
  }
}
