// What a gateway's traffic says: policies, win rates, who answers, the rollout, exploration and budgets.
import { axisOf, estimate, estimates, facts, name, SHARES } from '../charts/intervals.js';
import { card, choice, field } from '../lib/controls.js';
import { el } from '../lib/dom.js';
import { fmt, gain, gainRange, known, plural, prose, sentence } from '../lib/format.js';
import { capitalized, quantity } from '../lib/quantity.js';

const ALL = ''; // the kind that is every prompt
const FEW = 10; // comparisons of a kind, below which it is not offered
const NUMBER = /\d+(?:[.,]\d+)*/;
const hint = (text) => el('p', { class: 'hint' }, text);

export class TrafficFigures {
  #answer = null;
  #kind = ALL;
  #kinds = '';

  /**
   * @param verdicts where policies and the rollout go
   * @param root where all others go
   */
  constructor(verdicts, root) {
    this.policies = el('div', {});
    this.wins = el('div', {});
    this.which = el('div', {});
    this.models = el('div', {});
    this.rollout = el('div', {});
    this.spending = el('div', {});
    verdicts.replaceChildren(
      card('What would other policies have got?', {}, this.policies),
      card('Rollout', {}, this.rollout));
    root.replaceChildren(
      card('Which model answers better?', {}, this.which, this.wins),
      card('Who answers, and what the router would choose', {}, this.models),
      card('Exploration and budgets', {}, this.spending));
  }

  show(answer) {
    this.#answer = answer;
    this.policies.replaceChildren(...policies(answer));
    this.#offerKinds(answer.traffic.wins);
    this.#showWins();
    this.models.replaceChildren(models(answer.traffic.models));
    this.rollout.replaceChildren(...rollout(answer.rollout));
    this.spending.replaceChildren(spending(answer));
  }

