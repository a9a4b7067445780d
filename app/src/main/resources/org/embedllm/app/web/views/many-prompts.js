// Many prompts at once: what routing them would give and save against always calling the best single model.
import { facts } from '../charts/intervals.js';
import { el } from '../lib/dom.js';
import { fmt, gain, gainRange, known, legible, plural } from '../lib/format.js';
import { chosen, single } from './ranking.js';
import { capitalized, quantity } from '../lib/quantity.js';

const MOST = 200;
const TWO_SIDED_95 = 1.959963984540054; // of the normal distribution, as NormalQuantile has it

/** Prompts of a text: JSON Lines or CSV with a column prompt, else a prompt a line. */
export function promptsOf(text) {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length > 0 && lines.every((line) => line.trim().startsWith('{'))) {
    return lines.map((line) => {
      try {
        return String(JSON.parse(line).prompt ?? '');
      } catch {
        return '';
      }
    }).filter((prompt) => prompt.trim() !== '');
  }
  const rows = csv(text);
  const column = rows[0]?.findIndex((head) => head.trim().toLowerCase() === 'prompt') ?? -1;
  return column < 0 ? lines : rows.slice(1).map((row) => row[column] ?? '').filter((prompt) => prompt.trim() !== '');
}

/** Rows of RFC 4180. */
function csv(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.replace(/^\uFEFF/, '').matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '') break;
    if (end !== ',') rows.push([]);
  }
  return rows.filter((row) => row.some((cell) => cell !== ''));
}

export class ManyPrompts {
  #context;
  #policy;
  #stop = null;

  /** @param policy gives the policy's text */
  constructor(context, policy) {
    this.#context = context;
    this.#policy = policy;
    this.text = el('textarea', {
      id: 'many-prompts', rows: '5', spellcheck: 'false', autocomplete: 'off', dir: 'auto',
      placeholder: 'Paste prompts, one a line, or drop a file here: text, CSV or JSON Lines with a column prompt.',
      on: { dragover: (event) => event.preventDefault(), drop: (event) => this.#drop(event) },
    });
    this.file = el('input', {
      type: 'file', id: 'many-file', accept: '.txt,.csv,.jsonl,text/plain,text/csv',
      on: { change: () => this.#read(this.file.files[0]) },
    });
    this.go = el('button', { type: 'button', class: 'primary', on: { click: () => this.#run() } }, 'What would routing save?');
    this.says = el('p', { class: 'hint', role: 'status' });
    this.result = el('div', {});
    this.node = el('details', { class: 'card many' },
      el('summary', {}, 'Many prompts: what would routing save?'),
      el('div', { class: 'stack' },
        el('div', { class: 'field' }, el('label', { for: 'many-prompts' }, `Prompts, ${MOST} at most`), this.text),
        el('div', { class: 'row' }, el('label', { for: 'many-file' }, 'File'), this.file, this.go),
        this.says, this.result));
  }

  stop() {
    this.#stop?.abort();
  }

  #drop(event) {
    const [file] = event.dataTransfer.files;
    if (!file) return;
    event.preventDefault();
    this.#read(file);
  }

  async #read(file) {
    if (!file) return;
    this.text.value = await file.text();
    await this.#run();
  }

  async #run() {
    this.stop();
    const stop = new AbortController();
    this.#stop = stop;
    const all = promptsOf(this.text.value);
    const prompts = all.slice(0, MOST);
    this.result.replaceChildren();
    if (prompts.length < 2) {
      this.says.textContent = 'Two prompts or more are needed.';
      return;
    }
    const rows = [];
    try {
      for (const [k, prompt] of prompts.entries()) {
        this.says.textContent = `${fmt.count(k)} of ${plural(prompts.length, 'prompt')} routed`;
        const answer = await this.#context.api.post('playground', { prompt, sequence: k, policy: this.#policy() }, { signal: stop.signal });
        if (answer.status === 'unavailable') throw new Error(answer.reason);
        rows.push({ ours: chosen(answer), one: single(answer), name: answer.singleBest?.name });
      }
    } catch (error) {
      if (error.name !== 'AbortError') this.says.textContent = error.message;
      return;
    }
    this.says.textContent = `${plural(prompts.length, 'prompt')} routed by ${this.#policy()}.`
      + (all.length > MOST ? ` The other ${fmt.count(all.length - MOST)} were left out.` : '');
    this.result.replaceChildren(...saving(rows.filter((row) => row.ours && row.one)));
    this.#context.announce(this.result.querySelector('.lead')?.textContent ?? '');
  }
}

/** The mean with its 95% interval over the prompts. */
function mean(values) {
  const n = values.length;
  const value = values.reduce((a, b) => a + b, 0) / n;
  const variance = values.reduce((a, b) => a + (b - value) ** 2, 0) / (n - 1);
  const half = TWO_SIDED_95 * Math.sqrt(variance / n);
  return { value, low: value - half, high: value + half };
}

function saving(rows) {
  if (rows.length < 2) return [el('p', { class: 'hint' }, 'The best single model is no candidate here, so there is nothing to compare with.')];
  const right = mean(rows.map((row) => row.ours.probability - row.one.probability));
  const priced = rows.every((row) => known(row.ours.cost) && known(row.one.cost));
  const counts = new Map();
  for (const row of rows) counts.set(row.ours.name, (counts.get(row.ours.name) ?? 0) + 1);
  const models = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 4)
    .map(([name, count]) => `${legible(name)} ${fmt.percent(count / rows.length, 0)}`).join(', ');
  const shown = [[`${capitalized(quantity.right)} answers`, gain(right.value), gainRange([right.low, right.high])]];
  let money = 'No prices are known, so nothing is said of costs.';
  if (priced) {
    const one = rows.reduce((sum, row) => sum + row.one.cost, 0) / rows.length;
    const saved = mean(rows.map((row) => row.one.cost - row.ours.cost));
    const each = (x) => `${x < 0 ? '−' : ''}${fmt.money(Math.abs(1000 * x))}`;
    const part = (x) => fmt.percent(x / one, 0).replace('-', '−');
    money = saved.low > 0
      ? `Routing saves ${part(saved.value)} of the cost (${part(saved.low)} to ${part(saved.high)}).`
      : saved.high < 0 ? `Routing costs ${part(-saved.value)} more (${part(-saved.high)} to ${part(-saved.low)}).`
        : `Whether routing saves money is open: ${part(saved.value)} of the cost (${part(saved.low)} to ${part(saved.high)}).`;
    shown.unshift(['Saved, 1,000 prompts', each(saved.value), `${each(saved.low)} to ${each(saved.high)}`]);
  }
  return [
    el('p', { class: 'lead' }, money),
    facts(shown),
    el('p', { class: 'hint' },
      `Against always calling ${legible(rows[0].name)}, the best single model. Forecasts, with 95% intervals over these prompts; none was sent to a model. Chosen: ${models}.`),
  ];
}
