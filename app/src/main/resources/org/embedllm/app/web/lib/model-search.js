// Finds models by name: an editable combobox with a list (WAI-ARIA pattern). Used by the map and by Compare.
import { clear, el, fresh } from './dom.js';
import { fmt, plural } from './format.js';

const SHOWN = 8;

/** Models whose name holds every word, those that begin with the first word first; `models` are in order of rank. */
export function find(models, query) {
  const words = query.toLocaleLowerCase().split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return [];
  const first = [];
  const second = [];
  for (const model of models) {
    const name = model.name.toLocaleLowerCase();
    if (words.every((word) => name.includes(word))) (name.startsWith(words[0]) ? first : second).push(model);
  }
  return [...first, ...second];
}

/**
 * @param {{label: string, models: () => object[], onMatches?: (models: object[] | null) => void,
 *   onChoose: (model: object) => void, announce: (text: string) => void, keep?: boolean}} settings
 *   `onMatches` hears null when nothing is searched for; `keep` leaves the chosen name in the field
 */
export function modelSearch({ label, models, onMatches, onChoose, announce, keep = true }) {
  const listId = fresh('found');
  const input = el('input', {
    type: 'text',
    id: fresh('search'),
    role: 'combobox',
    autocomplete: 'off',
    spellcheck: 'false',
    dir: 'auto',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': listId,
  });
  const list = el('ul', { id: listId, role: 'listbox', 'aria-label': label, hidden: true });
  const node = el('div', { class: 'field search' }, el('label', { for: input.id }, label), input, list);
  let found = [];
  let active = -1;

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  }

  function point(next) {
    active = next;
    [...list.children].forEach((option, i) => option.setAttribute('aria-selected', String(i === active)));
    const option = list.children[active];
    if (option) {
      input.setAttribute('aria-activedescendant', option.id);
      option.scrollIntoView({ block: 'nearest' });
    } else input.removeAttribute('aria-activedescendant');
  }

  function search() {
    const query = input.value.trim();
    if (query === '') {
      found = [];
      close();
      onMatches?.(null);
      return;
    }
    const all = find(models(), query);
    found = all.slice(0, SHOWN);
    clear(list).append(...found.map((model, i) =>
      el('li', { role: 'option', id: `${listId}-${i}`, 'aria-selected': 'false', on: { pointerdown: (event) => event.preventDefault(), click: () => choose(i) } },
        el('span', { class: 'model-name', dir: 'auto' }, model.name), el('span', { class: 'muted' }, fmt.percent(model.accuracy)))));
    if (all.length === 0) list.append(el('li', { role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false', class: 'muted' }, 'No model has this in its name'));
    else if (all.length > SHOWN) list.append(el('li', { role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false', class: 'muted' }, `and ${fmt.count(all.length - SHOWN)} more: type on`));
    list.hidden = false;
    active = -1;
    input.setAttribute('aria-expanded', 'true');
    input.removeAttribute('aria-activedescendant');
    announce(all.length === 0 ? 'No model found' : `${plural(all.length, 'model')} found`);
    onMatches?.(all);
  }

  function choose(i) {
    const model = found[i];
    if (!model) return;
    input.value = keep ? model.name : '';
    close();
    onMatches?.(keep ? [model] : null);
    onChoose(model);
  }

  input.addEventListener('input', search);
  input.addEventListener('focus', () => input.select());
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (list.hidden) search();
      if (found.length === 0) return;
      const step = event.key === 'ArrowDown' ? 1 : -1;
      point(active < 0 ? (step > 0 ? 0 : found.length - 1) : (active + step + found.length) % found.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (!list.hidden) choose(Math.max(active, 0));
    } else if (event.key === 'Escape') {
      if (!list.hidden) close();
      else {
        input.value = '';
        onMatches?.(null);
      }
    }
  });

  return {
    node,
    clear() {
      input.value = '';
      close();
    },
  };
}
