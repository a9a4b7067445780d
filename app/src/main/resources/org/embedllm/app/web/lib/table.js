// Sortable tables.
import { el } from './dom.js';
import { fmt, NONE } from './format.js';

const PAGE = 100;

/** Marks a box with the class `more` while there is something to scroll to at its right. */
export function fadeMore(box) {
  const mark = () => box.classList.toggle('more', box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
  box.addEventListener('scroll', mark, { passive: true });
  new ResizeObserver(mark).observe(box);
  return box;
}

const classOf = (column) => [column.numeric ? 'numeric' : '', column.optional ? 'optional' : ''].filter(Boolean).join(' ') || null;

/**
 * A table. A column: `{label, value(row), cell?(row), numeric?, sortable?, head?}`: `value` is what is sorted by and,
 * without `cell`, what is shown; the column with `head` names its row; an `optional` one gives way on a
 * phone. Sorted by buttons in the head; more than 100 rows come in steps. `stacked: n`: on a phone the first n columns
 * take a line each, above the others.
 */
export function table(columns, rows, { caption, captionShown = false, sort = null, page = PAGE, rowClass, stacked = 0 } = {}) {
  let order = sort; // { column: index, descending }
  let shown = page;
  const body = el('tbody');
  const heads = columns.map((column, index) => {
    const sortable = column.sortable !== false && column.value;
    const content = sortable
      ? el('button', { type: 'button', on: { click: () => sortBy(index) } }, column.label)
      : column.label;
    return el('th', { scope: 'col', class: classOf(column) }, content);
  });
  const more = el('button', { type: 'button', on: { click: showMore } });
  // As many narrow columns as are left when the first ones have lines of their own.
  const narrow = columns.slice(stacked).filter((column) => !column.optional).length;
  const node = el('table', stacked > 0 ? { class: `stacked lines-${stacked}`, style: { '--narrow': narrow } } : {},
    caption ? el('caption', { class: captionShown ? null : 'unseen' }, caption) : null,
    el('thead', {}, el('tr', {}, heads)), body);
  const scroll = el('div', { class: 'scroll' }, node);
  const wrapper = el('div', { class: 'table' }, scroll, more);
  fadeMore(scroll);
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
        return el(column.head ? 'th' : 'td', { scope: column.head ? 'row' : null, class: classOf(column) }, content);
      }))));
    more.hidden = rows.length <= shown;
    more.textContent = `Show more (${fmt.count(Math.min(shown, rows.length))} of ${fmt.count(rows.length)})`;
  }

  draw();
  return wrapper;
}
