// The shell: who is shown where. Views are modules; this file knows their names and nothing of what they draw.
//
// A view module exports `title`, `hash`, optionally `lead` (one sentence below the title), and
// `mount(root, context) → { update?(params), unmount?() }`. `update` is called right after `mount` and whenever the
// part of the address behind `?` changes. The context:
//   api        get, post and stream (below); errors are ApiError with message, remedy and status
//   overview   what GET /ui/api/overview answered
//   navigate   navigate('#/compare?ids=1,2')
//   params     params() → URLSearchParams of the address now
//   setParams  setParams({color: 'family', select: null}, {push: true}): null removes; push makes a step for "back"
//   theme      theme() → 'light' | 'dark';  onTheme(fn) → function that ends the subscription
//   announce   announce('12 models found'): said by screen readers
import { el, clear, empty, failure, fmt, loading } from './kit.js';

const VIEWS = [
  { hash: 'map', label: 'Map', load: () => import('./map.js') },
  { hash: 'compare', label: 'Compare', load: () => import('./compare.js') },
  { hash: 'playground', label: 'Playground', load: () => import('./playground.js') },
  { hash: 'routing', label: 'Routing', load: () => import('./routing.js') },
  { hash: 'benchmarks', label: 'Benchmarks', load: () => import('./benchmarks.js') },
  { hash: 'live', label: 'Live', load: () => import('./live.js') },
];

// ---------------------------------------------------------------- the server

export class ApiError extends Error {
  constructor(message, remedy, status) {
    super(message);
    this.remedy = remedy ?? null;
    this.status = status;
  }
}

const KEY = 'embedllm.key';
let keyAsked = null;

function headers(more = {}) {
  const key = sessionStorage.getItem(KEY);
  return key ? { ...more, Authorization: `Bearer ${key}` } : more;
}

const address = (path) => (path.startsWith('/') ? path : `/ui/api/${path}`);

async function request(path, init) {
  for (;;) {
    const used = sessionStorage.getItem(KEY);
    let response;
    try {
      response = await fetch(address(path), { ...init, headers: headers(init.headers) });
    } catch (cause) {
      if (cause.name === 'AbortError') throw cause;
      throw new ApiError('The server does not answer.', 'See whether it still runs in its terminal, then try again.', 0);
    }
    if (response.status === 401) {
      // Another request may have brought a key meanwhile.
      if (sessionStorage.getItem(KEY) === used) await askKey(used !== null);
      continue;
    }
    if (!response.ok) throw await problem(response);
    return response;
  }
}

async function problem(response) {
  let error = null;
  try {
    error = (await response.json()).error;
  } catch {
    // Not JSON: the status has to do.
  }
  return new ApiError(error?.message ?? `The server answered with status ${response.status}.`, error?.remedy, response.status);
}

const pause = (millis, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, millis);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('aborted', 'AbortError'));
    });
  });

const api = {
  /** JSON of GET; asks again every half second while the server is still computing (status 202). */
  async get(path, { signal, onProgress } = {}) {
    for (;;) {
      const response = await request(path, { signal });
      const body = await response.json();
      if (response.status !== 202) return body;
      onProgress?.(body);
      await pause(500, signal);
    }
  },

  async post(path, body, { signal } = {}) {
    const response = await request(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
    const text = await response.text();
    return text === '' ? null : JSON.parse(text);
  },

  /**
   * Server-sent events by fetch, so that a key can be sent along. Ends when the signal aborts; connects again after
   * a lost connection, and says so through `onState('open' | 'lost')`.
   */
  async stream(path, { signal, onEvent, onState } = {}) {
    let wait = 500;
    let last = null;
    while (!signal?.aborted) {
      try {
        const response = await request(path, {
          signal,
          headers: { Accept: 'text/event-stream', ...(last ? { 'Last-Event-ID': last } : {}) },
        });
        onState?.('open');
        wait = 500;
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        let rest = '';
        for (;;) {
          const { value, done } = await reader.read();
          if (done) break;
          rest += value.replaceAll('\r\n', '\n');
          let end;
          while ((end = rest.indexOf('\n\n')) >= 0) {
            const event = parseEvent(rest.slice(0, end));
            rest = rest.slice(end + 2);
            if (event.id) last = event.id;
            if (event.data !== '') onEvent?.(event);
          }
        }
      } catch (cause) {
        if (signal?.aborted) return;
        if (cause instanceof ApiError && cause.status >= 400 && cause.status < 500) throw cause;
      }
      onState?.('lost');
      try {
        await pause(wait, signal);
      } catch {
        return;
      }
      wait = Math.min(wait * 2, 8000);
    }
  },
};

function parseEvent(block) {
  const event = { type: 'message', id: null, data: '' };
  const data = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event.type = value;
    else if (field === 'id') event.id = value;
    else if (field === 'data') data.push(value);
  }
  event.data = data.join('\n');
  return event;
}

