// Requests to the page's own server, with the gateway's key where one is needed.
import { el } from './dom.js';

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

/** Whether this page was written to files and there is no server that computes. */
export const isStatic = document.documentElement.dataset.site === 'files';

const urlOf = (path) => {
  if (isStatic) return `data/${path.replace(/[^A-Za-z0-9]+/g, '-')}.json`;
  return path.startsWith('/') ? path : `/ui/api/${path}`;
};

async function request(path, init) {
  for (;;) {
    const used = sessionStorage.getItem(KEY);
    let response;
    try {
      response = await fetch(urlOf(path), { ...init, headers: headers(init.headers) });
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

export const api = {
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

  /** @param keepalive whether a short body arrives even when the page is left */
  async post(path, body, { signal, keepalive = false } = {}) {
    if (isStatic) throw new ApiError('This page is made of files: there is no server to ask.', 'Start one with ./embedllm explore MODEL.', 0);
    const response = await request(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal,
      keepalive,
    });
    const text = await response.text();
    return text === '' ? null : JSON.parse(text);
  },

  /** An answer that comes as server-sent events, such as a streamed completion. */
  async answer(path, body, { signal, onOpen, onEvent }) {
    const response = await request(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
      body: JSON.stringify(body),
      signal,
    });
    onOpen?.(response);
    await events(response, (event) => { if (event.data !== '') onEvent(event); });
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
        await events(response, (event) => {
          if (event.id) last = event.id;
          if (event.data !== '') onEvent?.(event);
        });
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

/** Reads a response's events to its end. */
async function events(response, onEvent) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value.replaceAll('\r\n', '\n');
    let end;
    while ((end = rest.indexOf('\n\n')) >= 0) {
      onEvent(parseEvent(rest.slice(0, end)));
      rest = rest.slice(end + 2);
    }
  }
}

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
