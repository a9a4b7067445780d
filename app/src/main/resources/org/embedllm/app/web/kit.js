// Small pieces every view is made of. Text reaches the page through textContent only: what a model is called or a
// prompt contains is never read as markup.

const SVG = 'http://www.w3.org/2000/svg';

function assemble(node, props, children) {
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === 'on') for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    else if (key === 'dataset') Object.assign(node.dataset, value);
    else if (key === 'style') for (const [name, text] of Object.entries(value)) node.style.setProperty(name, text);
    else if (key === 'value' || key === 'checked' || key === 'indeterminate') node[key] = value;
    else node.setAttribute(key, value === true ? '' : value);
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
}

/** An element. `props`: attributes; `on: {click: fn}`; `dataset`; `style: {width: '3px'}`. Children: nodes and text. */
export const el = (tag, props, ...children) => assemble(document.createElement(tag), props, children);

/** The same for SVG. */
export const svg = (tag, props, ...children) => assemble(document.createElementNS(SVG, tag), props, children);

export function clear(node) {
  node.replaceChildren();
  return node;
}

let ids = 0;
/** An id nobody else has, for labels. */
export const fresh = (stem) => `${stem}-${++ids}`;

// ---------------------------------------------------------------- numbers

const counts = new Intl.NumberFormat('en');
const NONE = '–';
const known = (x) => x !== null && x !== undefined && Number.isFinite(Number(x));

export const fmt = {
  /** 0.6943 → "69.4%". */
  percent: (x, digits = 1) => (known(x) ? `${(100 * x).toFixed(digits)}%` : NONE),
  /** 0.671, 0.718 → "67.1–71.8%". */
  interval: (low, high, digits = 1) =>
    known(low) && known(high) ? `${(100 * low).toFixed(digits)}–${(100 * high).toFixed(digits)}%` : NONE,
  /** A difference of two shares: 0.023 → "+2.3 pts". */
  points: (x, digits = 1) => (known(x) ? `${x < 0 ? '−' : '+'}${Math.abs(100 * x).toFixed(digits)} pts` : NONE),
  /** US dollars, with as many digits as a price per call needs. */
  money(usd) {
    if (!known(usd)) return NONE;
    if (usd === 0) return '$0';
    const size = Math.abs(usd);
    if (size >= 1000) return `$${counts.format(Math.round(usd))}`;
    if (size >= 1) return `$${usd.toFixed(2)}`;
    return `$${usd.toFixed(Math.min(8, 1 - Math.floor(Math.log10(size))))}`;
  },
  count: (x) => (known(x) ? counts.format(x) : NONE),
  number: (x, digits = 2) => (known(x) ? Number(x).toFixed(digits).replace('-', '−') : NONE),
  /** Milliseconds: 0.42 → "0.4 ms", 1830 → "1.83 s". */
  ms(x) {
    if (!known(x)) return NONE;
    if (x >= 1000) return `${(x / 1000).toFixed(2)} s`;
    return x >= 10 ? `${Math.round(x)} ms` : `${Number(x).toFixed(1)} ms`;
  },
};

/** A sentence of the program's as the page writes numbers: "-1.2 points, 96.5 %" → "−1.2 points, 96.5%". */
export const prose = (text) => text.replace(/(\d) %/g, '$1%').replace(/(^|[\s(])-(?=\d)/g, '$1−');

/** "1 model", "2 models". */
export const plural = (n, one, many = `${one}s`) => `${fmt.count(n)} ${n === 1 ? one : many}`;

// ---------------------------------------------------------------- names

/** A name as it is shown: what is blank is said to be. */
export const legible = (name) => (name.trim() === '' ? '(blank name)' : name);

/** A model's name as a link to its place on the map; any character, any direction, cut by CSS where too long. */
export function modelName(model, { link = true } = {}) {
  const text = legible(model.name);
  const props = { class: 'model-name', dir: 'auto', title: text };
  return link ? el('a', { ...props, href: `#/map?focus=${model.id}` }, text) : el('span', props, text);
}

// ---------------------------------------------------------------- states

/** A command line with a button that copies it. */
export function command(text) {
  const code = el('code', {}, text);
  const button = el('button', { type: 'button', class: 'quiet', on: { click: copy } }, 'Copy');
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = 'Selected';
    }
    setTimeout(() => (button.textContent = 'Copy'), 2000);
  }
  return el('div', { class: 'command' }, el('pre', { tabindex: '0' }, code), button);
}