/** Asks for the gateway key in a dialog; one dialog for all requests that wait. */
function askKey(refused) {
  keyAsked ??= new Promise((resolve) => {
    const input = el('input', { type: 'password', id: 'key', autocomplete: 'off', required: true });
    const form = el('form', { class: 'stack' },
      el('h2', { id: 'key-title' }, 'Gateway key'),
      el('p', {}, refused
        ? 'That key was not accepted.'
        : 'This gateway asks for a key. It stays in this tab and is forgotten when the tab is closed.'),
      el('div', { class: 'field' }, el('label', { for: 'key' }, 'Key'), input),
      el('button', { type: 'submit', class: 'primary' }, 'Use key'));
    const dialog = el('dialog', { 'aria-labelledby': 'key-title' }, form);
    dialog.addEventListener('cancel', (event) => event.preventDefault());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      sessionStorage.setItem(KEY, input.value.trim());
      dialog.close();
      dialog.remove();
      keyAsked = null;
      resolve();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
  return keyAsked;
}

// ---------------------------------------------------------------- theme and voice

const themeListeners = new Set();
const theme = () => document.documentElement.dataset.theme;

function setTheme(next, keep) {
  document.documentElement.dataset.theme = next;
  if (keep) {
    try {
      localStorage.setItem('embedllm.theme', next);
    } catch {
      // Not kept: storage is switched off.
    }
  }
  labelTheme();
  for (const listener of themeListeners) listener(next);
}

function labelTheme() {
  const other = theme() === 'dark' ? 'Light' : 'Dark';
  document.getElementById('theme').textContent = other;
  document.getElementById('theme').setAttribute('aria-label', `${other} theme`);
}

document.getElementById('theme').addEventListener('click', () => setTheme(theme() === 'dark' ? 'light' : 'dark', true));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (event) => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('embedllm.theme');
  } catch {
    // The system decides.
  }
  if (chosen === null) setTheme(event.matches ? 'dark' : 'light', false);
});
labelTheme();

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

function parse() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  return { hash: path === '' ? 'map' : path, params: new URLSearchParams(query) };
}

function address2(hash, params) {
  // Commas and colons stay legible: they need no escape behind a hash.
  const query = params.toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
  return `#/${hash}${query === '' ? '' : `?${query}`}`;
}

function setParams(changes, { push = false } = {}) {
  const { hash, params } = parse();
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === '') params.delete(key);
    else params.set(key, value);
  }
  const next = address2(hash, params);
  if (next === location.hash) return;
  history[push ? 'pushState' : 'replaceState'](null, '', next);
}

const context = {
  api,
  overview: null,
  navigate: (hash) => (location.hash = hash),
  params: () => parse().params,
  setParams,
  theme,
  onTheme(listener) {
    themeListeners.add(listener);
    return () => themeListeners.delete(listener);
  },
  announce,
};

async function route(first) {
  const { hash, params } = parse();
  if (current?.hash === hash) {
    current.view?.update?.(params);
    return;
  }
  const mine = ++turn;
  const entry = VIEWS.find((view) => view.hash === hash);
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
    empty(main.appendChild(el('div')), { title: 'There is no such view', text: 'The address names a view this page does not have. Choose one above.' });
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
  document.getElementById('pool').replaceChildren(
    el('span', { class: 'file', dir: 'auto', title: overview.model }, overview.model),
    el('span', {}, `${fmt.count(overview.models)} models`),
    el('span', {}, `${fmt.count(overview.questions)} questions`),
    el('span', {}, `${fmt.count(overview.cells)} answers`));
  const notice = document.getElementById('notice');
  notice.hidden = !overview.note;
  notice.textContent = overview.note ?? '';
  document.documentElement.style.setProperty('--above', `${main.offsetTop}px`);
  document.getElementById('views').replaceChildren(
    ...VIEWS.map((view) => el('a', { href: `#/${view.hash}`, dataset: { view: view.hash } }, view.label)));
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
  addEventListener('hashchange', () => route(false));
  // pushState fires no hashchange on "back" within one view's own steps.
  addEventListener('popstate', () => route(false));
  route(true);
});
