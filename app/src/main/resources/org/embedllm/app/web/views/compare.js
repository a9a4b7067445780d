// Models side by side: where they differ, on what, and what each would add to the pool.
import { axis, chart, tooltip } from '../charts/chart.js';
import { looks, swatch } from '../charts/encodings.js';
import { intervalMark } from '../charts/intervals.js';
import { polygons } from '../charts/shapes.js';
import { card, segments } from '../lib/controls.js';
import { clear, el, modelName } from '../lib/dom.js';
import { fmt, gain, gainRange, known, legible, plural } from '../lib/format.js';
import { modelSearch } from '../lib/model-search.js';
import { loading } from '../lib/states.js';
import { fadeMore, table } from '../lib/table.js';
import { capitalized, quantity } from '../lib/quantity.js';

export const title = 'Compare models';
export const hash = 'compare';
export const lead = 'Where each was tested, how alike they answer, and what each knows that the others do not. All numbers are of the training questions.';

const MOST = 8;
export function mount(root, context) {
  const { api, announce } = context;
  const picker = el('div', { class: 'picker' });
  const results = el('div', { class: 'stack' });
  root.append(el('div', { class: 'stack' }, picker, results));
  let ids = null;
  let everyone = []; // models by accuracy, for the search
  let shown = null;
  let charts = [];
  let byName = new Map();

  const all = loading(picker, (options) => api.get('map?projection=pca', options), (data) => {
    everyone = [...data.models].sort((a, b) => (b.accuracy ?? -1) - (a.accuracy ?? -1));
    byName = new Map(everyone.map((model) => [model.id, model]));
    drawPicker();
    compare();
  });

  function drawPicker() {
    if (everyone.length === 0 || ids === null) return;
    const chosen = ids.filter((id) => byName.has(id));
    const marks = looks(everyone, chosen);
    const search = modelSearch({
      label: 'Add a model',
      models: () => everyone.filter((model) => !ids.includes(model.id)),
      announce,
      keep: false,
      onChoose: (model) => go([...ids, model.id], `${model.name} added`),
    });
    clear(picker).append(
      chosen.length > 0 ? el('ul', { class: 'chips', 'aria-label': 'Compared models' }, chosen.map((id) => el('li', { class: 'chip' },
        swatch(marks.get(id)), modelName(byName.get(id)),
        el('button', { type: 'button', 'aria-label': `Take ${byName.get(id).name} out`, on: { click: () => go(ids.filter((other) => other !== id), `${byName.get(id).name} taken out`) } }, '×')))) : '',
      chosen.length < MOST ? search.node : el('p', { class: 'hint' }, `${MOST} models are the most that can be told apart here.`));
    if (chosen.length < 2) {
      clear(results).append(el('div', { class: 'state' },
        el('h2', {}, chosen.length === 0 ? 'No models chosen' : 'One model is chosen'),
        el('p', {}, 'Find two or more above, or select them on the map.'),
        el('div', { class: 'row' },
          el('button', { type: 'button', class: 'primary', on: { click: () => go([...new Set([...chosen, ...everyone.slice(0, 3).map((m) => m.id)])].slice(0, Math.max(3, chosen.length)), `The three models with the highest ${quantity.standing}`) } }, `Compare the three with the highest ${quantity.standing}`),
          el('a', { href: '#/map' }, 'Go to the map'))));
    }
  }

  function go(next, said) {
    context.setParams({ ids: next.length ? next.join(',') : null }, { push: true });
    announce(said);
    update(context.params());
    (picker.querySelector('input') ?? picker.querySelector('button'))?.focus();
  }

  function stop() {
    shown?.cancel();
    for (const one of charts) one.dispose();
    charts = [];
  }

  function update(params) {
    const wanted = [...new Set((params.get('ids') ?? '').split(',').filter((part) => /^\d{1,9}$/.test(part)).map(Number))].slice(0, MOST);
    if (ids !== null && wanted.join() === ids.join()) return;
    ids = wanted;
    stop();
    drawPicker();
    if (ids.length < 2 && everyone.length === 0) clear(results);
    compare();
  }

  /** Asks for the comparison. The marks are those of the whole pool, so its models must be there. */
  function compare() {
    if (everyone.length === 0 || ids === null || ids.length < 2) return;
    shown = loading(results, (options) => api.get(`compare?ids=${ids.join(',')}`, options), (data) => {
      draw(data);
      announce(`${plural(data.models.length, 'model')} compared`);
    });
  }

  function draw(data) {
    const marks = looks(everyone, ids);
    const mark = (k) => swatch(marks.get(data.models[k].id));
    const accuracy = el('div');
    const named = (k) => el('span', { class: 'named' }, mark(k), modelName(data.models[k]));
    results.append(
      el('div', { class: 'compare-columns' },
        benchmarksCard(data, accuracy), summaryCard(data, named), data.answers ? pairedCard(data, named) : null, data.answers ? addsCard(data, named) : null, pairsCard(data, named, mark)),
      data.answers ? differCard(data, mark) : withoutAnswers());
  }

  // ------------------------------------------------------------ accuracy by benchmark

  function benchmarksCard(data, holder) {
    let order = context.params().get('order') ?? 'difference';
    const orders = segments('Order', [{ value: 'difference', label: 'By difference' }, { value: 'name', label: 'By name' }], order, (next) => {
      order = next;
      context.setParams({ order: next === 'difference' ? null : next });
      drawn.update();
    });
    const n = data.models.length;
    const spread = (row) => {
      const shares = row.values.map((v) => v.accuracy).filter(known);
      return shares.length > 1 ? Math.max(...shares) - Math.min(...shares) : -1;
    };
    // ECharts draws the first category at the bottom.
    const rows = () => [...data.benchmarks].sort(order === 'name' ? (a, b) => b.name.localeCompare(a.name) : (a, b) => spread(a) - spread(b));
    const step = Math.max(30, 11 * n + 12);
    const drawn = chart(holder, (theme) => dotPlot(theme, data, rows(), looks(everyone, ids)), {
      label: `${capitalized(quantity.standing)} of ${plural(n, 'model')} on ${plural(data.benchmarks.length, 'benchmark')}, with 95% intervals. ${leaders(data)}`,
      height: `${step * data.benchmarks.length + 32}px`,
      table: {
        columns: [
          { label: 'Benchmark', head: true, value: (row) => row.name },
          { label: 'Pool', numeric: true, value: (row) => row.poolAccuracy, cell: (row) => fmt.percent(row.poolAccuracy) },
          ...data.models.map((model, k) => ({ label: el('span', { class: 'model-name', dir: 'auto', title: model.name }, model.name), numeric: true, value: (row) => row.values[k].accuracy, cell: (row) => el('span', {}, fmt.percent(row.values[k].accuracy), el('span', { class: 'muted' }, ` ${fmt.measured(row.values[k])}`)) })),
        ],
        rows: data.benchmarks,
        caption: `${capitalized(quantity.standing)} by benchmark with 95% intervals`,
      },
    });
    charts.push(drawn);
    return card(`${capitalized(quantity.standing)} by benchmark`, { lead: 'Marks with 95% intervals, and the mean of the pool as a tick. Where two lines overlap widely, the difference may be chance.' }, orders, holder);
  }

  // ------------------------------------------------------------ tables

  function summaryCard(data, named) {
    const rows = data.models.map((model, k) => ({ ...model, k }));
    const shares = rows.flatMap((m) => [m.low, m.high]).filter(known);
    const min = Math.max(0, Math.floor(Math.min(...shares, 1) * 20) / 20);
    const max = Math.min(1, Math.ceil(Math.max(...shares, 0) * 20) / 20);
    const priced = rows.some((m) => known(m.cost));
    return card('All questions', {}, table([
      { label: 'Model', head: true, value: (m) => m.name, cell: (m) => named(m.k) },
      { label: capitalized(quantity.standing), numeric: true, value: (m) => m.accuracy, cell: (m) => fmt.percent(m.accuracy) },
      { label: '95% interval', cell: (m) => el('span', { class: 'with-mark' }, intervalMark({ value: m.accuracy, low: m.low, high: m.high, min, max, width: 90 }), el('span', { class: 'muted' }, fmt.measured(m))) },
      { label: 'Answers', numeric: true, value: (m) => m.cells, cell: (m) => fmt.count(m.cells) },
      ...(priced ? [{ label: 'Per call', numeric: true, value: (m) => m.cost, cell: (m) => fmt.money(m.cost) }] : []),
    ], rows, { caption: `${capitalized(quantity.standing)} on all questions`, sort: { column: 1, descending: true }, stacked: 1 }));
  }

  function withoutAnswers() {
    return el('div', { class: 'state' },
      el('h2', {}, 'The training questions are not here'),
      el('p', {}, `What each model adds, and where these differ, is read from the folder ${context.overview.model}.questions beside the model file. Copy it there, or train again.`));
  }

  function addsCard(data, named) {
    const place = new Map(data.models.map((model, k) => [model.id, k]));
    const shared = data.adds[0]?.shared ?? 0;
    const lead = shared > 0
      ? `Only it: of the ${plural(shared, 'question')} all of these answered, those this one alone of these ${quantity.gets}. Pool: the share of all questions that some model ${quantity.gets}, without and with it.`
      : `No question was answered by all of these. Pool: the share of all questions that some model ${quantity.gets}, without and with it.`;
    return card('What each adds', { lead }, table([
      { label: 'Model', head: true, value: (row) => data.models[place.get(row.id)].name, cell: (row) => named(place.get(row.id)) },
      { label: 'Only it', numeric: true, value: (row) => row.onlyRight, cell: (row) => fmt.count(shared > 0 ? row.onlyRight : null) },
      { label: 'Pool without', numeric: true, value: (row) => row.poolWithout, cell: (row) => fmt.percent(row.poolWithout, 2) },
      { label: 'with', numeric: true, value: (row) => row.poolWith, cell: (row) => fmt.percent(row.poolWith, 2) },
      { label: 'Adds', numeric: true, value: (row) => row.poolWith - row.poolWithout, cell: (row) => fmt.points(row.poolWith - row.poolWithout, 2) },
    ], data.adds, { caption: 'What each model adds to the pool', sort: { column: 1, descending: true }, stacked: 1 }));
  }

  /** Who is better than whom, on the questions that both answered. */
  function pairedCard(data, named) {
    const place = new Map(data.models.map((model, k) => [model.id, k]));
    const ends = data.paired.flatMap((pair) => [pair.low, pair.high, pair.difference]).filter(known);
    const widest = Math.max(0.05, ...ends.map(Math.abs));
    const sure = (pair) => known(pair.low) && (pair.low > 0 || pair.high < 0);
    return card('Paired differences', { lead: `${capitalized(quantity.share)} of the first minus that of the second, on the questions both answered, with its 95% interval. Bold where the interval leaves out zero.` }, table([
      { label: 'Pair', head: true, sortable: false, cell: (pair) => el('span', { class: 'pair' }, named(place.get(pair.better)), named(place.get(pair.other))) },
      { label: 'Difference', numeric: true, value: (pair) => pair.difference, cell: (pair) => (sure(pair) ? el('b', {}, gain(pair.difference)) : gain(pair.difference)) },
      { label: '95% interval', value: (pair) => pair.low, cell: (pair) => el('span', { class: 'with-mark' },
        intervalMark({ value: pair.difference, low: pair.low, high: pair.high, baseline: 0, min: -widest, max: widest, width: 90 }),
        el('span', { class: 'muted' }, known(pair.low) ? gainRange([pair.low, pair.high]).replace(' pts', '') : fmt.few(pair.questions))) },
      { label: 'Questions', numeric: true, value: (pair) => pair.questions, cell: (pair) => fmt.count(pair.questions) },
    ], data.paired, { caption: `Difference of ${quantity.share} of each pair of models`, sort: { column: 1, descending: true }, page: 12, stacked: 1 }));
  }

  /** Agreement of all pairs as a matrix of shades, from the least alike to the most. */
  function alike(data, named, mark) {
    const values = data.agreement.flatMap((row, a) => row.filter((share, b) => a !== b && known(share)));
    if (data.models.length < 3 || values.length === 0) return null;
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const shade = (share) => ['d3', 'd4', 'd5', 'd6'][Math.min(3, Math.floor(4 * (share - least) / (most - least || 1)))];
    const cell = (a, b) => {
      const share = data.agreement[a][b];
      if (a === b) return el('td', { class: 'self numeric' }, '');
      return el('td', { class: known(share) ? `numeric ${shade(share)}` : 'numeric' }, fmt.percent(share, 0));
    };
    return fadeMore(el('div', { class: 'scroll heat-scroll', tabindex: '0', role: 'region', 'aria-label': 'Agreement of all pairs' },
      el('table', { class: 'heat' },
        el('caption', { class: 'unseen' }, `Share of common questions that both models of a pair ${quantity.get} or neither does`),
        el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Alike'),
          data.models.map((model, k) => el('th', { scope: 'col' }, mark(k), el('span', { class: 'unseen' }, legible(model.name)))))),
        el('tbody', {}, data.models.map((_, a) => el('tr', {}, el('th', { scope: 'row' }, named(a)), data.models.map((__, b) => cell(a, b))))))));
  }

  function pairsCard(data, named, mark) {
    const pairs = [];
    for (let a = 0; a < data.models.length; a++) {
      for (let b = a + 1; b < data.models.length; b++) pairs.push({ a, b, distance: data.distances[a][b], agreement: data.agreement[a]?.[b] ?? null });
    }
    return card('How alike', { lead: `Distance of the vectors, and the share of common questions that both ${quantity.get} or neither does.` }, alike(data, named, mark), table([
      { label: 'Pair', head: true, sortable: false, cell: (p) => el('span', { class: 'pair' }, named(p.a), named(p.b)) },
      { label: 'Distance', numeric: true, value: (p) => p.distance, cell: (p) => fmt.number(p.distance, 3) },
      { label: 'Alike', numeric: true, value: (p) => p.agreement, cell: (p) => fmt.percent(p.agreement) },
    ], pairs, { caption: 'Distance and agreement of each pair', sort: { column: 2, descending: false }, page: 12, stacked: 1 }));
  }

  function differCard(data, mark) {
    const answer = (score) => {
      if (!known(score)) return el('span', { class: 'muted' }, 'not asked');
      if (score > 0 && score < 1) return fmt.percent(score, 0);
      return score === 1 ? el('span', { class: 'good' }, `✓ ${quantity.right}`) : el('span', { class: 'bad' }, `✗ ${quantity.wrong}`);
    };
    if (data.differ.length === 0) {
      return card('Where they differ most', {}, el('p', { class: 'muted' }, `On every question all of them were asked, they are all ${quantity.right} or all ${quantity.wrong}.`));
    }
    return card('Where they differ most', { lead: `${plural(data.differ.length, 'training question')} that split these models, and how much of the pool is ${quantity.right} on each.` }, table([
      { label: 'Question', head: true, sortable: false, cell: (q) => prompt(q) },
      { label: 'Benchmark', value: (q) => q.benchmark },
      ...data.models.map((model, k) => ({ label: el('span', { class: 'named' }, mark(k), el('span', { class: 'model-name', dir: 'auto', title: model.name }, model.name)), value: (q) => q.scores[k], cell: (q) => answer(q.scores[k]) })),
      { label: 'Pool', numeric: true, value: (q) => q.poolAccuracy, cell: (q) => fmt.percent(q.poolAccuracy, 0) },
    ], data.differ, { caption: 'Questions on which these models differ', page: 10, stacked: 2 }));
  }

  function prompt(q) {
    const text = q.prompt ?? `Question ${q.id}`;
    const short = Array.from(text.replace(/\s+/g, ' ').trim());
    if (short.length <= 90 && !text.includes('\n')) return el('span', { dir: 'auto' }, text);
    return el('details', { class: 'prompt' }, el('summary', {}, el('span', { dir: 'auto' }, short.slice(0, 400).join(''))), el('p', { class: 'quote', dir: 'auto', tabindex: '0' }, text));
  }

  // The swatches are canvases: drawn again in the other theme's colors.
  const unthemed = context.onTheme(() => {
    stop();
    drawPicker();
    if (ids.length >= 2) shown?.reload();
  });

  return {
    update,
    unmount() {
      unthemed();
      all.cancel();
      stop();
    },
  };
}

