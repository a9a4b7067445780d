// Marks of groups: outlines of equal area, and fillings that tell the members of a group apart.

export const SHAPES = ['circle', 'square', 'triangle', 'diamond', 'down', 'hexagon', 'cross'];

/** Fillings of an outline, the plain one first. */
export const FILLS = ['full', 'hollow', 'dot', 'left', 'right', 'upper', 'lower', 'hole'];

const around = (corners, r) => Array.from({ length: corners }, (_, i) => [r * Math.cos((2 * i * Math.PI) / corners), r * Math.sin((2 * i * Math.PI) / corners)]);
// Of equal area, so that no shape looks heavier than another.
const OUTLINES = {
  circle: around(32, 1),
  square: [[-0.886, -0.886], [0.886, -0.886], [0.886, 0.886], [-0.886, 0.886]],
  triangle: [[0, -1.42], [1.28, 0.8], [-1.28, 0.8]],
  diamond: [[0, -1.253], [1.253, 0], [0, 1.253], [-1.253, 0]],
  down: [[0, 1.42], [1.28, -0.8], [-1.28, -0.8]],
  hexagon: around(6, 1.1),
  cross: [[-0.42, -1.2], [0.42, -1.2], [0.42, -0.42], [1.2, -0.42], [1.2, 0.42], [0.42, 0.42], [0.42, 1.2], [-0.42, 1.2], [-0.42, 0.42], [-1.2, 0.42], [-1.2, -0.42], [-0.42, -0.42]],
};
const SMALL = around(16, 0.42);

/** The part of an outline on one side of a line through its middle (Sutherland and Hodgman, 1974). */
function half(corners, side) {
  const kept = [];
  corners.forEach((to, i) => {
    const from = corners.at(i - 1);
    const [a, b] = [side(from), side(to)];
    const t = a / (a - b);
    if (a * b < 0) kept.push([from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])]);
    if (b >= 0) kept.push(to);
  });
  return kept;
}

const INNER = {
  dot: () => SMALL,
  hole: () => SMALL,
  left: (corners) => half(corners, ([x]) => -x),
  right: (corners) => half(corners, ([x]) => x),
  upper: (corners) => half(corners, ([, y]) => -y),
  lower: (corners) => half(corners, ([, y]) => y),
};

/**
 * The polygons of a mark, the outline first.
 *
 * @returns {{points: number[][], fill: string}[]}
 */
export function polygons({ shape, color, fill = 'full' }, paper, x, y, r) {
  const at = (corners) => corners.map(([dx, dy]) => [x + dx * r, y + dy * r]);
  const whole = OUTLINES[shape];
  const inner = INNER[fill];
  return [
    { points: at(whole), fill: fill === 'full' || fill === 'hole' ? color : paper },
    ...(inner ? [{ points: at(inner(whole)), fill: fill === 'hole' ? paper : color }] : []),
  ];
}

/**
 * A mark as a symbol of ECharts, which places it by the middle of its box.
 *
 * @returns {{symbol: string, symbolSize: number[], symbolOffset: number[]}}
 */
export function symbol(shape, r) {
  const outline = OUTLINES[shape];
  const [xs, ys] = [0, 1].map((axis) => outline.map((corner) => corner[axis]));
  const size = (values) => Math.max(...values) - Math.min(...values);
  const middle = (values) => (Math.max(...values) + Math.min(...values)) / 2;
  return {
    symbol: `path://M${outline.map(([x, y]) => `${x} ${y}`).join('L')}Z`,
    symbolSize: [r * size(xs), r * size(ys)],
    symbolOffset: [r * middle(xs), r * middle(ys)],
  };
}

function trace(g, points) {
  g.beginPath();
  points.forEach(([x, y], i) => (i === 0 ? g.moveTo(x, y) : g.lineTo(x, y)));
  g.closePath();
}

/** The outline of one mark as the path of `g`. */
export function mark(g, shape, x, y, r) {
  if (shape === 'circle') {
    g.beginPath();
    g.moveTo(x + r, y);
    g.arc(x, y, r, 0, 2 * Math.PI);
  } else {
    trace(g, OUTLINES[shape].map(([dx, dy]) => [x + dx * r, y + dy * r]));
  }
}

/** Draws a mark with its filling. */
export function paint(g, look, paper, x, y, r) {
  polygons(look, paper, x, y, r).forEach(({ points, fill }, k) => {
    trace(g, points);
    g.fillStyle = fill;
    g.fill();
    if (k > 0 || look.fill === 'full') return;
    g.strokeStyle = look.color;
    g.lineWidth = 1.5;
    g.stroke();
  });
}