/** What is not there, why, and what to do: `{title, text, command}`. */
export function empty(root, { title, text, command: line }) {
  clear(root).append(
    el('div', { class: 'state', role: 'status' },
      el('h2', {}, title),
      text ? el('p', {}, text) : null,
      line ? command(line) : null));
}

/** What went wrong, what helps, and a button to try again. */
export function failure(root, error, retry) {
  clear(root).append(
    el('div', { class: 'state failed', role: 'alert' },
      el('h2', {}, 'This did not work'),
      el('p', {}, error.message),
      error.remedy ? el('p', {}, error.remedy) : null,
      retry ? el('button', { type: 'button', class: 'primary', on: { click: retry } }, 'Try again') : null));
}

/**
 * Asks `work({signal, onProgress})` and shows `render(answer)` in `root`. What takes longer than 200 ms shows that it
 * is being waited for, and how far it is where the server says so. Answers with status "unavailable" become an empty
 * state, exceptions a failure with a button. `render` may fill `root` itself or return a node.
 *
 * @returns {{cancel: () => void, reload: () => void}}
 */
export function loading(root, work, render) {
  let controller = null;

  function start() {
    controller?.abort();
    const mine = new AbortController();
    controller = mine;
    let waiting = null;
    const timer = setTimeout(() => {
      waiting = waitingFor();
      clear(root).append(waiting.node);
    }, 200);
    const onProgress = (progress) => waiting?.show(progress);
    root.setAttribute('aria-busy', 'true');
    Promise.resolve()
      .then(() => work({ signal: mine.signal, onProgress }))
      .then((answer) => {
        if (mine.signal.aborted) return;
        settle();
        if (answer?.status === 'unavailable') {
          empty(root, { title: 'Not available here', text: answer.reason, command: answer.remedy });
          return;
        }
        clear(root);
        const node = render(answer);
        if (node instanceof Node) root.append(node);
      })
      .catch((error) => {
        if (mine.signal.aborted || error.name === 'AbortError') return;
        settle();
        if (!('status' in error)) console.error(error);
        failure(root, error, start);
      });
    function settle() {
      clearTimeout(timer);
      root.removeAttribute('aria-busy');
    }
    mine.signal.addEventListener('abort', () => clearTimeout(timer));
  }

  start();
  return { cancel: () => controller?.abort(), reload: start };
}

function waitingFor() {
  const label = fresh('working');
  const step = el('p', { id: label }, 'Loading');
  const bar = el('progress', { max: '1', 'aria-labelledby': label });
  return {
    node: el('div', { class: 'state working', role: 'status' }, step, bar),
    show(progress) {
      const said = progress.step ? progress.step[0].toUpperCase() + progress.step.slice(1) : '';
      if (said && step.textContent !== said) step.textContent = said;
      if (known(progress.fraction)) bar.value = progress.fraction;
    },
  };
}

// ---------------------------------------------------------------- tables

const PAGE = 100;

/**
 * A table. A column: `{label, value(row), cell?(row), numeric?, sortable?, head?}`: `value` is what is sorted by and,
 * without `cell`, what is shown; the column with `head` names its row. Sorted by buttons in the head; more than 100
 * rows come in steps.
 */
