// Small pieces every view is made of. Text reaches the page through textContent only: what a model is called or a
// prompt contains is never read as markup.
import { legible } from './format.js';

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

/** A model's name as a link to its place on the map; any character, any direction, cut by CSS where too long. */
export function modelName(model, { link = true } = {}) {
  const text = legible(model.name);
  const props = { class: 'model-name', dir: 'auto', title: text };
  return link ? el('a', { ...props, href: `#/map?focus=${model.id}` }, text) : el('span', props, text);
}
