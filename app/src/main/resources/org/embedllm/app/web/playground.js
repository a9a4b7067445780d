// Playground: a prompt, and what the router makes of it while it is being typed.
import { card, command, el, empty, failure, fmt, legible, modelName, plural, segments } from './kit.js';
import { axisLabels, known, SHARES, track } from './instruments.js';

export const title = 'Playground';
export const hash = 'playground';
export const lead = 'A prompt, and what the router makes of it while it is being typed.';

const KEPT = 'embedllm.prompt';
const TYPING_MS = 250;
const SPOKEN_MS = 900;
const FIRST_ROWS = 12;
const ALL_ROWS = 400;

/** Prompts of our own making. */
const EXAMPLES = [
  ['arithmetic', 'A tank holds 240 litres and loses 3 litres a minute. After how many minutes is a quarter of it left?'],
  ['biology', 'Which enzyme unwinds the two strands of DNA before they are copied?'],
  ['law', 'May a court set aside a contract that one side signed under threat? Name the doctrine.'],
  ['code', 'Write a Java method that returns the second largest number of a list, and say what it does with duplicates.'],
  ['economics', 'Why can unemployment fall for a while when inflation rises unexpectedly, and why does it not last?'],
  ['physics', 'A ball is thrown straight up at 12 m/s. How high does it rise?'],
];

