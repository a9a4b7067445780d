// The policy of the playground as text, such as cheapest@0.8: controls for its name and its number.
import { segments } from '../lib/controls.js';
import { el } from '../lib/dom.js';
import { fmt } from '../lib/format.js';
import { capitalized, quantity } from '../lib/quantity.js';

const POLICIES = {
  best: { label: 'Best', says: `Takes the model most likely to be ${quantity.right}.` },
  cheapest: {
    label: 'Cheapest at target',
    says: `Takes the cheapest model that is likely enough to be ${quantity.right}; where none is, the likeliest.`,
    parameter: 'target',
  },
  budget: {
    label: 'Within a budget',
    says: 'Takes the likeliest model among those whose call costs no more than this.',
    parameter: 'maxCost',
  },
  dial: {
    label: 'Dial',
    says: `Weighs the chance of a ${quantity.right} answer against the price of the call.`,
    parameter: 'dial',
  },
};

const share = { min: 0, max: 1, to: (v) => v, from: (v) => v };
const PARAMETERS = {
  target: { ...share, label: `${capitalized(quantity.right)} with at least`, text: (v) => fmt.percent(v, 0), ends: ['0%', '100%'] },
  dial: { ...share, label: 'Price or quality', text: (v) => fmt.number(v), ends: ['price', 'quality'] },
  // As powers of ten; the ends are set to what calls cost once that is known.
  maxCost: { min: -6, max: 0, to: (v) => 10 ** v, from: Math.log10, label: 'A call may cost', text: fmt.money, ends: ['less', 'more'] },
};

/** The name of a policy from its text: cheapest of cheapest@0.8. */
export const policyName = (text) => text.split('@', 1)[0];

export class PolicyControls {
  #name = 'best';
  #values = { target: 0.7, maxCost: 0.001, dial: 0.5 };
  #costs = PARAMETERS.maxCost;
  #priced;
  #changed;

  /**
   * @param priced whether any policy but the first can be asked for
   * @param changed called when another policy or another number is chosen
   */
  constructor(priced, changed) {
    this.#priced = priced;
    this.#changed = changed;
    const options = Object.entries(POLICIES).map(([value, { label }]) => ({ value, label }));
    this.names = segments('Policy', options, this.#name, (name) => {
      this.#name = name;
      this.#show();
      this.#changed();
    });
    for (const input of this.names.querySelectorAll('input')) input.disabled = !priced && input.value !== 'best';
    this.parameter = el('div', { class: 'parameter' });
    this.node = el('div', { class: 'policy' }, this.names, this.parameter);
    /** What the policy does, in a sentence. */
    this.says = el('p', { class: 'hint' });
    this.#show();
  }

  /** Takes the policy from an address. */
  read(params) {
    const [name, number] = (params.get('policy') ?? '').split('@');
    this.#name = this.#priced && Object.hasOwn(POLICIES, name) ? name : 'best';
    const { parameter } = POLICIES[this.#name];
    const value = Number(number ?? NaN);
    if (parameter && value >= 0 && (parameter === 'maxCost' || value <= 1)) this.#values[parameter] = value;
    this.#show();
  }

  /** The policy as the server and the address have it. */
  text() {
    const { parameter } = POLICIES[this.#name];
    return parameter ? `${this.#name}@${this.#values[parameter]}` : this.#name;
  }

  /** The probability or the cost that separates the models, where the policy has one. */
  limits() {
    const { parameter } = POLICIES[this.#name];
    return parameter ? { [parameter]: this.#values[parameter] } : {};
  }

  /** Sets the budget's ends to what calls cost. */
  priceRange(costs) {
    const paid = costs.filter((cost) => cost > 0);
    if (paid.length === 0 || this.#costs !== PARAMETERS.maxCost) return;
    const [min, max] = [Math.min(...paid), Math.max(...paid)].map(Math.log10);
    this.#costs = { ...PARAMETERS.maxCost, min: (min - 0.1).toFixed(2), max: (max + 0.1).toFixed(2) };
    if (this.#name === 'budget' && !this.parameter.contains(document.activeElement)) this.#show();
  }

  #show() {
    const { says, parameter } = POLICIES[this.#name];
    this.names.set(this.#name);
    this.says.textContent = this.#priced ? says : `${says} The other policies need prices: start with --prices FILE.`;
    this.parameter.replaceChildren(...(parameter ? this.#slider(parameter) : []));
  }

  #slider(name) {
    const kind = name === 'maxCost' ? this.#costs : PARAMETERS[name];
    const id = 'policy-value';
    const output = el('output', { for: id }, kind.text(this.#values[name]));
    const range = el('input', {
      type: 'range', id, min: kind.min, max: kind.max, step: 0.01, 'aria-valuetext': output.textContent,
      on: {
        input: () => {
          this.#values[name] = Number(kind.to(Number(range.value)).toPrecision(3));
          output.textContent = kind.text(this.#values[name]);
          range.setAttribute('aria-valuetext', output.textContent);
          this.#changed();
        },
      },
    });
    range.value = String(kind.from(this.#values[name]));
    const end = (text) => el('span', { class: 'end', 'aria-hidden': 'true' }, text);
    return [el('label', { for: id }, kind.label), end(kind.ends[0]), range, end(kind.ends[1]), output];
  }
}
