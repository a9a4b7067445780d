// One decision in a dialog: prompt, answer, ranking, attempts, times, a command line, and feedback that can be changed.
import { name } from '../charts/intervals.js';
import { el, fresh } from '../lib/dom.js';
import { fmt, known, legible, prose, sentence } from '../lib/format.js';
import { command } from '../lib/states.js';
import { capitalized, quantity } from '../lib/quantity.js';
import { ALONE, others, select, verdict, words } from './vote.js';

const STEPS = [['encode', 'encode the prompt'], ['route', 'choose'], ['upstream', 'wait for the upstream'], ['total', 'whole request']];
const ARMS = { router: 'the router', default: 'the default model’s side of the rollout', named: 'the request, which names its model' };

/**
 * @param load id → promise of the decision with its candidates
 * @param send (decision, score, other) → promise; sends a score, which replaces what was said before, or a vote against
 *   another model
 */
export async function showDetails(id, load, send) {
  const title = fresh('details');
  const body = el('div', { class: 'stack' }, el('p', { class: 'hint', role: 'status' }, 'Loading'));
  const dialog = el('dialog', { class: 'details', 'aria-labelledby': title },
    el('div', { class: 'row details-head' }, el('h2', { id: title }, 'Decision'),
      el('button', { type: 'button', on: { click: () => dialog.close() } }, 'Close')), body);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  try {
    const decision = await load(id);
    body.replaceChildren(...details(decision, (score, other = null) => send(decision, score, other)));
  } catch (error) {
    if (error.name !== 'AbortError') body.replaceChildren(el('p', { class: 'bad', role: 'alert' }, error.message));
  }
}

function details(decision, send) {
  const { id, at, prompt, reason, arm, attempts, status, error, latency, candidates, answeredBy } = decision;
  return [
    el('p', { class: 'hint' }, `${id}, ${new Date(at).toLocaleString('en-GB')}. Decided by ${ARMS[arm] ?? arm}.`),
    prompt ? el('p', { class: 'quote', dir: 'auto' }, prompt) : el('p', { class: 'hint' }, 'The prompt is not kept (store: {prompts: true} keeps it), or is another client’s.'),
    el('p', { class: 'lead' }, sentence(prose(reason))),
    candidates.length > 0 ? ranking(candidates, decision.chosen) : '',
    attempts.length > 0 ? inVain(attempts) : '',
    status >= 400 ? el('p', { class: 'bad' }, `Failed: ${status} ${error ?? ''}`) : el('p', {}, answeredBy ? ['Answered by ', name(answeredBy), ` for ${fmt.money(decision.cost)}.`] : 'No model was asked.'),
    decision.answer ? el('p', { class: 'quote', dir: 'auto', tabindex: '0' }, decision.answer) : '',
    times(latency),
    prompt ? command(curl(decision)) : '',
    status < 400 ? feedback(decision, send) : '',
  ];
}

function ranking(candidates, chosen) {
  return el('table', { class: 'traffic' },
    el('caption', { class: 'unseen' }, 'Candidates'),
    el('thead', {}, el('tr', {}, ['Candidate', `P(${quantity.right})`, 'Chosen with', 'Cost'].map((head, k) => el('th', { scope: 'col', class: k > 0 ? 'numeric' : null }, head)))),
    el('tbody', {}, candidates.map((row) => el('tr', { class: row.model === chosen ? 'ours' : null },
      el('th', { scope: 'row' }, name(row.model), row.model === chosen ? el('small', {}, 'chosen') : null),
      el('td', { class: 'numeric' }, fmt.percent(row.probability, 0)),
      el('td', { class: 'numeric' }, fmt.percent(row.propensity, 0)),
      el('td', { class: 'numeric' }, fmt.money(row.cost))))));
}

/** Upstreams that were asked and did not answer, each with its own words. */
function inVain(attempts) {
  return el('div', {},
    el('p', {}, 'Asked in vain:'),
    el('ul', {}, attempts.map(({ upstream, kind, said }) => el('li', {}, [upstream, kind.replaceAll('_', ' '), said].filter(Boolean).join(': ')))));
}

function times(latency) {
  const steps = STEPS.filter(([step]) => known(latency[step])).map(([step, words]) => `${words} ${fmt.ms(latency[step])}`);
  return el('p', { class: 'hint' }, sentence(`times: ${steps.join(', ')}`));
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curl({ requested, prompt }) {
  const body = JSON.stringify({ model: requested, messages: [{ role: 'user', content: prompt }] });
  return `curl ${location.origin}/v1/chat/completions -H 'Content-Type: application/json' -d ${quoted(body)}`;
}

/** A score can be changed, a vote counts once; what the vectors have learned from it stays. */
function feedback(decision, send) {
  const before = verdict(decision.answeredBy ?? decision.chosen, decision);
  const models = quantity.votes && before.other === null ? others(decision) : [];
  const says = el('p', { role: 'status' }, quantity.votes && before.other === null ? (models.length > 0 ? 'Compare the answer.' : capitalized(`${ALONE}.`)) : said(before));
  const button = (text, sent, words) => el('button', {
    type: 'button',
    on: {
      click: async () => {
        try {
          await sent();
          says.textContent = words();
        } catch (error) {
          if (error.name !== 'AbortError') says.textContent = error.message;
        }
      },
    },
  }, text);
  const scored = (score, text) => button(text, () => send(score), () => said({ score, other: null }));
  const other = models.length > 0 ? select(models, 'The other model') : null;
  const compared = (score) => button(capitalized(words(score)), () => send(score, other.value), () => said({ score, other: other.value }));
  return el('div', { class: 'row', role: 'group', 'aria-label': `Feedback on the answer of ${legible(decision.answeredBy ?? decision.chosen)}` },
    says, quantity.votes ? (other ? [compared(1), compared(0), other] : null) : [scored(1, capitalized(quantity.good)), scored(0, capitalized(quantity.bad))]);
}

function said({ score, other }) {
  if (other !== null) return `Said: ${words(score)} ${legible(other)}.`;
  return known(score) ? `Said: ${score === 1 ? quantity.good : score === 0 ? quantity.bad : fmt.number(score)}.` : 'Nothing was said of the answer.';
}