const POLICIES = {
  best: { label: 'Best', says: 'Takes the model most likely to be right.' },
  cheapest: { label: 'Cheapest at target', says: 'Takes the cheapest model that is likely enough to be right; where none is, the likeliest.', parameter: 'target' },
  budget: { label: 'Within a budget', says: 'Takes the likeliest model among those whose call costs no more than this.', parameter: 'maxCost' },
  dial: { label: 'Dial', says: 'Weighs the chance of a right answer against the price of the call.', parameter: 'dial' },
};

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
  #answer = null;
  #all = false;
  #policy = 'best';
  #values = { target: 0.7, maxCost: 0.001, dial: 0.5 };

  constructor(root, context) {
    this.#context = context;
    root.replaceChildren(...this.#build());
    this.#showNothing();
  }

  /** The policy stands in the address; the prompt never does. */
  update(params) {
    const policy = params.get('policy');
    this.#policy = this.priced && Object.hasOwn(POLICIES, policy ?? '') ? policy : 'best';
    for (const name of Object.keys(this.#values)) {
      const value = Number(params.get(name) ?? NaN);
      if (Number.isFinite(value) && value >= 0 && (name === 'maxCost' || value <= 1)) {
        this.#values[name] = value;
      }
    }
    this.#showPolicy();
    this.#ask();
  }

  unmount() {
    clearTimeout(this.#typing);
    clearTimeout(this.#speaking);
    clearTimeout(this.#slow);
    this.#request?.abort();
  }

  // ---------------------------------------------------------------- what stands on the page

  #build() {
    this.prompt = el('textarea', {
      id: 'prompt', rows: '4', spellcheck: 'false', autocomplete: 'off', dir: 'auto',
      placeholder: 'Type or paste a prompt. It goes to this server and nowhere else.',
      on: { input: () => this.#changed(TYPING_MS) },
    });
    this.prompt.value = sessionStorage.getItem(KEPT) ?? '';
    this.says = el('p', { class: 'hint' });
    this.timing = el('p', { class: 'hint timing' });
    this.progress = el('div', { class: 'underway', hidden: true, 'aria-hidden': 'true' });
    this.outcome = el('div', { class: 'outcome' });
    this.ranking = el('div', {});
    this.filter = el('input', {
      type: 'search', class: 'filter', autocomplete: 'off', placeholder: 'Find a model',
      'aria-label': 'Find a model in the ranking', on: { input: () => this.#showRanking() },
    });
    this.more = el('button', { type: 'button', on: { click: () => this.#toggleAll() } });
    this.evidence = el('div', {});
    this.shell = el('div', {});
    this.result = el('div', { class: 'result', hidden: true },
      this.outcome,
      el('div', { class: 'playground-columns' },
        el('div', { class: 'stack' },
          card('Every model’s chance of being right', {}, this.filter, this.ranking, this.more),
          card('The same from a shell', {}, this.shell)),
        card('Nearest training questions', {}, this.evidence)));
    this.state = el('div', {});
    return [
      el('div', { class: 'ask' },
        el('div', { class: 'ask-head' }, el('label', { for: 'prompt' }, 'Prompt'), this.#examples()),
        this.prompt, this.progress,
        this.#policyControls(),
        el('div', { class: 'ask-foot' }, this.says, this.timing)),
      this.state, this.result,
    ];
  }

  #examples() {
    const chips = EXAMPLES.map(([name, prompt]) => el('button', {
      type: 'button', class: 'chip', title: prompt, 'aria-label': `Example: ${name}`,
      on: {
        click: () => {
          this.prompt.value = prompt;
          this.#changed(0);
        },
      },
    }, name));
    return el('div', { class: 'chips', role: 'group', 'aria-label': 'Examples' }, el('span', { 'aria-hidden': 'true' }, 'Try'), chips);
  }

  #policyControls() {
    this.priced = this.#context.overview.has.prices;
    const options = Object.entries(POLICIES).map(([value, policy]) => ({ value, label: policy.label }));
    this.policies = segments('Policy', options, this.#policy, (value) => {
      this.#policy = value;
      this.#showPolicy();
      this.#remember();
      this.#ask();
    });
    for (const input of this.policies.querySelectorAll('input')) input.disabled = !this.priced && input.value !== 'best';
    this.parameter = el('div', { class: 'parameter' });
    return el('div', { class: 'policy' }, this.policies, this.parameter);
  }

  #showPolicy() {
    const policy = POLICIES[this.#policy];
    this.policies.set(this.#policy);
    this.says.textContent = this.priced
      ? policy.says
      : `${policy.says} The other policies need prices: start with --prices FILE.`;
    this.parameter.replaceChildren(...(policy.parameter ? this.#slider(policy.parameter) : []));
  }

  #slider(name) {
    const kind = {
      target: { label: 'Right with at least', min: 0, max: 1, to: (v) => v, from: (v) => v, text: (v) => fmt.percent(v, 0), ends: ['0%', '100%'] },
      dial: { label: 'Price or quality', min: 0, max: 1, to: (v) => v, from: (v) => v, text: (v) => fmt.number(v), ends: ['price', 'quality'] },
      maxCost: { label: 'A call may cost', ...this.#costRange(), to: (v) => 10 ** v, from: Math.log10, text: fmt.money, ends: ['less', 'more'] },
    }[name];
    const id = 'policy-value';
    const output = el('output', { for: id }, kind.text(this.#values[name]));
    const range = el('input', {
      type: 'range', id, min: kind.min, max: kind.max, step: 0.01, 'aria-valuetext': kind.text(this.#values[name]),
      on: {
        input: () => {
          this.#values[name] = Number(kind.to(Number(range.value)).toPrecision(3));
          output.textContent = kind.text(this.#values[name]);
          range.setAttribute('aria-valuetext', output.textContent);
          this.#remember();
          this.#ask();
        },
      },
    });
    range.value = String(kind.from(this.#values[name]));
    return [
      el('label', { for: id }, kind.label),
      el('span', { class: 'end', 'aria-hidden': 'true' }, kind.ends[0]), range,
      el('span', { class: 'end', 'aria-hidden': 'true' }, kind.ends[1]), output,
    ];
  }

  /** What calls cost here, as powers of ten. */
  #costRange() {
    const costs = (this.#answer?.ranking ?? []).map((row) => row.cost).filter((cost) => cost > 0);
    if (costs.length === 0) return { min: -6, max: 0 };
    return { min: (Math.log10(Math.min(...costs)) - 0.1).toFixed(2), max: (Math.log10(Math.max(...costs)) + 0.1).toFixed(2) };
  }

  #remember() {
    const { parameter } = POLICIES[this.#policy];
    const cleared = Object.fromEntries(Object.keys(this.#values).map((name) => [name, null]));
    this.#context.setParams({ ...cleared, policy: this.#policy, ...(parameter ? { [parameter]: this.#values[parameter] } : {}) });
  }

  // ---------------------------------------------------------------- asking

  #changed(wait) {
    sessionStorage.setItem(KEPT, this.prompt.value);
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#ask(), wait);
  }

  /** Asks for what stands in the box now; an older question still under way is dropped. */
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
    this.#request = request;
    this.#begun();
    try {
      const { parameter } = POLICIES[this.#policy];
      const answer = await this.#context.api.post('playground', {
        prompt, sequence, policy: this.#policy, ...(parameter ? { [parameter]: this.#values[parameter] } : {}),
      }, { signal: request.signal });
      if (sequence === this.#sequence) {
        this.#finished();
        this.#show(answer);
      }
    } catch (error) {
      if (sequence === this.#sequence && error.name !== 'AbortError') {
        this.#finished();
        this.#showFailure(error);
      }
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

  #showNothing() {
    this.#answer = null;
    this.result.hidden = true;
    this.timing.textContent = '';
    empty(this.state, {
      title: 'Nothing asked yet',
      text: `${plural(this.#context.overview.models, 'model')} and no prompt. Type one above, or take an example.`,
    });
  }

  #showFailure(error) {
    this.result.hidden = true;
    this.timing.textContent = '';
    failure(this.state, error, () => this.#ask());
  }

  #show(answer) {
    if (answer.status === 'unavailable') {
      this.result.hidden = true;
      empty(this.state, { title: 'Not available here', text: answer.reason, command: answer.remedy });
      return;
    }
    const first = this.#answer === null;
    this.#answer = answer;
    this.state.replaceChildren();
    this.result.hidden = false;
    this.timing.textContent = `encoded in ${fmt.ms(answer.encodeMillis)}, forecast in ${fmt.ms(answer.forecastMillis)}`;
    if (first && this.#policy === 'budget') this.#showPolicy();
    this.#showOutcome();
    this.#showRanking();
    this.#showEvidence();
    this.#showCommand();
    clearTimeout(this.#speaking);
    this.#speaking = setTimeout(() => this.#context.announce(this.#spoken()), SPOKEN_MS);
  }

  #chosen() {
    const { ranking, route } = this.#answer;
    // An upstream without a vector has no id; the chosen one comes first.
    return ranking.find((row) => known(route) && row.id === route) ?? ranking.find((row) => row.available !== false);
  }

  #single() {
    return this.#answer.ranking.find((row) => known(row.id) && row.id === this.#answer.singleBest?.id);
  }

  #spoken() {
    const chosen = this.#chosen();
    const parts = [this.#answer.abstain ? 'Abstains: nothing like this was in training.' : '',
      chosen ? `${legible(chosen.name)}, right with ${fmt.percent(chosen.probability, 0)}.` : '', this.#answer.reason];
    return parts.filter((part) => part).join(' ');
  }

  #showOutcome() {
    const answer = this.#answer;
    const chosen = this.#chosen();
    this.outcome.replaceChildren();
    this.outcome.classList.toggle('abstains', Boolean(answer.abstain));
    if (answer.abstain) {
      this.outcome.append(el('p', { class: 'abstention' },
        el('strong', {}, 'Abstains: nothing like this was in training.'),
        ' What follows is little more than each model’s average.'));
    }
    if (chosen) {
      this.outcome.append(el('p', { class: 'choice' },
        el('span', { class: 'verb' }, answer.abstain ? 'If it had to choose' : 'Goes to'), ' ',
        el('strong', { dir: 'auto' }, legible(chosen.name)), ' ',
        el('span', { class: 'chance' }, fmt.percent(chosen.probability, 0), ' right'), ' ',
        el('span', { class: 'beside' }, fmt.interval(chosen.low, chosen.high, 0),
          known(chosen.cost) ? `, about ${fmt.money(chosen.cost)} a call` : '')));
    }
    this.outcome.append(el('p', { class: 'reason' }, `Reason: ${answer.reason}${/[.!?…]$/.test(answer.reason) ? '' : '.'} `, this.#beside(chosen)));
  }

  /** The baseline: what always calling the best single model would give here. */
  #beside(chosen) {
    const single = this.#answer.singleBest;
    if (!single || !known(single.probability)) return null;
    if (chosen?.id === single.id) return 'It is the best single model too: on this prompt routing changes nothing.';
    const row = this.#answer.ranking.find((other) => other.id === single.id);
    return ['Always calling ', el('bdi', {}, legible(single.name ?? row?.name ?? '')), ', the best single model, would be right with ',
      fmt.percent(single.probability, 0), known(row?.cost) ? ` for ${fmt.money(row.cost)}.` : '.'];
  }

  #toggleAll() {
    this.#all = !this.#all;
    this.#showRanking();
  }

  #showRanking() {
    if (this.#answer === null) return;
    const ranked = this.#answer.ranking.map((row, k) => ({ ...row, rank: k + 1 }));
    const long = ranked.length > FIRST_ROWS + 3;
    const wanted = long ? this.filter.value.trim().toLowerCase() : '';
    const always = [this.#chosen()?.name, this.#single()?.name];
    let rows = ranked;
    if (wanted) rows = ranked.filter((row) => row.name.toLowerCase().includes(wanted));
    else if (long && !this.#all) rows = ranked.filter((row) => row.rank <= FIRST_ROWS || always.includes(row.name));
    const cut = rows.length - ALL_ROWS;
    this.filter.hidden = !long;
    this.more.hidden = !long || wanted !== '';
    this.more.setAttribute('aria-expanded', String(this.#all));
    this.more.textContent = this.#all ? `Show the first ${FIRST_ROWS}` : `Show all ${fmt.count(ranked.length)}`;
    this.ranking.replaceChildren(rows.length === 0 ? el('p', { class: 'hint' }, 'No model of that name.') : this.#table(rows.slice(0, ALL_ROWS)),
      cut > 0 ? el('p', { class: 'hint' }, `${fmt.count(cut)} more: find them by name.`) : '',
      el('p', { class: 'hint' }, 'Bar: forecast probability of a right answer. Line: its 95% interval, wider the less the training questions say about a prompt like this.'));
  }

  #table(rows) {
    const axis = { ...SHARES, rules: this.#policy === 'cheapest' ? [this.#values.target] : [] };
    const priced = rows.some((row) => known(row.cost));
    return el('table', { class: 'estimates ranks' },
      el('caption', { class: 'unseen' }, 'Models in the policy’s order: probability of a right answer with its 95% interval, and expected cost of the call'),
      el('thead', {}, el('tr', {},
        el('th', { scope: 'col', class: 'rank' }, el('span', { class: 'unseen' }, 'Rank')),
        el('th', { scope: 'col' }, 'Model'),
        el('td', { class: 'drawn' }, axisLabels(axis, (tick) => fmt.percent(tick, 0))),
        el('th', { scope: 'col', class: 'numeric' }, 'Right'),
        el('th', { scope: 'col', class: 'numeric optional' }, '95% interval'),
        priced ? el('th', { scope: 'col', class: 'numeric' }, 'A call') : null)),
      el('tbody', {}, rows.map((row) => this.#row(row, axis, priced))));
  }

  #row(row, axis, priced) {
    const chosen = row.name === this.#chosen()?.name;
    const single = row.name === this.#single()?.name;
    const away = row.available === false;
    const dear = this.#policy === 'budget' && row.cost > this.#values.maxCost;
    return el('tr', { class: chosen ? 'ours' : away || dear ? 'bound' : 'plain' },
      el('td', { class: 'rank' }, row.rank),
      el('th', { scope: 'row' }, modelName(row, { link: known(row.id) }),
        chosen ? el('span', { class: 'tag ours' }, 'chosen') : null,
        single ? el('span', { class: 'tag' }, 'best single') : null,
        away ? el('small', {}, row.whyNot || 'not available') : null),
      el('td', { class: 'drawn' }, track(axis, { value: row.probability, low: row.low, high: row.high, bar: true })),
      el('td', { class: 'numeric' }, fmt.percent(row.probability, 0)),
      el('td', { class: 'numeric optional muted' }, fmt.interval(row.low, row.high, 0)),
      priced ? el('td', { class: 'numeric' }, fmt.money(row.cost), dear ? el('small', {}, 'over budget') : null) : null);
  }

  #showEvidence() {
    const nearest = this.#answer.nearest ?? [];
    this.evidence.replaceChildren(nearest.length > 0
      ? el('ol', { class: 'nearest' }, nearest.map(question))
      : el('p', { class: 'hint' }, this.#context.overview.has.questions
        ? 'There is none to show.'
        : 'They are not beside the model file: it was trained with --no-questions.'));
  }

  #showCommand() {
    const line = this.#answer.curl;
    this.shell.replaceChildren(line ? command(line) : el('p', { class: 'hint' }, 'No command is known for this.'));
  }
}

const MARKS = {
  true: ['right', '✓', 'the chosen model was right'],
  false: ['wrong', '✗', 'the chosen model was wrong'],
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
    el('p', { class: 'question-head' }, el('span', { dir: 'auto' }, benchmark), el('span', {}, known(similarity) ? `similarity ${fmt.number(similarity)}` : `distance ${fmt.number(distance)}`)),
    text,
    el('p', { class: 'question-foot' },
      el('span', {}, `${fmt.count(scores.right)} of ${plural(scores.answered, 'model')} right`),
      el('span', { class: `mark ${kind}` }, el('span', { 'aria-hidden': 'true' }, `${sign} `), words),
      prompt.length > 150 || prompt.split('\n').length > 3 ? more : null));
}
