// Playground: a prompt, and what the router makes of it while it is being typed.
import { card } from '../lib/controls.js';
import { el } from '../lib/dom.js';
import { fmt, known, legible, plural, prose } from '../lib/format.js';
import { command, empty, failure, unavailable } from '../lib/states.js';
import { ManyPrompts } from './many-prompts.js';
import { PolicyControls } from './policy.js';
import { chosen, Ranking, single } from './ranking.js';
import { Send } from './send.js';
import { quantity } from '../lib/quantity.js';

export const title = 'Playground';
export const hash = 'playground';
export const lead = 'A prompt, and what the router makes of it while it is being typed.';

const KEPT = 'embedllm.prompt';
const TYPING_MS = 250;
const SPOKEN_MS = 900;

/** Prompts of our own making, where the pool's questions are not kept. */
const EXAMPLES = [
  ['arithmetic', 'A tank holds 240 litres and loses 3 litres a minute. After how many minutes is a quarter of it left?'],
  ['biology', 'Which enzyme unwinds the two strands of DNA before they are copied?'],
  ['law', 'May a court set aside a contract that one side signed under threat? Name the doctrine.'],
  ['code', 'Write a Java method that returns the second largest number of a list, and say what it does with duplicates.'],
  ['economics', 'Why can unemployment fall for a while when inflation rises unexpectedly, and why does it not last?'],
  ['physics', 'A ball is thrown straight up at 12 m/s. How high does it rise?'],
];

export function mount(root, context) {
  return new Playground(root, context);
}

class Playground {
  #context;
  #sequence = 0;
  #request = null;
  #typing = 0;
  #speaking = 0;
  #slow = 0;

  constructor(root, context) {
    this.#context = context;
    this.policy = new PolicyControls(context.overview.has.prices, () => {
      context.setParams({ policy: this.policy.text() });
      this.#ask();
    });
    this.send = context.overview.has.live ? new Send(context, () => ({ prompt: this.prompt.value, policy: this.policy.text() })) : null;
    this.many = new ManyPrompts(context, () => this.policy.text());
    root.replaceChildren(...this.#build());
    this.#showNothing();
  }

  /** The policy is in the address; the prompt never is. */
  update(params) {
    this.policy.read(params);
    this.#ask();
  }

  unmount() {
    clearTimeout(this.#typing);
    clearTimeout(this.#speaking);
    clearTimeout(this.#slow);
    this.#request?.abort();
    this.send?.stop();
    this.many.stop();
  }

  // ---------------------------------------------------------------- the elements of the page

  #build() {
    this.prompt = el('textarea', {
      id: 'prompt', rows: '4', spellcheck: 'false', autocomplete: 'off', dir: 'auto',
      placeholder: 'Type or paste a prompt. It goes to this server and nowhere else.',
      on: { input: () => this.#changed(TYPING_MS) },
    });
    this.prompt.value = sessionStorage.getItem(KEPT) ?? '';
    this.timing = el('p', { class: 'hint timing' });
    this.progress = el('div', { class: 'underway', hidden: true, 'aria-hidden': 'true' });
    this.route = el('div', { class: 'route' });
    this.ranking = new Ranking();
    this.evidence = el('div', {});
    this.shell = el('div', {});
    this.result = el('div', { class: 'result', hidden: true },
      this.route,
      el('div', { class: 'playground-columns' },
        el('div', { class: 'stack' },
          card(`Every model’s chance of being ${quantity.right}`, {}, this.ranking.nodes),
          card('The same from a shell', {}, this.shell)),
        card('Nearest training questions', {}, this.evidence)));
    this.state = el('div', {});
    return [
      el('div', { class: 'ask' },
        el('div', { class: 'ask-head' }, el('label', { for: 'prompt' }, 'Prompt'), this.#examples()),
        this.prompt, this.progress, this.policy.node,
        el('div', { class: 'ask-foot' }, this.policy.says, this.timing, this.send?.button)),
      this.send?.node ?? '', this.state, this.result, this.many.node,
    ];
  }

  /** The pool's own questions, one of each of its largest benchmarks. */
  #examples() {
    const group = el('div', { class: 'chips', role: 'group', 'aria-label': 'Examples' });
    this.#offer(group, EXAMPLES);
    if (this.#context.overview.has.questions) {
      this.#context.api.get('examples', {}).then(({ examples }) => {
        if (examples.length > 0) this.#offer(group, examples.map(({ benchmark, prompt }) => [benchmark, prompt]));
      }).catch(() => {
        // Ours are there.
      });
    }
    return group;
  }

  #offer(group, examples) {
    const chips = examples.map(([name, prompt]) => el('button', {
      type: 'button', class: 'chip', dir: 'auto', title: prompt, 'aria-label': `Example: ${name}`,
      on: {
        click: () => {
          this.prompt.value = prompt;
          this.#changed(0);
        },
      },
    }, name));
    group.replaceChildren(el('span', { 'aria-hidden': 'true' }, 'Try'), ...chips);
  }

  // ---------------------------------------------------------------- asking

  #changed(wait) {
    try {
      sessionStorage.setItem(KEPT, this.prompt.value);
    } catch {
      // Too long to be kept: it is asked all the same.
    }
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#ask(), wait);
  }

