// A vote on a decision's answer: better or worse than that of another model, which the user chooses.
import { choice } from '../lib/controls.js';
import { el } from '../lib/dom.js';
import { known, legible } from '../lib/format.js';

/** What is said of the answer, beside the other model's. */
export const words = (score) => (score === 1 ? 'better than' : 'worse than');

/** The body of the feedback: the decision is one side, its text the question. */
export const body = (decision, score, other) => (score === 1 ? { better: decision.id, worse: other } : { better: other, worse: decision.id });

/** What was said of a model's answer: a score, or a vote as a score beside another model. Its score is null for nothing. */
export function verdict(own, { score, vote }) {
  if (known(score) || !vote) return { score: score ?? null, other: null };
  return vote.better === own ? { score: 1, other: vote.worse } : { score: 0, other: vote.better };
}

/** @param decision with its candidates, in the order of the ranking */
export function others(decision) {
  const own = decision.answeredBy ?? decision.chosen;
  return decision.candidates.map((candidate) => candidate.model).filter((model) => model !== own);
}

/** A select of the other models, the runner-up chosen. */
export function select(models, label, attributes = {}) {
  const node = choice(models.map((model) => ({ value: model, label: legible(model) })), models[0], () => {});
  for (const [key, value] of Object.entries({ 'aria-label': label, ...attributes })) node.setAttribute(key, value);
  return node;
}

/** Why there is no vote on a decision without other candidates. */
export const ALONE = 'no other candidate to compare with';

/** For a row of the list: the other model, and what sends the vote. */
export function form(score, models, tab, send, cancel) {
  const node = select(models, words(score), { tabindex: tab });
  return el('span', { class: 'says vote', role: 'group', 'aria-label': 'Vote' }, `${words(score)} `, node,
    el('button', { type: 'button', class: 'send', tabindex: tab, on: { click: () => send(node.value) } }, 'Send'),
    el('button', { type: 'button', class: 'quiet', tabindex: tab, on: { click: cancel } }, 'Cancel'));
}
