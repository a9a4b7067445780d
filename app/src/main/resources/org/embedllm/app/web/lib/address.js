// The part of the address behind #: which view, and what it shows.

let home = 'map';

/** Sets the view of an address that names none. */
export function setHome(hash) {
  home = hash;
}

/** The view that the address names, and its parameters. */
export function parse() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  return { hash: path === '' ? home : path, params: new URLSearchParams(query) };
}

function hashFor(hash, params) {
  // Commas and colons stay legible: they need no escape behind a hash.
  const query = params.toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
  return `#/${hash}${query === '' ? '' : `?${query}`}`;
}

/** Changes parameters of the view: null removes one; `push` makes a step for "back". */
export function setParams(changes, { push = false } = {}) {
  const { hash, params } = parse();
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === '') params.delete(key);
    else params.set(key, value);
  }
  const next = hashFor(hash, params);
  if (next === location.hash) return;
  history[push ? 'pushState' : 'replaceState'](null, '', next);
}
