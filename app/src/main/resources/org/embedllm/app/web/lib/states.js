// What a view shows while it waits, where there is nothing, and where something went wrong.
import { clear, el, fresh } from './dom.js';
import { known } from './format.js';

/** A command line with a button that copies it. */
export function command(text) {
  // A word is not broken at a hyphen: --prices stays whole.
  const code = el('code', {}, text.split(/( )/).map((word) => (word === ' ' ? word : el('span', { class: 'word' }, word))));
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

/** What cannot be shown here: `{reason, advice, remedy}`. A site of files has the reason alone. */
export function unavailable(root, { reason, advice, remedy }, title = 'Not available here') {
  empty(root, { title, text: [reason, advice].filter(Boolean).join(' '), command: remedy });
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
 * state (with `title`, where nothing around it says what is missing), exceptions a failure with a button. `render` may
 * fill `root` itself or return a node.
 *
 * @returns {{cancel: () => void, reload: () => void}}
 */
export function loading(root, work, render, title) {
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
          unavailable(root, answer, title);
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