  /** Sends the current prompt; a running older request is dropped, with its answer. */
  async #ask() {
    clearTimeout(this.#typing);
    this.#request?.abort();
    const prompt = this.prompt.value;
    const sequence = ++this.#sequence;
    if (prompt.trim() === '') {
      this.#finished();
      this.#showNothing();
      return;
    }
    const request = new AbortController();
    const policy = this.policy.text();
    const limits = this.policy.limits();
    this.#request = request;
    this.#begun();
    try {
      const answer = await this.#context.api.post('playground', { prompt, sequence, policy }, { signal: request.signal });
      if (sequence !== this.#sequence) return;
      this.#finished();
      this.#show(answer, limits);
    } catch (error) {
      if (sequence !== this.#sequence || error.name === 'AbortError') return;
      this.#finished();
      this.#showFailure(error);
    }
  }

  #begun() {
    clearTimeout(this.#slow);
    this.result.setAttribute('aria-busy', 'true');
    this.#slow = setTimeout(() => { this.progress.hidden = false; }, 200);
  }

  #finished() {
    clearTimeout(this.#slow);
    this.progress.hidden = true;
    this.result.removeAttribute('aria-busy');
  }

  // ---------------------------------------------------------------- showing

  #hideResult() {
    this.result.hidden = true;
    this.timing.textContent = '';
  }

  #showNothing() {
    this.#hideResult();
    empty(this.state, {
      title: `Which of ${plural(this.#context.overview.models, 'model')} should answer?`,
      text: `Type a prompt above, or take an example. You see the router’s choice and why, every model’s chance of being ${quantity.right}, and the training questions most like it.`,
    });
  }

  #showFailure(error) {
    this.#hideResult();
    failure(this.state, error, () => this.#ask());
  }

  #show(answer, limits) {
    if (answer.status === 'unavailable') {
      this.#hideResult();
      unavailable(this.state, answer);
      return;
    }
    this.state.replaceChildren();
    this.result.hidden = false;
    this.timing.textContent = `encoded in ${fmt.ms(answer.encodeMillis)}, forecast in ${fmt.ms(answer.forecastMillis)}`;
    this.policy.priceRange(answer.ranking.map((row) => row.cost));
    this.#showRoute(answer);
    this.ranking.show(answer, limits);
    this.#showEvidence(answer.nearest ?? [], chosen(answer));
    this.shell.replaceChildren(command(answer.curl));
    clearTimeout(this.#speaking);
    this.#speaking = setTimeout(() => this.#context.announce(spoken(answer)), SPOKEN_MS);
  }

