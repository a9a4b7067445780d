// Runs before the first paint: the theme that was chosen here, or the one the system has.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('embedllm.theme');
  } catch {
    // Storage is switched off: the system decides.
  }
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = chosen ?? (dark ? 'dark' : 'light');
})();
