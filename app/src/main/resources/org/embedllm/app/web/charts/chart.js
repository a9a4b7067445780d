// ECharts in our colors. It is fetched when the first chart is drawn, from the page's own server.
import { clear, el } from '../lib/dom.js';
import { saveButtons } from '../lib/save-figure.js';
import { table } from '../lib/table.js';

/** The height of a chart whose two axes are one: as high as wide. */
export const SQUARE = 'square';

let library = null;

/** ECharts, once. */
export function load() {
  library ??= new Promise((resolve, reject) => {
    const script = el('script', { src: new URL('../vendor/echarts.min.js', import.meta.url).href });
    script.addEventListener('load', () => resolve(window.echarts));
    script.addEventListener('error', () => {
      library = null;
      reject(new Error('The chart library could not be fetched from this server.'));
    });
    document.head.append(script);
  });
  return library;
}

/** Shapes beside hues, so that color is never alone in saying which group a mark is of. */
export const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'roundRect', 'pin', 'arrow'];

/** The page's colors as they are now: read from CSS, so that there is one place for them. */
export function palette() {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(`--${name}`).trim();
  const row = (stem, n) => Array.from({ length: n }, (_, i) => color(`${stem}-${i}`));
  return {
    paper: color('paper'),
    surface: color('surface'),
    ink: color('ink'),
    muted: color('muted'),
    rule: color('rule'),
    strong: color('rule-strong'),
    accent: color('accent'),
    good: color('good'),
    bad: color('bad'),
    categories: row('category', 8),
    other: color('category-other'),
    sequential: row('sequential', 6),
    diverging: row('diverging', 7),
    symbols: SYMBOLS,
    font: style.getPropertyValue('--sans').trim(),
    reduced: matchMedia('(prefers-reduced-motion: reduce)').matches,
  };
}

/** An axis in our style, to be spread into an option: `{...axis(theme), type: 'value', name: 'Cost'}`. */
export function axis(theme) {
  return {
    axisLine: { show: true, lineStyle: { color: theme.strong, width: 1 } },
    axisTick: { show: false },
    axisLabel: { color: theme.muted, fontSize: 12, hideOverlap: true },
    nameTextStyle: { color: theme.muted, fontSize: 12 },
    splitLine: { show: true, lineStyle: { color: theme.rule, width: 1 } },
  };
}

function defaults(theme) {
  return {
    color: theme.categories,
    backgroundColor: 'transparent',
    animation: !theme.reduced,
    animationDuration: 300,
    animationDurationUpdate: 250,
    textStyle: { fontFamily: theme.font, color: theme.ink, fontSize: 12 },
    // DOM nodes only, styled by classes: the content security policy refuses styles written in markup.
    tooltip: {
      confine: true,
      className: 'chart-tip',
      backgroundColor: theme.surface,
      borderColor: theme.strong,
      borderWidth: 1,
      padding: 0,
      textStyle: { color: theme.ink, fontSize: 13, fontFamily: theme.font },
      extraCssText: 'box-shadow: none; border-radius: 4px;',
      transitionDuration: 0,
    },
  };
}

const isPlain = (x) => x !== null && typeof x === 'object' && Object.getPrototypeOf(x) === Object.prototype;

function merge(base, over) {
  const result = { ...base };
  for (const [key, value] of Object.entries(over)) {
    result[key] = isPlain(value) && isPlain(base[key]) ? merge(base[key], value) : value;
  }
  return result;
}

/**
 * A chart in `root`, with a table of the same numbers behind "Show as table": the way for keyboards and screen
 * readers.
 *
 * @param {HTMLElement} root emptied first
 * @param {(theme: object) => object} option ECharts' option, called again when the theme changes or at `update()`
 * @param {{label: string, table?: {columns: object[], rows: object[], caption?: string} | (() => object),
 *   height?: string, on?: Object<string, Function>}} settings
 *   `label` says what is seen; `height` is a CSS length, or SQUARE; `on` are ECharts' events (`{click: params => …}`)
 * @returns {{update: (label?: string) => void, dispose: () => void, ready: Promise<object>}}
 */
export function chart(root, option, { label, table: data, height = '20rem', on = {} }) {
  const size = height === SQUARE ? null : { height };
  const canvas = el('div', { class: size ? 'chart' : 'chart square', role: 'img', 'aria-label': label, style: size ?? {} });
  const disclosure = data ? el('details', { class: 'as-table' }, el('summary', {}, 'Show as table')) : null;
  const save = saveButtons({
    name: fileName(label),
    caption: () => canvas.getAttribute('aria-label'),
    svg: asSvg,
    canvases: () => [...canvas.querySelectorAll('canvas')],
    theme: palette,
  });
  clear(root).append(el('figure', {}, canvas, el('div', { class: 'figure-foot' }, disclosure, save)));
  let instance = null;
  let gone = false;

  function fill() {
    if (!disclosure) return;
    while (disclosure.children.length > 1) disclosure.lastChild.remove();
    if (!disclosure.open) return;
    const { columns, rows, caption, sort } = typeof data === 'function' ? data() : data;
    disclosure.append(table(columns, rows, { caption: caption ?? label, sort }));
  }
  disclosure?.addEventListener('toggle', fill);

  function whole() {
    const theme = palette();
    const wanted = option(theme);
    const all = merge(defaults(theme), wanted);
    // Only where it is asked for: ECharts shows a legend as soon as it hears of one.
    if (wanted.legend) all.legend = { textStyle: { color: theme.ink, fontSize: 12 }, itemHeight: 10, itemWidth: 14, ...wanted.legend };
    return all;
  }

  function draw() {
    instance?.setOption(whole(), { notMerge: true });
  }

  /** The same drawn again as SVG, without its movement. */
  function asSvg() {
    const size = { width: canvas.clientWidth, height: canvas.clientHeight };
    const copy = window.echarts.init(null, null, { renderer: 'svg', ssr: true, ...size });
    copy.setOption({ ...whole(), animation: false });
    const text = copy.renderToSVGString();
    copy.dispose();
    return text;
  }

  const resize = new ResizeObserver(() => instance?.resize());
  const repaint = new MutationObserver(draw);
  const ready = load().then((echarts) => {
    if (gone) return null;
    instance = echarts.init(canvas, null, { renderer: 'canvas' });
    // ECharts makes its canvas with no name of its own: the figure's is enough.
    for (const [type, listener] of Object.entries(on)) instance.on(type, listener);
    draw();
    resize.observe(canvas);
    repaint.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return instance;
  });
  ready.catch((error) => {
    canvas.textContent = error.message;
  });

  return {
    update(nextLabel) {
      if (nextLabel) canvas.setAttribute('aria-label', nextLabel);
      draw();
      fill();
    },
    dispose() {
      gone = true;
      resize.disconnect();
      repaint.disconnect();
      instance?.dispose();
      instance = null;
    },
    ready,
  };
}

/** The first words of a label as a file's name. */
const fileName = (label) => label.split(/[:.,]/)[0].toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 60).replace(/^-|-$/g, '') || 'figure';

/** What a chart shows beside the pointer: a title and pairs of label and value. */
export function tooltip(title, pairs = [], note = null) {
  return el('div', { class: 'tip' },
    el('b', { dir: 'auto' }, title),
    pairs.length ? el('dl', {}, pairs.map(([label, value]) => [el('dt', {}, label), el('dd', {}, value)])) : null,
    note ? el('p', {}, note) : null);
}

