// Controls and cards.
import { el, fresh } from './dom.js';

/** A label and its control in one block. */
export function field(label, control, hint = null) {
  control.id ||= fresh('field');
  return el('div', { class: 'field' }, el('label', { for: control.id }, label), control, hint ? el('p', { class: 'hint' }, hint) : null);
}

/** A select. `options`: `[{value, label, group?}]`. */
export function choice(options, value, onChange) {
  const node = el('select', { on: { change: () => onChange(node.value) } });
  const groups = new Map();
  for (const option of options) {
    let parent = node;
    if (option.group) {
      if (!groups.has(option.group)) {
        groups.set(option.group, el('optgroup', { label: option.group }));
        node.append(groups.get(option.group));
      }
      parent = groups.get(option.group);
    }
    parent.append(el('option', { value: option.value }, option.label));
  }
  node.value = value;
  return node;
}

/** One of a few, side by side: radio buttons with arrow keys as browsers have them. Has `set(value)`. */
export function segments(legend, options, value, onChange) {
  const name = fresh('segments');
  const inputs = options.map((option) =>
    el('input', { type: 'radio', name, value: option.value, checked: option.value === value, on: { change: () => onChange(option.value) } }));
  const node = el('fieldset', { class: 'segments' },
    el('legend', {}, legend),
    el('div', {}, options.map((option, index) => el('label', {}, inputs[index], el('span', {}, option.label)))));
  node.set = (next) => inputs.forEach((input) => (input.checked = input.value === next));
  return node;
}

/** A titled block of a view; `lead` is the sentence that says what is to be seen. */
export function card(title, { lead = null, level = 2, wide = false } = {}, ...children) {
  const id = fresh('card');
  return el('section', { class: wide ? 'card wide' : 'card', 'aria-labelledby': id },
    el(`h${level}`, { id }, title), lead ? el('p', { class: 'lead' }, lead) : null, children);
}

/** Calls `fn` once things have been quiet for `millis`. Has `cancel()`. */
export function debounce(fn, millis) {
  let timer = 0;
  const later = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => fn(...values), millis);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}
