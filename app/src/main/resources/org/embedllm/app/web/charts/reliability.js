// The reliability diagram: how often what was forecast came true.
import { axis, chart, SQUARE, tooltip } from './chart.js';
import { fmt } from '../lib/format.js';
import { capitalized, quantity } from '../lib/quantity.js';

const percent = (x) => fmt.percent(x, 0);

/**
 * @param bins () → `[{forecast, score, low, high, count}]`, asked at every drawing
 * @param settings `{label, counted, joined}`: what is seen, what a bin counts ("Answers"), and whether bins are
 *   joined by a line
 */
export function reliability(root, bins, { label, counted, joined = true }) {
  const option = (theme) => {
    const points = bins().map((bin) => [bin.forecast, bin.score, bin.low, bin.high, bin.count]);
    const share = (name, gap) => ({
      ...axis(theme), type: 'value', min: 0, max: 1, interval: 0.25, name, nameLocation: 'middle', nameGap: gap,
      axisLabel: { ...axis(theme).axisLabel, formatter: percent },
    });
    return {
      grid: { left: 32, right: 20, top: 12, bottom: 28, containLabel: true },
      xAxis: share('Forecast probability', 28),
      yAxis: share(`Share ${quantity.right}`, 44),
      tooltip: {
        trigger: 'item',
        formatter: ({ data }) => tooltip(`Forecast ${fmt.percent(data[0])}`,
          [[capitalized(quantity.right), fmt.percent(data[1])], ['95% interval', fmt.interval(data[2], data[3])], [counted, fmt.count(data[4])]]),
      },
      series: [
        { type: 'line', data: [[0, 0], [1, 1]], symbol: 'none', silent: true, lineStyle: { color: theme.strong, type: 'dashed', width: 1 }, z: 1 },
        { type: 'custom', data: points, silent: true, encode: { x: 0, y: [1, 2, 3] }, renderItem: whisker(theme.ink), z: 2 },
        {
          type: 'line', data: points, symbol: 'circle', symbolSize: 8, showAllSymbol: true, z: 3,
          lineStyle: { color: theme.accent, width: joined ? 1.5 : 0 },
          itemStyle: { color: theme.accent, borderColor: theme.surface, borderWidth: 1 },
        },
      ],
    };
  };
  const table = () => ({
    columns: [
      { label: 'Forecast', numeric: true, head: true, value: (bin) => bin.forecast, cell: (bin) => fmt.percent(bin.forecast) },
      { label: capitalized(quantity.right), numeric: true, value: (bin) => bin.score, cell: (bin) => fmt.percent(bin.score) },
      { label: '95% interval', numeric: true, sortable: false, value: (bin) => bin.low, cell: (bin) => fmt.interval(bin.low, bin.high) },
      { label: counted, numeric: true, value: (bin) => bin.count, cell: (bin) => fmt.count(bin.count) },
    ],
    rows: bins(),
  });
  return chart(root, option, { label, height: SQUARE, table });
}

/** A line from the third to the fourth value of a point, upright. */
function whisker(color) {
  return (_, item) => {
    const [x, low] = item.coord([item.value(0), item.value(2)]);
    const [, high] = item.coord([item.value(0), item.value(3)]);
    return { type: 'line', shape: { x1: x, y1: low, x2: x, y2: high }, style: { stroke: color, lineWidth: 1, opacity: 0.65 } };
  };
}
