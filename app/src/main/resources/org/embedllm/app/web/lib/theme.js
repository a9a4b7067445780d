// Light or dark: what the reader chose, else what the system has.

const themeListeners = new Set();

/** 'light' or 'dark'. */
export const theme = () => document.documentElement.dataset.theme;

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

// Paper is light.
let onScreen = null;
addEventListener('beforeprint', () => {
  onScreen = theme();
  document.documentElement.dataset.theme = 'light';
});
addEventListener('afterprint', () => {
  document.documentElement.dataset.theme = onScreen ?? theme();
});

/** Calls `listener(theme)` at every change; the function that is returned ends that. */
export function onTheme(listener) {
  themeListeners.add(listener);
  return () => themeListeners.delete(listener);
}