  #showRoute(answer) {
    const row = chosen(answer);
    this.route.replaceChildren();
    this.route.classList.toggle('abstains', Boolean(answer.abstain));
    if (answer.abstain) {
      this.route.append(el('p', { class: 'abstention' },
        el('strong', {}, 'Abstains: nothing like this was in training.'),
        ' What follows is each model’s result in training, predicted with an interval where it has none.'));
    }
    if (row) {
      this.route.append(el('p', { class: 'choice' },
        el('span', { class: 'verb' }, answer.abstain ? 'If it had to choose' : 'Goes to'), ' ',
        el('strong', { dir: 'auto' }, legible(row.name)), ' ',
        el('span', { class: 'chance' }, fmt.percent(row.probability, 0), ` ${quantity.right}`), ' ',
        el('span', { class: 'beside' }, row.high > row.low ? fmt.interval(row.low, row.high, 0) : 'interval not known', known(row.cost) ? `, about ${fmt.money(row.cost)} a call` : '')));
    }
    const stop = /[.!?…]$/.test(answer.reason) ? '' : '.';
    this.route.append(el('p', { class: 'reason' }, `Reason: ${prose(answer.reason)}${stop} `, baseline(answer)));
  }

  #showEvidence(nearest, row) {
    const warning = disagreement(nearest, row);
    this.evidence.replaceChildren(...(warning ? [el('p', { class: 'disagreement' }, warning)] : []), nearest.length > 0
      ? el('ol', { class: 'nearest' }, nearest.map(question))
      : el('p', { class: 'hint' }, this.#context.overview.has.questions
        ? 'There is none to show.'
        : 'They are not beside the model file: it was trained with --no-questions.'));
  }
}

/**
 * What the nearest answered questions say against the forecast; null where they do not: as few right ones, or as
 * many, would come less than once in twenty times if the forecast held for them.
 */
function disagreement(nearest, row) {
  const answered = nearest.filter((question) => question.routedModelRight !== null && question.routedModelRight !== undefined);
  if (!row || !known(row.probability) || answered.length < 3) return null;
  const right = answered.filter((question) => question.routedModelRight).length;
  const n = answered.length;
  const chance = (k) => choose(n, k) * row.probability ** k * (1 - row.probability) ** (n - k);
  const sum = (from, to) => Array.from({ length: Math.max(0, to - from + 1) }, (_, k) => chance(from + k)).reduce((a, b) => a + b, 0);
  if (Math.min(sum(0, right), sum(right, n)) > 0.05) return null;
  return `These disagree with the forecast: of the ${n} nearest that the chosen model answered, it was ${quantity.right} on ${right}, where the forecast says ${fmt.percent(row.probability, 0)}. Trust the forecast less here.`;
}

const choose = (n, k) => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);

/** What always calling the best single model would give here. */
function baseline(answer) {
  const { singleBest } = answer;
  if (!singleBest || !known(singleBest.probability)) return null;
  if (chosen(answer)?.id === singleBest.id) return 'It is the best single model too: on this prompt routing changes nothing.';
  const cost = single(answer)?.cost;
  return ['Always calling ', el('bdi', {}, legible(singleBest.name)), `, the best single model, would be ${quantity.right} with `,
    fmt.percent(singleBest.probability, 0), known(cost) ? ` for ${fmt.money(cost)}.` : '.'];
}

function spoken(answer) {
  const row = chosen(answer);
  return [answer.abstain ? 'Abstains: nothing like this was in training.' : '',
    row ? `${legible(row.name)}, ${quantity.right} with ${fmt.percent(row.probability, 0)}.` : '',
    prose(answer.reason)].filter((part) => part).join(' ');
}

const MARKS = {
  true: ['right', '✓', `the chosen model was ${quantity.right}`],
  false: ['wrong', '✗', `the chosen model was ${quantity.wrong}`],
  null: ['unknown', '–', 'the chosen model did not answer it'],
};

/** A training question as evidence: what it asked, how near it is, and who was right. */
function question({ benchmark, prompt, similarity, distance, scores, routedModelRight }) {
  const [kind, sign, words] = MARKS[String(routedModelRight ?? null)];
  const text = el('p', { class: 'question', dir: 'auto' }, prompt);
  const more = el('button', {
    type: 'button', class: 'quiet', 'aria-expanded': 'false',
    on: {
      click: () => {
        const open = text.classList.toggle('open');
        more.setAttribute('aria-expanded', String(open));
        more.textContent = open ? 'Less' : 'More';
      },
    },
  }, 'More');
  return el('li', {},
    el('p', { class: 'question-head' },
      el('span', { dir: 'auto' }, benchmark),
      el('span', {}, known(similarity) ? `similarity ${fmt.number(similarity)}` : `distance ${fmt.number(distance)}`)),
    text,
    el('p', { class: 'question-foot' },
      el('span', {}, `${fmt.count(scores.right)} of ${plural(scores.answered, 'model')} ${quantity.right}`),
      el('span', { class: `mark ${kind}` }, el('span', { 'aria-hidden': 'true' }, `${sign} `), words),
      prompt.length > 150 || prompt.split('\n').length > 3 ? more : null));
}
