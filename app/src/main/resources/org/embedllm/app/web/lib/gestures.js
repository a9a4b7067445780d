// Hands on a plot: dragging, pinching, the wheel, frames drawn with Shift, and keys. Says what was meant; draws nothing.

const DRAG = 4; // pixels before a press becomes a drag

/**
 * @param {HTMLElement} node takes pointers and keys
 * @param {object} plot what can be asked of it: `still()`, `view()`, `pan(x, y, from?, smooth?)`,
 *   `zoom(factor, at?, smooth?)`, `fit()`, `over(at | null)`, `press(at, touch, toggle)`, `empty(at)`,
 *   `frame(rectangle | null)` while one is drawn, `framed(rectangle)` when it is done
 */
export function gestures(node, plot) {
  const pointers = new Map();
  let pressed = null; // where a press began, and whether it has become a drag
  let pinch = null;
  let box = null;

  function at(event) {
    const rect = node.getBoundingClientRect();
    return { x: event.clientX - rect.left, y: event.clientY - rect.top };
  }

  function two() {
    const [a, b] = [...pointers.values()];
    return { distance: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  }

  node.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'mouse' && event.button !== 0) return;
    node.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, at(event));
    plot.still();
    if (pointers.size === 1) {
      pressed = { ...at(event), shift: event.shiftKey, moved: false, view: plot.view() };
    } else if (pointers.size === 2) {
      pinch = two();
      if (pressed) pressed.moved = true;
    }
  });

  node.addEventListener('pointermove', (event) => {
    const here = at(event);
    if (!pointers.has(event.pointerId)) {
      if (event.pointerType !== 'touch') plot.over(here);
      return;
    }
    pointers.set(event.pointerId, here);
    if (pinch && pointers.size === 2) {
      const next = two();
      plot.pan(next.x - pinch.x, next.y - pinch.y);
      plot.zoom(next.distance / Math.max(1, pinch.distance), next);
      pinch = next;
    } else if (pressed) drag(here);
  });

  function drag(here) {
    if (!pressed.moved && Math.hypot(here.x - pressed.x, here.y - pressed.y) > DRAG) {
      pressed.moved = true;
      plot.over(null);
      node.classList.toggle('dragging', !pressed.shift);
    }
    if (!pressed.moved) return;
    if (pressed.shift) {
      box = { x: Math.min(here.x, pressed.x), y: Math.min(here.y, pressed.y), w: Math.abs(here.x - pressed.x), h: Math.abs(here.y - pressed.y) };
      plot.frame(box);
    } else plot.pan(here.x - pressed.x, here.y - pressed.y, pressed.view);
  }

  function release(event) {
    if (!pointers.delete(event.pointerId)) return;
    if (pinch && pointers.size === 1) {
      const [rest] = pointers.values();
      pinch = null;
      pressed = { ...rest, shift: false, moved: true, view: plot.view() };
      return;
    }
    const done = pressed;
    const framed = box;
    pressed = null;
    box = null;
    node.classList.remove('dragging');
    plot.frame(null);
    if (!done || event.type === 'pointercancel') return;
    if (framed) plot.framed(framed);
    else if (!done.moved) plot.press(at(event), event.pointerType === 'touch', event.shiftKey || event.ctrlKey || event.metaKey);
  }
  node.addEventListener('pointerup', release);
  node.addEventListener('pointercancel', release);

  node.addEventListener('pointerleave', (event) => {
    if (!pointers.has(event.pointerId)) plot.over(null);
  });

  node.addEventListener('wheel', (event) => {
    event.preventDefault();
    plot.over(null);
    const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
    plot.zoom(Math.exp(-Math.max(-120, Math.min(120, pixels)) * 0.0022), at(event));
  }, { passive: false });

  node.addEventListener('dblclick', (event) => {
    if (plot.empty(at(event))) plot.zoom(2, at(event), true);
  });

  node.addEventListener('keydown', (event) => {
    if (event.target !== node || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    if (step) plot.pan(...step, undefined, true);
    else if (event.key === '+' || event.key === '=') plot.zoom(1.5, undefined, true);
    else if (event.key === '-') plot.zoom(1 / 1.5, undefined, true);
    else if (event.key === '0') plot.fit();
    else return;
    event.preventDefault();
  });
}