export function table(columns, rows, { caption, captionShown = false, sort = null, page = PAGE, rowClass } = {}) {
  let order = sort; // { column: index, descending }
  let shown = page;
  const body = el('tbody');
  const heads = columns.map((column, index) => {
    const sortable = column.sortable !== false && column.value;
    const content = sortable
      ? el('button', { type: 'button', on: { click: () => sortBy(index) } }, column.label)
      : column.label;
    return el('th', { scope: 'col', class: column.numeric ? 'numeric' : null }, content);
  });
  const more = el('button', { type: 'button', on: { click: showMore } });
  const node = el('table', {},
    caption ? el('caption', { class: captionShown ? null : 'unseen' }, caption) : null,
    el('thead', {}, el('tr', {}, heads)), body);
  const scroll = el('div', { class: 'scroll' }, node);
  const wrapper = el('div', { class: 'table' }, scroll, more);
  // A table wider than its place is scrolled by keys too; one that fits is no stop on the way.
  new ResizeObserver(() => {
    const over = scroll.scrollWidth > scroll.clientWidth + 1 || scroll.scrollHeight > scroll.clientHeight + 1;
    const attributes = { tabindex: '0', role: 'region', 'aria-label': caption ?? 'Table' };
    for (const [name, value] of Object.entries(attributes)) over ? scroll.setAttribute(name, value) : scroll.removeAttribute(name);
  }).observe(scroll);

  function sortBy(index) {
    const descending = order?.column === index ? !order.descending : Boolean(columns[index].numeric);
    order = { column: index, descending };
    draw();
  }

  function showMore() {
    shown += page;
    draw();
  }

  function draw() {
    let sorted = rows;
    if (order) {
      const value = columns[order.column].value;
      const sign = order.descending ? -1 : 1;
      // What is not known comes last, whichever way.
      sorted = [...rows].sort((left, right) => {
        const a = value(left);
        const b = value(right);
        if (a === b) return 0;
        if (a === null || a === undefined || Number.isNaN(a)) return 1;
        if (b === null || b === undefined || Number.isNaN(b)) return -1;
        return sign * (typeof a === 'string' ? a.localeCompare(b, undefined, { numeric: true }) : a - b);
      });
    }
    heads.forEach((head, index) => {
      if (order?.column === index) head.setAttribute('aria-sort', order.descending ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    });
    body.replaceChildren(...sorted.slice(0, shown).map((row) =>
      el('tr', { class: rowClass?.(row) }, columns.map((column) => {
        const content = column.cell ? column.cell(row) : column.value(row) ?? NONE;
        return el(column.head ? 'th' : 'td', { scope: column.head ? 'row' : null, class: column.numeric ? 'numeric' : null }, content);
      }))));
    more.hidden = rows.length <= shown;
    more.textContent = `Show more (${fmt.count(Math.min(shown, rows.length))} of ${fmt.count(rows.length)})`;
  }

  draw();
  return wrapper;
}

// ---------------------------------------------------------------- small graphics

/**
 * A share with its interval on a line from `min` to `max`, with a tick at `baseline`. Decoration beside the written
 * numbers: hidden from screen readers.
 */
export function intervalMark({ value, low, high, baseline = null, min = 0, max = 1, width = 160 }) {
  const height = 16;
  const inner = width - 8;
  const x = (share) => 4 + inner * Math.min(1, Math.max(0, (share - min) / (max - min)));
  return svg('svg', { class: 'interval-mark', viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true', focusable: 'false' },
    svg('line', { class: 'track', x1: 4, x2: width - 4, y1: 8, y2: 8 }),
    known(low) && known(high) ? svg('line', { class: 'range', x1: x(low), x2: x(high), y1: 8, y2: 8 }) : null,
    known(baseline) ? svg('line', { class: 'baseline', x1: x(baseline), x2: x(baseline), y1: 1, y2: 15 }) : null,
    known(value) ? svg('circle', { class: 'value', cx: x(value), cy: 8, r: 4 }) : null);
}

/** What a chart shows beside the pointer: a title and pairs of label and value. */
export function tooltip(title, pairs = [], note = null) {
  return el('div', { class: 'tip' },
    el('b', { dir: 'auto' }, title),
    pairs.length ? el('dl', {}, pairs.map(([label, value]) => [el('dt', {}, label), el('dd', {}, value)])) : null,
    note ? el('p', {}, note) : null);
}

// ---------------------------------------------------------------- controls

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
