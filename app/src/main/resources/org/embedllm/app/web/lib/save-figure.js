// Figures as files: SVG and PNG, with caption and source below.
import { el } from './dom.js';

const LINE = 15; // pixels
const MARGIN = 12;
let source = '';

/** What every saved figure says of where it comes from. */
export function setSource(text) {
  source = text;
}

const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Caption and source in lines that fit. */
function lines(caption, width) {
  const most = Math.max(20, Math.floor((width - 2 * MARGIN) / 6));
  return [caption, source].filter(Boolean).flatMap((text) => {
    const found = [''];
    for (const word of text.split(/\s+/)) {
      if (found.at(-1).length + word.length >= most && found.at(-1) !== '') found.push('');
      found.push(`${found.pop()} ${word}`.trim());
    }
    return found;
  });
}

/** Puts lines of text below a drawing. */
export function captioned(svg, caption, { paper, muted, font }) {
  const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? /width="([\d.]+)"[^>]*height="([\d.]+)"/.exec(svg);
  const text = lines(caption, width);
  const whole = Number(height) + text.length * LINE + MARGIN;
  const written = text.map((line, k) => `<text x="${MARGIN}" y="${Number(height) + (k + 1) * LINE}" fill="${muted}">${escape(line)}</text>`).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${whole}" width="${width}" height="${whole}" font-family="${escape(font)}" font-size="11">`
    + `<rect width="100%" height="100%" fill="${paper}"/>${svg}${written}</svg>`;
}

function download(url, name) {
  const link = el('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

/** A drawing with its caption as PNG, twice as fine as the screen. */
function png(canvases, caption, theme) {
  const [first] = canvases;
  const [width, height] = [first.clientWidth || first.width, first.clientHeight || first.height];
  const text = lines(caption, width);
  const node = document.createElement('canvas');
  const scale = 2;
  node.width = width * scale;
  node.height = (height + text.length * LINE + MARGIN) * scale;
  const g = node.getContext('2d');
  g.scale(scale, scale);
  g.fillStyle = theme.paper;
  g.fillRect(0, 0, width, node.height);
  for (const canvas of canvases) g.drawImage(canvas, 0, 0, width, height);
  g.fillStyle = theme.muted;
  g.font = `11px ${theme.font}`;
  text.forEach((line, k) => g.fillText(line, MARGIN, height + (k + 1) * LINE));
  return node.toDataURL('image/png');
}

/**
 * Buttons that save a figure and copy the address of what is shown.
 *
 * @param {{name: string, caption: () => string, svg: () => string, canvases: () => HTMLCanvasElement[],
 *   theme: () => object}} figure
 */
export function saveButtons({ name, caption, svg, canvases, theme }) {
  const button = (label, title, click) => el('button', { type: 'button', class: 'quiet', 'aria-label': title, on: { click } }, label);
  const copy = button('Copy link', 'Copy a link to this view', async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      copy.textContent = 'Copied';
    } catch {
      copy.textContent = 'Copy it from the address bar';
    }
    setTimeout(() => (copy.textContent = 'Copy link'), 2000);
  });
  return el('div', { class: 'save-figure' },
    button('SVG', `Save as SVG: ${name}`, () => {
      const url = URL.createObjectURL(new Blob([captioned(svg(), caption(), theme())], { type: 'image/svg+xml' }));
      download(url, `${name}.svg`);
      setTimeout(() => URL.revokeObjectURL(url), 1000);
    }),
    button('PNG', `Save as PNG: ${name}`, () => download(png(canvases(), caption(), theme()), `${name}.png`)),
    copy);
}
