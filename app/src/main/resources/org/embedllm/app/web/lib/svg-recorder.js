// A drawing context that writes SVG: what draws on a canvas draws into a file as well.

const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const round = (x) => Number(x.toFixed(2));

/** The part of CanvasRenderingContext2D that our drawings use. */
export class SvgRecorder {
  #parts = [];
  #path = '';
  #measure;
  fillStyle = '#000';
  strokeStyle = '#000';
  lineWidth = 1;
  globalAlpha = 1;
  font = '12px sans-serif';
  textBaseline = 'middle';
  textAlign = 'left';
  lineJoin = 'round';
  #dash = [];

  /** @param {CanvasRenderingContext2D} measure measures text */
  constructor(measure) {
    this.#measure = measure;
  }

  beginPath() {
    this.#path = '';
  }

  moveTo(x, y) {
    this.#path += `M${round(x)} ${round(y)}`;
  }

  lineTo(x, y) {
    this.#path += `L${round(x)} ${round(y)}`;
  }

  closePath() {
    this.#path += 'Z';
  }

  rect(x, y, w, h) {
    this.#path += `M${round(x)} ${round(y)}h${round(w)}v${round(h)}h${round(-w)}Z`;
  }

  /** Whole circles only. */
  arc(x, y, r) {
    this.#path += `M${round(x - r)} ${round(y)}a${round(r)} ${round(r)} 0 1 0 ${round(2 * r)} 0a${round(r)} ${round(r)} 0 1 0 ${round(-2 * r)} 0Z`;
  }

  setLineDash(dash) {
    this.#dash = dash;
  }

  fill() {
    this.#parts.push(`<path d="${this.#path}" fill="${this.fillStyle}" fill-opacity="${this.globalAlpha}"/>`);
  }

  stroke() {
    const dash = this.#dash.length > 0 ? ` stroke-dasharray="${this.#dash.join(' ')}"` : '';
    this.#parts.push(`<path d="${this.#path}" fill="none" stroke="${this.strokeStyle}" stroke-width="${this.lineWidth}" stroke-opacity="${this.globalAlpha}" stroke-linejoin="round"${dash}/>`);
  }

  fillRect(x, y, w, h) {
    this.#parts.push(`<rect x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}" fill="${this.fillStyle}" fill-opacity="${this.globalAlpha}"/>`);
  }

  strokeText(text, x, y) {
    this.#text(text, x, y, `fill="none" stroke="${this.strokeStyle}" stroke-width="${this.lineWidth}" stroke-linejoin="round"`);
  }

  fillText(text, x, y) {
    this.#text(text, x, y, `fill="${this.fillStyle}"`);
  }

  #text(text, x, y, look) {
    this.#parts.push(`<text x="${round(x)}" y="${round(y)}" dominant-baseline="central" ${look}>${escape(text)}</text>`);
  }

  measureText(text) {
    this.#measure.font = this.font;
    return this.#measure.measureText(text);
  }

  /** The drawing as a document of its own. */
  document(width, height, background, font) {
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="${escape(font)}" font-size="12">`
      + `<rect width="100%" height="100%" fill="${background}"/>${this.#parts.join('')}</svg>`;
  }
}
