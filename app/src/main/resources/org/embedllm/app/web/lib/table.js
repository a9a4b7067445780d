// Sortable tables.
import { el } from './dom.js';
import { fmt, NONE } from './format.js';

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
