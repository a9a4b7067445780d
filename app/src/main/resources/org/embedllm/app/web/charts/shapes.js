// Marks of groups: outlines of equal area.

export const SHAPES = ['circle', 'square', 'triangle', 'diamond', 'down', 'hexagon', 'cross'];

const polygon = (corners) => (g, x, y, r) => {
  corners.forEach(([dx, dy], i) => (i === 0 ? g.moveTo(x + dx * r, y + dy * r) : g.lineTo(x + dx * r, y + dy * r)));
  g.closePath();
};
// Of equal area, so that no shape looks heavier than another.
const OUTLINES = {
  circle(g, x, y, r) {
    g.moveTo(x + r, y);
    g.arc(x, y, r, 0, 2 * Math.PI);
  },
  square: polygon([[-0.886, -0.886], [0.886, -0.886], [0.886, 0.886], [-0.886, 0.886]]),
  triangle: polygon([[0, -1.42], [1.28, 0.8], [-1.28, 0.8]]),
  diamond: polygon([[0, -1.253], [1.253, 0], [0, 1.253], [-1.253, 0]]),
  down: polygon([[0, 1.42], [1.28, -0.8], [-1.28, -0.8]]),
  hexagon: polygon([0, 1, 2, 3, 4, 5].map((i) => [1.1 * Math.cos((i * Math.PI) / 3), 1.1 * Math.sin((i * Math.PI) / 3)])),
  cross: polygon([[-0.42, -1.2], [0.42, -1.2], [0.42, -0.42], [1.2, -0.42], [1.2, 0.42], [0.42, 0.42], [0.42, 1.2], [-0.42, 1.2], [-0.42, 0.42], [-1.2, 0.42], [-1.2, -0.42], [-0.42, -0.42]]),
};

/** The outline of one mark as the path of `g`. */
export function mark(g, shape, x, y, r) {
  g.beginPath();
  OUTLINES[shape](g, x, y, r);
}