/** "A is ahead on 9 benchmarks, B on 5." */
function leaders(data) {
  const wins = data.models.map(() => 0);
  for (const row of data.benchmarks) {
    const shares = row.values.map((v) => v.accuracy ?? -1);
    const most = Math.max(...shares);
    if (most >= 0) wins[shares.indexOf(most)]++;
  }
  const ahead = data.models.map((model, k) => ({ name: model.name, wins: wins[k] })).filter((m) => m.wins > 0).sort((a, b) => b.wins - a.wins);
  return ahead.length === 0 ? '' : `Ahead: ${ahead.map((m) => `${m.name} on ${m.wins}`).join(', ')}.`;
}

/** Rows of benchmarks, in each a mark and an interval for every model, one below the other. */
function dotPlot(theme, data, rows, marks) {
  const n = data.models.length;
  const shift = (k) => (k - (n - 1) / 2) * 11;
  const at = rows.map((row) => row.name);
  const values = (k) => rows.map((row, i) => ({ row: i, ...row.values[k] })).filter((v) => known(v.accuracy));
  const lows = rows.flatMap((row) => [row.poolAccuracy, ...row.values.map((v) => v.low)]).filter(known);
  const series = data.models.flatMap((model, k) => {
    const mark = marks.get(model.id);
    const points = values(k);
    return [
      {
        type: 'custom',
        name: model.name,
        silent: true,
        z: 1,
        data: points.map((v) => [v.low, v.high, v.row]),
        encode: { x: [0, 1], y: 2 },
        renderItem(params, access) {
          const [x0, y] = access.coord([access.value(0), access.value(2)]);
          const [x1] = access.coord([access.value(1), access.value(2)]);
          return { type: 'line', shape: { x1: x0, y1: y + shift(k), x2: x1, y2: y + shift(k) }, style: { stroke: mark.color, lineWidth: 2, opacity: 0.55 } };
        },
      },
      {
        type: 'custom',
        name: model.name,
        z: 2,
        encode: { x: 0, y: 1 },
        renderItem(params, access) {
          const [x, y] = access.coord([access.value(0), access.value(1)]);
          const parts = polygons(mark, theme.surface, x, y + shift(k), 5.2);
          const edge = mark.fill === 'full' ? theme.surface : mark.color;
          return {
            type: 'group',
            children: parts.map((part, i) => ({ type: 'polygon', shape: { points: part.points }, style: { fill: part.fill, stroke: i === 0 ? edge : null, lineWidth: mark.fill === 'full' ? 1 : 1.5 } })),
          };
        },
        data: points.map((v) => ({ value: [v.accuracy, v.row], cells: v.cells, low: v.low, high: v.high })),
      },
    ];
  });
  series.push({
    type: 'custom',
    name: 'Pool',
    silent: true,
    z: 0,
    data: rows.map((row, i) => [row.poolAccuracy, i]).filter(([share]) => known(share)),
    encode: { x: 0, y: 1 },
    renderItem(params, access) {
      const [x, y] = access.coord([access.value(0), access.value(1)]);
      const half = 5.5 * n + 2;
      return { type: 'line', shape: { x1: x, y1: y - half, x2: x, y2: y + half }, style: { stroke: theme.muted, lineWidth: 1.5 } };
    },
  });
  const longest = Math.max(...at.map((name) => name.length));
  return {
    animation: false,
    grid: { left: Math.min(150, 14 + longest * 6.6), right: 18, top: 26, bottom: 6 },
    tooltip: {
      trigger: 'item',
      formatter: (p) => tooltip(p.seriesName, [[at[p.value[1]], fmt.percent(p.value[0])], ['95% interval', fmt.measured(p.data)], ['Pool', fmt.percent(rows[p.value[1]].poolAccuracy)], ['Answers', fmt.count(p.data.cells)]]),
    },
    xAxis: {
      ...axis(theme),
      type: 'value',
      position: 'top',
      min: Math.max(0, Math.floor(Math.min(...lows, 1) * 5) / 5),
      max: (extent) => Math.min(1, Math.ceil((extent.max + 0.02) * 5) / 5),
      interval: 0.2,
      axisLabel: { color: theme.muted, fontSize: 12, formatter: (share) => fmt.percent(share, 0) },
    },
    yAxis: {
      ...axis(theme),
      type: 'category',
      data: at,
      axisLine: { show: false },
      axisLabel: { color: theme.ink, fontSize: 12, width: 132, overflow: 'truncate', interval: 0 },
      splitLine: { show: false },
      splitArea: { show: true, areaStyle: { color: [`${theme.rule}00`, `${theme.rule}55`] } },
    },
    series,
  };
}
