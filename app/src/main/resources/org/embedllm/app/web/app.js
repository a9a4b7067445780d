// Shows the view that the address names. This file knows the names of the views and nothing of what they draw.
//
// A view module exports `title`, `hash`, optionally `lead` (one sentence below the title), and
// `mount(root, context) → { update?(params), unmount?() }`. `update` is called right after `mount` and whenever the
// part of the address behind `?` changes. The context:
//   api        get, post and stream (lib/api.js); errors are ApiError with message, remedy and status
//   overview   what GET /ui/api/overview answered
//   navigate   navigate('#/compare?ids=1,2')
//   params     params() → URLSearchParams of the address now
//   setParams  setParams({color: 'family', select: null}, {push: true}): null removes; push makes a step for "back"
//   theme      theme() → 'light' | 'dark';  onTheme(fn) → function that ends the subscription
//   announce   announce('12 models found'): said by screen readers
import { parse, setHome, setParams } from './lib/address.js';
import { api, isStatic } from './lib/api.js';
import { clear, el } from './lib/dom.js';
import { fmt, plural } from './lib/format.js';
import { speakOf } from './lib/quantity.js';
import { setSource } from './lib/save-figure.js';
import { empty, failure, loading } from './lib/states.js';
import { onTheme, theme } from './lib/theme.js';

// `files`: what the view shows can be had from files, in a site that `explore --export` wrote.
const VIEWS = [
  { hash: 'playground', label: 'Playground', load: () => import('./views/playground.js') },
  { hash: 'map', label: 'Map', files: true, load: () => import('./views/map.js') },
  { hash: 'compare', label: 'Compare', load: () => import('./views/compare.js') },
  { hash: 'routing', label: 'Routing', files: true, load: () => import('./views/routing.js') },
  { hash: 'benchmarks', label: 'Benchmarks', files: true, load: () => import('./views/benchmarks.js') },
  { hash: 'live', label: 'Live', load: () => import('./views/live.js') },
];

let announced = 0;
function announce(text) {
  const announcer = document.getElementById('announcer');
  clearTimeout(announced);
  // Emptied first: the same sentence twice is said twice.
  announcer.textContent = '';
  announced = setTimeout(() => (announcer.textContent = text), 60);
}

// ---------------------------------------------------------------- routes

const main = document.getElementById('main');
let current = null; // { hash, view }
let turn = 0;

const context = {
  api,
  overview: null,
  navigate: (hash) => (location.hash = hash),
  params: () => parse().params,
  setParams,
  theme,
  onTheme,
  announce,
};

async function route(first) {
  const { hash, params } = parse();
  if (current?.hash === hash) {
    current.view?.update?.(params);
    return;
  }
  const mine = ++turn;
  const entry = VIEWS.find((view) => view.hash === hash && (!isStatic || view.files));
  for (const link of document.querySelectorAll('#views a')) {
    if (link.dataset.view === hash) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  current?.view?.unmount?.();
  current = { hash, view: null };
  clear(main);
  main.dataset.view = hash;
  if (!entry) {
    document.title = 'Not here – EmbedLLM';
    main.append(el('h1', { class: 'unseen' }, 'Not here'));
    const elsewhere = VIEWS.find((view) => view.hash === hash);
    empty(main.appendChild(el('div')), elsewhere
      ? { title: `${elsewhere.label} needs the program`, text: 'This copy of the page is files alone. Start embedllm explore for the whole page, or choose a view above.' }
      : { title: 'There is no such view', text: 'The address names a view this page does not have. Choose one above.' });
    return;
  }
  try {
    const module = await entry.load();
    if (mine !== turn) return;
    document.title = `${module.title} – EmbedLLM`;
    const heading = el('h1', { tabindex: '-1' }, module.title);
    const root = el('div', { class: 'view', id: 'view' });
    main.append(el('div', { class: 'view-head' }, heading, module.lead ? el('p', { class: 'lead' }, module.lead) : null), root);
    if (!first) heading.focus({ preventScroll: true });
    scrollTo(0, 0);
    current.view = module.mount(root, context) ?? {};
    current.view.update?.(params);
  } catch (error) {
    if (mine !== turn) return;
    console.error(error);
    clear(main).append(el('h1', { class: 'unseen' }, entry.label));
    failure(main.appendChild(el('div')), error, () => {
      current = null;
      route(true);
    });
  }
}

// ---------------------------------------------------------------- start

function showOverview(overview) {
  context.overview = overview;
  speakOf(overview.quantity); // before any view is loaded
  document.getElementById('pool').replaceChildren(
    el('span', { class: 'file', dir: 'auto', title: overview.model }, overview.model),
    el('span', {}, plural(overview.models, 'model')),
    el('span', {}, plural(overview.questions, 'question')),
    el('span', {}, plural(overview.cells, 'answer')));
  setSource([overview.note, `Source: ${overview.model}, ${fmt.count(overview.models)} models, ${fmt.count(overview.questions)} training questions, ${fmt.count(overview.cells)} answers. EmbedLLM for Java ${overview.version}.`].filter(Boolean).join(' '));
  const notice = document.getElementById('notice');
  notice.hidden = !overview.note;
  notice.textContent = overview.note ?? '';
  document.documentElement.style.setProperty('--above', `${main.offsetTop}px`);
  document.getElementById('views').replaceChildren(
    ...VIEWS.filter((view) => !isStatic || view.files).map((view) => el('a', { href: `#/${view.hash}`, dataset: { view: view.hash } }, view.label)));
}

// Height of the window above a view, for views that fill the rest.
new ResizeObserver(() => {
  document.documentElement.style.setProperty('--above', `${main.offsetTop}px`);
}).observe(document.querySelector('.masthead'));

document.getElementById('skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});

const opening = el('div');
clear(main).append(el('h1', { class: 'unseen' }, 'EmbedLLM'), opening);
loading(opening, (options) => api.get('overview', options), (overview) => {
  showOverview(overview);
  // Prompts are what people come with; a page of files, or one without an encoder, cannot take any.
  if (overview.has.encoder && !isStatic) setHome('playground');
  addEventListener('hashchange', () => route(false));
  // pushState fires no hashchange on "back" within one view's own steps.
  addEventListener('popstate', () => route(false));
  route(true);
});
