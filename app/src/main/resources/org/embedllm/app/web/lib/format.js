// Numbers and sentences as the page writes them.

const FEW = 5; // answers; below it an interval says more than is known
const counts = new Intl.NumberFormat('en');
export const NONE = '–';

/** Whether a number is there. */
export const known = (x) => x !== null && x !== undefined && Number.isFinite(Number(x));

export const fmt = {
  /** 0.6943 → "69.4%". */
  percent: (x, digits = 1) => (known(x) ? `${(100 * x).toFixed(digits)}%` : NONE),
  /** 0.671, 0.718 → "67.1–71.8%". */
  interval(low, high, digits = 1) {
    // One of no width says nothing: it is not known.
    if (!known(low) || !known(high) || !(high > low)) return NONE;
    const ends = [low, high].map((end) => (100 * end).toFixed(digits));
    return ends[0] === ends[1] && digits < 3 ? fmt.interval(low, high, digits + 1) : `${ends[0]}–${ends[1]}%`;
  },
  /** The interval of a share measured on `cells` answers, or that these are too few. */
  measured: ({ low, high, cells }) => fmt.few(cells, fmt.interval(low, high)),
  /** "–" for no answers, "too few" for some, else what is said of them. */
  few: (cells, said = NONE) => (!known(cells) || cells === 0 ? NONE : cells < FEW ? 'too few' : said),
  /** A difference of two shares: 0.023 → "+2.3 pts". */
  points: (x, digits = 1) => (known(x) ? `${x < 0 ? '−' : '+'}${Math.abs(100 * x).toFixed(digits)} pts` : NONE),
  /** US dollars, with as many digits as a price per call needs. */
  money(usd) {
    if (!known(usd)) return NONE;
    if (usd === 0) return '$0';
    const size = Math.abs(usd);
    if (size >= 1000) return `$${counts.format(Math.round(usd))}`;
    if (size >= 1) return `$${usd.toFixed(2)}`;
    return `$${usd.toFixed(Math.min(8, 1 - Math.floor(Math.log10(size))))}`;
  },
  count: (x) => (known(x) ? counts.format(x) : NONE),
  number: (x, digits = 2) => (known(x) ? Number(x).toFixed(digits).replace('-', '−') : NONE),
  /** Milliseconds: 0.42 → "0.4 ms", 1830 → "1.83 s". */
  ms(x) {
    if (!known(x)) return NONE;
    if (x >= 1000) return `${(x / 1000).toFixed(2)} s`;
    if (x > 0 && x < 0.05) return '< 0.1 ms';
    return x >= 10 ? `${Math.round(x)} ms` : `${Number(x).toFixed(1)} ms`;
  },
};

/** A sentence of the program's as the page writes numbers: "-1.2 points, 96.5 %" → "−1.2 points, 96.5%". */
export const prose = (text) => text.replace(/(\d) %/g, '$1%').replace(/(^|[\s(])-(?=\d)/g, '$1−');

/** "1 model", "2 models". */
export const plural = (n, one, many = `${one}s`) => `${fmt.count(n)} ${n === 1 ? one : many}`;

/** A name as it is shown: what is blank is said to be. */
export const legible = (name) => (name.trim() === '' ? '(blank name)' : name);

/** A name of at most so many letters: both its ends stay, since names of one family often differ in the last letters. */
export function shortened(name, most) {
  const letters = Array.from(name);
  if (letters.length <= most) return name;
  const end = Math.floor((most - 1) * 0.4);
  return `${letters.slice(0, most - 1 - end).join('')}…${letters.slice(letters.length - end).join('')}`;
}

/** A difference of two shares in points; none has no sign. */
export const gain = (x) => fmt.points(x).replace(/^[+−](0\.0) /, '$1 ');

/** The ends of a difference's interval. */
export const gainRange = ([low, high]) => `${gain(low).replace(' pts', '')} to ${gain(high)}`;

/** As a sentence: with a capital and a full stop. */
export const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? '' : '.'}`;

/** The least of 1, 2 and 5 times a power of ten that is at least `wanted`; NaN where that is not above 0. */
export function roundStep(wanted) {
  if (!(wanted > 0)) return NaN;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= wanted);
}

/** Round numbers from low to high, about `count` of them. */
export function ticks(low, high, count = 5) {
  const step = roundStep((high - low) / count);
  if (!(step > 0)) return [low];
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}