  /** A choice that is open or focused stays: it is made again only where the kinds are others. */
  #offerKinds(wins) {
    const kinds = [...new Set(wins.filter((row) => row.kind !== null && row.comparisons >= FEW).map((row) => row.kind))];
    if (!kinds.includes(this.#kind)) this.#kind = ALL;
    if (kinds.join('\n') === this.#kinds) return;
    this.#kinds = kinds.join('\n');
    const options = [{ value: ALL, label: 'all prompts' }, ...kinds.map((kind) => ({ value: kind, label: kind }))];
    this.which.replaceChildren(kinds.length === 0 ? '' : field('Kind of prompt', choice(options, this.#kind, (kind) => {
      this.#kind = kind;
      this.#showWins();
    }), 'The benchmark of the training questions nearest to it.'));
  }

  #showWins() {
    const { traffic, shadow } = this.#answer;
    this.wins.replaceChildren(...wins(traffic.wins.filter((row) => (row.kind ?? ALL) === this.#kind), shadow));
  }
}

/** Why nothing is told of some policies: one sentence for those whose reasons differ in a number only. */
function refusals(rows) {
  const alike = Map.groupBy(rows, (row) => row.reason.replace(NUMBER, '#'));
  return [...alike.values()].map((group) => {
    const numbers = group.map((row) => row.reason.match(NUMBER)?.[0]);
    return `${group.map((row) => row.policy).join(', ')}: ${prose(group[0].reason.replace(NUMBER, numbers.join(', ')))}.`;
  });
}

function policies({ traffic, most }) {
  const rows = traffic.policies;
  const said = el('p', { class: 'lead' }, sentence(prose(traffic.recommendation)));
  if (rows.length === 0) return [said];
  const told = rows.filter((row) => row.reason === null);
  return [
    said,
    estimates({
      caption: 'Mean score and cost of policies on this traffic',
      head: 'Policy',
      axis: axisOf(told.flatMap((row) => [row.low, row.high]), { floor: 0, ceiling: 1, count: 3 }),
      format: fmt.percent,
      columns: ['Score', 'A request', { label: 'Cost', spare: true }],
      rows: rows.map((row) => ({
        name: name(row.policy),
        note: row.reason !== null ? 'cannot tell yet' : row.source === rows[0].source ? null : 'by the judge',
        kind: row.logged ? 'plain' : 'ours',
        mark: row.reason === null ? { value: row.estimate, low: row.low, high: row.high } : {},
        cells: [
          row.reason === null ? estimate(row.estimate, [row.low, row.high]) : fmt.percent(null),
          fmt.money(row.cost),
          row.logged || !known(row.relativeCost) ? '' : saved(row.relativeCost - 1),
        ],
      })),
    }),
    ...refusals(rows.filter((row) => row.reason !== null)).map(hint),
    hint(`Doubly robust estimates with 95% intervals from ${traffic.requests < most ? 'all' : `the latest ${fmt.count(most)}`} decisions; “by the judge”: scored by its comparisons of two answers, not by feedback. embedllm report writes the same numbers as a file.`),
  ];
}

const saved = (change) => (Math.abs(change) < 0.005 ? 'the same' : `${fmt.percent(Math.abs(change), 0)} ${change < 0 ? 'less' : 'more'}`);

function wins(rows, shadow) {
  if (rows.length === 0) {
    return [hint(shadow.share > 0
      ? 'No two answers have been compared yet.'
      : 'No answers are compared: configure a shadow, such as shadow: {share: 0.05, budget: 2, judge: {check: json}}.')];
  }
  return [
    estimates({
      caption: 'How often a model’s answer is better than the other’s',
      head: 'Model',
      axis: { ...SHARES, rules: [0.5] },
      format: fmt.percent,
      columns: ['Win rate', 'To decide', { label: 'Comparisons', spare: true }],
      rows: rows.map((row) => ({
        name: name(row.model),
        kind: 'plain',
        mark: { value: row.winRate, low: row.low, high: row.high },
        cells: [estimate(row.winRate, [row.low, row.high], 0), toDecide(row.more), fmt.count(row.comparisons)],
      })),
    }),
    hint('Against all others; a tie counts as half a win. “To decide” is how many more comparisons would show on which side of 50% a model is.'),
  ];
}

const MANY = 10_000; // comparisons; nobody waits for more

function toDecide(more) {
  if (more === null) return 'alike so far';
  if (more === 0) return 'decided';
  const said = more > MANY ? `over ${fmt.count(MANY)}` : `≈ ${fmt.count(Number(more.toPrecision(2)))}`;
  return [said, el('small', {}, 'more')];
}

function table(caption, heads, rows) {
  const kind = (k) => (k === 0 ? null : heads[k].spare ? 'numeric optional' : 'numeric');
  return el('table', { class: 'traffic' },
    el('caption', { class: 'unseen' }, caption),
    el('thead', {}, el('tr', {}, heads.map((head, k) => el('th', { scope: 'col', class: kind(k) }, head.label ?? head)))),
    el('tbody', {}, rows.map(([first, ...others]) => el('tr', {},
      el('th', { scope: 'row' }, first), others.map((cell, k) => el('td', { class: kind(k + 1) }, cell))))));
}

function models(rows) {
  if (rows.length === 0) return hint('No request was answered yet.');
  return table('Models',
    ['Model', { label: 'Answered', spare: true }, 'Router’s choice', `${capitalized(quantity.good)} by feedback`, { label: 'A request', spare: true }],
    rows.map((row) => [
      name(row.model), fmt.count(row.answered), fmt.count(row.wouldAnswer),
      row.feedback > 0 ? estimate(row.quality, [row.low, row.high], 0) : fmt.percent(null), fmt.money(row.cost)]));
}

/** What the router saves, and whether that costs right answers. */
function compared({ saved, savedShare, difference, differenceLow, differenceHigh }) {
  const money = !known(saved) || !known(savedShare) ? '' : saved < 0
    ? `The router has cost ${fmt.money(-saved)} more so far: ${fmt.percent(-savedShare, 0)} more than the default model. `
    : `The router has saved ${fmt.money(saved)} so far: ${fmt.percent(savedShare, 0)} less than the default model. `;
  const good = !known(difference) ? '' : `${capitalized(quantity.good)} by feedback: ${gain(difference)} (${gainRange([differenceLow, differenceHigh])}) against the default model.`;
  return money + good === '' ? '' : el('p', { class: 'lead saved' }, money + good);
}

function rollout({ mode, share, default: other, steppedBack, minimum, arms, ...found }) {
  const words = {
    on: 'Every decision of the router reaches its client.',
    canary: `The router decides ${fmt.percent(share, 0)} of the conversations, ${other ?? 'the default model'} the rest.`,
    'dry-run': `${other ?? 'The default model'} answers; what the router would choose is logged.`,
  }[mode];
  const guard = steppedBack === null
    ? hint(mode === 'canary' ? `No guard has broken. A guard can break after ${plural(minimum, 'request')} of each side.` : '')
    : el('p', { class: 'bad', role: 'status' }, `Stepped back to the default model: ${prose(steppedBack)}.`);
  const seen = arms.filter((arm) => arm.requests > 0);
  return [
    el('p', { class: 'lead' }, words),
    guard,
    compared(found),
    seen.length === 0 ? '' : table('The two sides of the rollout',
      ['Decided by', 'Requests', { label: 'Failed', spare: true }, `${capitalized(quantity.good)} by feedback`, 'A request', { label: 'Mean time', spare: true }],
      seen.map((arm) => [
        arm.arm === 'router' ? 'router' : 'default model',
        fmt.count(arm.requests), fmt.percent(arm.errorRate),
        arm.feedback > 0 ? estimate(arm.quality, [arm.low, arm.high], 0) : fmt.percent(null),
        fmt.money(arm.cost), fmt.ms(arm.millis)])),
  ];
}

function spending({ exploration, shadow, pacing, traffic }) {
  const rows = [
    ['Explored', exploration.share > 0 ? fmt.percent(exploration.share) : 'off', exploration.share > 0 ? 'of new conversations' : null],
    ['Shadow', shadow.share > 0 ? fmt.percent(shadow.share) : 'off', shadow.share > 0 ? `${plural(traffic.comparisons, 'comparison')}` : null],
  ];
  if (exploration.share > 0) {
    const loss = exploration.lossADay ?? exploration.lossToday;
    rows.splice(1, 0, ['Expected loss', loss >= 100 ? fmt.count(Math.round(loss)) : fmt.number(loss, 1),
      `fewer ${quantity.right} answers ${known(exploration.lossADay) ? 'a day' : 'today'}`]);
  }
  if (shadow.share > 0) rows.push(['Shadow spent today', fmt.money(shadow.spentToday), `of ${fmt.money(shadow.budget)}`]);
  if (pacing !== null) {
    rows.push(['Spent today', fmt.money(pacing.spentToday), `of ${fmt.money(pacing.budget)}`],
      ['A cent counts as', gain(pacing.price / 100), 'of probability when the router chooses']);
  }
  return facts(rows);
}
