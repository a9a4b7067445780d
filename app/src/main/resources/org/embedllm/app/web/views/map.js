// The map: every model as a point; near means that they answer alike.
import { palette } from '../charts/chart.js';
import { encode, encodeValues, legend, radii, sizeKey, swatch } from '../charts/encodings.js';
import { plot } from '../charts/plot.js';
import { isStatic } from '../lib/api.js';
import { choice, debounce, field, segments } from '../lib/controls.js';
import { clear, el } from '../lib/dom.js';
import { fmt, known, plural } from '../lib/format.js';
import { modelSearch } from '../lib/model-search.js';
import { saveButtons } from '../lib/save-figure.js';
import { failure, loading } from '../lib/states.js';
import { fullCard, hoverCard } from './model-card.js';
import { capitalized, quantity } from '../lib/quantity.js';

export const title = 'Map of the models';
export const hash = 'map';

const MOST = 8; // models in one comparison
const ROWS = 100;
const TELLING = 0.5; // a correlation worth naming
const WHOLE = 0.9; // of the questions the busiest model answered, for an accuracy to be comparable

export function mount(root, context) {
  const { api, announce } = context;
  const charts = { stop: () => {} };
  // The map that says most is there at once; another projection moves the points when it is ready.
  const start = loading(root, (options) => api.get('map', options), (data) => {
    const view = mapView(root, context, data);
    charts.stop = view.stop;
    charts.update = view.update;
    view.update(context.params());
    announce(`Map of ${plural(data.models.length, 'model')}`);
  });
  return {
    update: (params) => charts.update?.(params),
    unmount() {
      start.cancel();
      charts.stop();
    },
  };
}

const PROJECTIONS = { skills: 'Skills', pca: 'PCA', umap: 'UMAP' };
const numbers = (text) => (text ?? '').split(',').filter((part) => /^\d+$/.test(part)).map(Number);

function mapView(root, context, first) {
  const { api, setParams, announce } = context;
  let data = first;
  const home = data.projection; // where the address names none
  let projection = home;
  let wanted = home; // on its way, or shown
  let lit = null; // probabilities of a right answer to a prompt, by index
  let color = null;
  let only = null;
  let encoding = null;
  let sizes = null;
  let matches = null; // Set of indices found by the search
  let focus = -1;
  let selected = new Set();
  let hover = -1;
  let rows = ROWS;
  let stretch = { x: 1, y: 1 };
  const index = new Map(data.models.map((model, i) => [model.id, i]));
  const busiest = data.models.reduce((most, model) => Math.max(most, model.cells), 0);
  const isPartial = (model) => model.cells > 0 && model.cells < WHOLE * busiest;
  const ranked = [...data.models].sort((a, b) => (b.accuracy ?? -1) - (a.accuracy ?? -1));
  const details = new Map(); // id → promise
  const stopping = new AbortController();

  function detail(id) {
    if (!details.has(id)) {
      const asked = api.get(`models/${id}`, { signal: stopping.signal });
      asked.catch(() => details.delete(id));
      details.set(id, asked);
    }
    return details.get(id);
  }

  // ------------------------------------------------------------ parts

  const stage = el('div', { class: 'map-stage' });
  const chart = plot(stage, {
    label: `Map of ${plural(data.models.length, 'model')}. Arrow keys move it, plus and minus zoom, 0 shows all. The list of models beside it has the same in words.`,
    onHover: hovered,
    onPick: picked,
    onBox: boxed,
    onFit: (how) => {
      stretch = how.stretch;
      describe();
      if (sizes) sizeBox.replaceChildren(sizeKey(sizes, how.size));
    },
  });
  const hoverBox = el('div', { class: 'hover-card', hidden: true, 'aria-hidden': 'true' });
  const legendBox = el('div', { class: 'legend' });
  const status = el('div', { class: 'map-status', hidden: true });
  const xAxis = el('span', { class: 'axis x' });
  const yAxis = el('span', { class: 'axis y' });
  const zoom = el('div', { class: 'zoom', role: 'group', 'aria-label': 'Zoom' },
    el('button', { type: 'button', 'aria-label': 'Zoom in', on: { click: () => chart.zoom(1.6) } }, '+'),
    el('button', { type: 'button', 'aria-label': 'Zoom out', on: { click: () => chart.zoom(1 / 1.6) } }, '−'),
    el('button', { type: 'button', on: { click: () => chart.fit() } }, 'Fit'));
  stage.append(xAxis, yAxis, zoom, hoverBox, status);

  const projectionOf = (params) => (Object.hasOwn(PROJECTIONS, params.get('projection') ?? '') ? params.get('projection') : home);
  // Where ability is removed from the places, color and size show it.
  const usualColor = () => (wanted === 'skills' ? 'accuracy' : 'family');
  const projections = segments('Projection', Object.entries(PROJECTIONS).map(([value, label]) => ({ value, label })), projection, (next) => {
    setParams({ projection: next === home ? null : next }, { push: true });
    update(context.params());
  });
  const colors = choice([
    { value: 'family', label: 'Family' },
    { value: 'community', label: 'Community' },
    { value: 'accuracy', label: `${capitalized(quantity.standing)}, all questions` },
    ...data.benchmarks.map((name) => ({ value: `benchmark:${name}`, label: name, group: `${capitalized(quantity.standing)} on a benchmark` })),
  ], usualColor(), (next) => {
    setParams({ color: next === usualColor() ? null : next, only: null }, { push: true });
    unlight();
    recolor(next, null);
  });
  const search = modelSearch({
    label: 'Find a model',
    models: () => ranked,
    announce,
    onMatches(found) {
      matches = found === null ? null : new Set(found.map((model) => index.get(model.id)));
      light();
    },
    onChoose(model) {
      search.clear();
      matches = null;
      light();
      focusOn(index.get(model.id), { move: true });
    },
  });
  const sizeBox = el('div');
  const finding = el('p', { class: 'map-finding', hidden: true });
  const prompt = el('input', { type: 'text', autocomplete: 'off', dir: 'auto', placeholder: `Type a prompt: who would be ${quantity.right}?` });
  const promptSays = el('p', { class: 'hint', role: 'status' });
  const dark = el('button', { type: 'button', class: 'quiet', hidden: true, on: { click: () => { unlight(); recolor(color, only); } } }, 'Clear');
  const promptBox = el('form', { class: 'map-prompt', hidden: isStatic || !context.overview.has.encoder, on: { submit: lightUp } },
    field('Prompt', prompt), el('button', { type: 'submit', class: 'primary' }, 'Light up'), dark, promptSays);
  const caption = el('p', { class: 'hint map-caption' });
  const tray = el('section', { class: 'tray', 'aria-label': 'Selection' });
  const detailCard = el('section', { class: 'model-card', 'aria-label': 'Chosen model', hidden: true });
  const list = el('section', { class: 'model-list', 'aria-labelledby': 'models-title' });

  root.append(el('div', { class: 'map' },
    el('div', { class: 'map-main' },
      el('div', { class: 'map-tools row' }, projections, field('Color', colors), search.node),
      promptBox, finding, stage, legendBox, el('div', { class: 'map-foot' }, caption, el('div', {}, sizeBox, saveButtons({ name: 'model-map', caption: figureCaption, svg: () => chart.svg(), canvases: () => chart.canvases(), theme: palette })))),
    el('div', { class: 'map-side' }, tray, detailCard, list)));

  // ------------------------------------------------------------ what is shown

  function recolor(nextColor, nextOnly) {
    color = nextColor;
    colors.value = color;
    encoding = lit ? encodeValues(lit) : encode(color, data);
    only = encoding.keys.some((entry) => entry.key === nextOnly) ? nextOnly : null;
    sizes ??= radii(data.models);
    chart.setStyle({ radius: sizes.radius, group: encoding.group, groups: encoding.groups, hulls: encoding.hulls });
    drawLegend();
    light();
    drawList();
    drawTray();
  }

  function drawLegend() {
    const titles = { family: 'Family, read from the name', community: 'Community of like vectors', accuracy: `${capitalized(quantity.standing)} on all questions` };
    const heading = lit ? `Probability of a ${quantity.right} answer to the prompt` : titles[color] ?? `${capitalized(quantity.standing)} on ${color.slice(10)}`;
    clear(legendBox).append(...legend(encoding, heading, only, (key) => {
      setParams({ only: key });
      recolor(color, key);
      // The legend was drawn again: the pressed button keeps the focus.
      [...legendBox.querySelectorAll('button')].find((b, i) => encoding.keys[i].key === (key ?? only ?? keyPressed))?.focus();
      const entry = encoding.keys.find((k) => k.key === key);
      announce(entry ? `${entry.label}: ${plural(entry.members.size, 'model')}` : 'All models');
      keyPressed = key;
    }));
  }
  let keyPressed = null;

  /** Lights what is searched for, or one entry of the legend; everything else steps back. */
  function light() {
    const group = only === null ? null : encoding.keys.find((entry) => entry.key === only)?.members ?? null;
    const lit = matches && group ? new Set([...matches].filter((i) => group.has(i))) : matches ?? group;
    chart.setState({ lit });
  }

  function describe() {
    const [x, y] = data.axes;
    const label = (axis, times) => [axis.label, known(axis.share) ? `${fmt.percent(axis.share, 0)} of the spread` : null, times > 1 && projection === 'pca' ? `stretched ×${times}` : null].filter(Boolean).join(' · ');
    const ends = (axis) => (axis.high.length + axis.low.length === 0 ? null
      : { high: axis.high.length ? `stronger at ${axis.high.join(', ')}` : '', low: axis.low.length ? `stronger at ${axis.low.join(', ')}` : '' });
    const [xEnds, yEnds] = [ends(x), ends(y)];
    xAxis.textContent = xEnds ? `${xEnds.low ? `← ${xEnds.low}` : ''}${xEnds.low && xEnds.high ? ' · ' : ''}${xEnds.high ? `${xEnds.high}\u00a0→` : ''}` : `${label(x, stretch.x)}\u00a0→`;
    yAxis.textContent = yEnds ? `${yEnds.high ? `↑ ${yEnds.high}` : ''}${yEnds.low && yEnds.high ? ' · ' : ''}${yEnds.low ? `↓ ${yEnds.low}` : ''}` : `↑ ${label(y, stretch.y)}`;
    xAxis.classList.toggle('left', xEnds !== null && !xEnds.high);
    for (const axis of [xAxis, yAxis]) axis.title = axis.textContent;
    describeFinding();
    chart.keepClear([xAxis, yAxis, zoom]);
    const followed = [['To the right', x], ['Upwards', y]].filter(([, axis]) => axis.accuracy >= TELLING)
      .map(([where, axis]) => ` ${where}: ${quantity.more} (r\u00a0${axis.accuracy >= 0.995 ? '>\u00a00.99' : `=\u00a0${fmt.number(axis.accuracy)}`}).`);
    const meaning = projection === 'skills'
      ? `Ability is removed: near means strong and weak at the same things, whatever the ${quantity.standing}, which size shows. Two dimensions hold ${fmt.percent((x.share ?? 0) + (y.share ?? 0), 0)} of what is left.`
      : projection === 'pca' ? `Near means alike; two dimensions hold ${fmt.percent((x.share ?? 0) + (y.share ?? 0), 0)} of the spread.${followed.join('')}`
      : 'UMAP keeps neighbors together; distances between far groups, and the axes, mean nothing.';
    clear(caption).append(`${meaning} Dashed lines lead to the nearest in all dimensions. `, el('span', { class: 'for-mice' }, 'Drag to move, Shift-drag to select, Shift-click to add one.'));
  }

  /** What a saved picture says of itself. */
  function figureCaption() {
    return [`Map of ${plural(data.models.length, 'model')}, ${PROJECTIONS[projection]}.`, finding.hidden ? '' : finding.textContent,
      `Across: ${xAxis.textContent}. Up: ${yAxis.textContent}.`, lit ? `Color: probability of a ${quantity.right} answer to a prompt.` : `Color: ${colors.selectedOptions[0].textContent}. Size: ${quantity.standing}.`].filter(Boolean).join(' ');
  }

  /** The finding in words. */
  function describeFinding() {
    const found = data.finding;
    finding.hidden = !found;
    if (!found) return;
    const model = data.models[index.get(found.model)];
    clear(finding).append(
      el('button', { type: 'button', class: 'link', dir: 'auto', on: { click: () => focusOn(index.get(model.id), { move: true }) } }, model.name),
      ` is the most unusual model: better at ${found.better.join(' and ')} than models of its ${quantity.standing}${found.worse.length ? `, worse at ${found.worse.join(' and ')}` : ''}.`);
  }

  // ------------------------------------------------------------ a prompt

  let asking = null;

  /** Colors every model by its probability of a right answer, and joins the chosen one and its runner-up. */
  async function lightUp(event) {
    event.preventDefault();
    const text = prompt.value.trim();
    if (text === '') return;
    asking?.abort();
    asking = new AbortController();
    const mine = asking;
    promptSays.textContent = 'Asking';
    try {
      const answer = await api.post('playground', { prompt: text, policy: 'best' }, { signal: mine.signal });
      if (answer.status === 'unavailable') {
        promptSays.textContent = answer.reason;
        return;
      }
      const there = answer.ranking.filter((row) => index.has(row.id) && known(row.probability));
      const byIndex = new Map(there.map((row) => [index.get(row.id), row.probability]));
      lit = data.models.map((_, i) => byIndex.get(i) ?? null);
      const [first, second] = there;
      dark.hidden = false;
      recolor(color, only);
      focusLinks = second ? [index.get(second.id)] : [];
      chart.setState({ focus: first ? index.get(first.id) : -1, links: focusLinks });
      promptSays.textContent = first
        ? `${answer.abstain ? 'Nothing like this was in training. If it had to choose: ' : ''}${first.name}, ${quantity.right} with ${fmt.percent(first.probability, 0)}${second ? `; then ${second.name}, ${fmt.percent(second.probability, 0)}` : ''}.`
        : 'No model has a forecast.';
    } catch (error) {
      if (!mine.signal.aborted) promptSays.textContent = [error.message, error.remedy].filter(Boolean).join(' ');
    }
  }

  function unlight() {
    asking?.abort();
    lit = null;
    dark.hidden = true;
    promptSays.textContent = '';
    focusLinks = [];
    chart.setState({ focus, links: [] });
  }

  let switching = null;
  function reproject(next) {
    switching?.abort();
    switching = new AbortController();
    const mine = switching;
    wanted = next;
    projections.set(next);
    status.hidden = true;
    if (next === projection) return;
    const note = el('p', { role: 'status' }, `Computing ${PROJECTIONS[next]}`);
    const timer = setTimeout(() => {
      status.hidden = false;
      clear(status).append(note);
    }, 200);
    const settle = () => {
      clearTimeout(timer);
      status.hidden = true;
    };
    api.get(`map?projection=${next}`, {
      signal: mine.signal,
      onProgress: (p) => (note.textContent = `${PROJECTIONS[next]}: ${p.step}${p.fraction > 0 ? `, ${fmt.percent(p.fraction, 0)}` : ''}`),
    }).then((answer) => {
      settle();
      if (answer.status === 'unavailable') throw Object.assign(new Error(answer.reason), { remedy: answer.remedy });
      projection = next;
      data = answer;
      chart.setPoints(data.models, labelOrder());
      recolor(color, only);
      describe();
      announce(`${PROJECTIONS[next]} shown`);
    }).catch((error) => {
      clearTimeout(timer);
      if (mine.signal.aborted) return;
      settle();
      wanted = projection;
      projections.set(projection);
      status.hidden = false;
      failure(status, error, () => reproject(next));
    });
  }

  const labelOrder = () => ranked.map((model) => index.get(model.id));

  // ------------------------------------------------------------ hover

  const linked = (answer) => answer.neighbors.slice(0, 5).map((n) => index.get(n.id)).filter((i) => i !== undefined);

  const fetchHover = debounce((i) => {
    // The short card, if the server takes its time.
    const timer = setTimeout(() => hover === i && showHover(i, null, []), 200);
    detail(data.models[i].id).then((answer) => {
      clearTimeout(timer);
      if (hover !== i) return;
      chart.setState({ links: linked(answer) });
      showHover(i, answer, linked(answer));
    }).catch(() => {
      // The short card stays; a click shows what is wrong.
    });
  }, 60);

  function hovered(i) {
    chart.node.classList.toggle('pointing', i >= 0);
    if (i === hover) return;
    hover = i;
    fetchHover.cancel();
    hoverBox.hidden = true;
    chart.setState({ hover: i, links: i < 0 || i === focus ? focusLinks : [] });
    if (i >= 0) fetchHover(i);
  }

  /** Beside the point, on the side where it hides the fewest of the points the lines lead to. */
  function showHover(i, answer, links) {
    clear(hoverBox).append(...hoverCard(data.models[i], answer).filter(Boolean));
    hoverBox.hidden = false;
    const [w, h] = [hoverBox.offsetWidth, hoverBox.offsetHeight];
    const { x, y, radius, width, height } = chart.place(i);
    const gap = radius + 12;
    const within = (value, most) => Math.max(4, Math.min(most - 4, value));
    const middle = [within(x - w / 2, width - w), within(y - h / 2, height - h)];
    const spots = [[x + gap, middle[1]], [x - gap - w, middle[1]], [middle[0], y + gap], [middle[0], y - gap - h]];
    const hidden = ([left, top]) => {
      const out = left < 0 || top < 0 || left + w > width || top + h > height ? 100 : 0;
      return out + links.map((link) => chart.place(link)).filter((p) => p.x > left && p.x < left + w && p.y > top && p.y < top + h).length;
    };
    const [left, top] = spots.reduce((best, spot) => (hidden(spot) < hidden(best) ? spot : best));
    hoverBox.style.transform = `translate(${Math.round(within(left, width - w))}px, ${Math.round(within(top, height - h))}px)`;
  }

  // ------------------------------------------------------------ one model

  let focusLinks = [];

  function focusOn(i, { move = false, keep = true } = {}) {
    focus = i;
    focusLinks = [];
    chart.setState({ focus: i, links: [] });
    if (keep) setParams({ focus: i < 0 ? null : data.models[i].id }, { push: true });
    for (const row of list.querySelectorAll('[aria-current]')) row.removeAttribute('aria-current');
    if (i < 0) {
      detailCard.hidden = true;
      return;
    }
    list.querySelector(`[data-model="${data.models[i].id}"] .link`)?.setAttribute('aria-current', 'true');
    if (move) chart.center(i);
    showCard(data.models[i]);
  }

  function showCard(model) {
    const body = el('div', { class: 'stack' });
    const add = el('button', { type: 'button', on: { click: () => toggle(index.get(model.id)) } });
    labelAdd(add, model);
    detailCard.hidden = false;
    clear(detailCard).append(
      el('div', { class: 'card-head' },
        el('h2', { dir: 'auto' }, model.name),
        el('button', { type: 'button', class: 'quiet', 'aria-label': 'Close the card', on: { click: closeCard } }, '×')),
      el('p', {}, add), body);
    loading(body, () => detail(model.id), (answer) => {
      if (focus >= 0 && data.models[focus].id === model.id) {
        focusLinks = linked(answer);
        chart.setState({ links: focusLinks });
      }
      announce(`${model.name}: ${fmt.percent(answer.accuracy)}, strongest on ${answer.strongest.slice(0, 2).join(' and ')}`);
      const parts = fullCard(answer, { onFocus: (id) => focusOn(index.get(id), { move: true }) });
      body.append(...parts);
    });
  }

  function labelAdd(button, model) {
    button.dataset.add = model.id;
    const chosen = selected.has(index.get(model.id));
    button.textContent = chosen ? 'Take out of the comparison' : 'Add to the comparison';
  }

  function closeCard() {
    const id = focus < 0 ? null : data.models[focus].id;
    focusOn(-1);
    (list.querySelector(`[data-model="${id}"] .link`) ?? chart.node).focus();
  }

  // ------------------------------------------------------------ several models

  function picked(i, more) {
    if (i < 0) {
      if (!more && focus >= 0) focusOn(-1);
      return;
    }
    if (more) toggle(i);
    else focusOn(i);
  }

  function boxed(inside) {
    const added = inside.filter((i) => !selected.has(i)).slice(0, MOST - selected.size);
    select([...selected, ...added]);
    announce(`${plural(selected.size, 'model')} selected${added.length < inside.length && selected.size === MOST ? `, ${inside.length} were in the frame` : ''}`);
  }

  function toggle(i) {
    if (selected.has(i)) select([...selected].filter((other) => other !== i));
    else if (selected.size < MOST) select([...selected, i]);
    else {
      announce(`A comparison holds ${MOST} models`);
      return;
    }
    announce(`${data.models[i].name} ${selected.has(i) ? 'added' : 'taken out'}; ${plural(selected.size, 'model')} selected`);
  }

  function select(indices, { keep = true } = {}) {
    selected = new Set(indices);
    if (keep) setParams({ select: selected.size ? [...selected].map((i) => data.models[i].id).join(',') : null });
    chart.setState({ selected });
    for (const box of list.querySelectorAll('input[type=checkbox]')) {
      const chosen = selected.has(index.get(Number(box.value)));
      box.checked = chosen;
      box.disabled = !chosen && selected.size >= MOST;
    }
    for (const button of detailCard.querySelectorAll('[data-add]')) labelAdd(button, data.models[index.get(Number(button.dataset.add))]);
    drawTray();
  }

  function drawTray() {
    tray.hidden = selected.size === 0;
    const refocus = tray.contains(document.activeElement);
    clear(tray);
    if (selected.size === 0) {
      if (refocus) chart.node.focus();
      return;
    }
    const ids = [...selected].map((i) => data.models[i].id);
    tray.append(
      el('ul', { class: 'chips' }, [...selected].map((i) => el('li', { class: 'chip' },
        swatch(encoding.groups[encoding.group[i]]),
        el('span', { class: 'model-name', dir: 'auto', title: data.models[i].name }, data.models[i].name),
        el('button', { type: 'button', 'aria-label': `Take ${data.models[i].name} out`, on: { click: () => toggle(i) } }, '×')))),
      el('div', { class: 'row' },
        selected.size > 1
          ? el('a', { class: 'primary button', href: `#/compare?ids=${ids.join(',')}` }, `Compare ${plural(ids.length, 'model')}`)
          : el('p', { class: 'hint' }, 'One more makes a comparison.'),
        el('button', { type: 'button', class: 'quiet', on: { click: () => select([]) } }, 'Clear')));
    if (refocus) tray.querySelector('button, a')?.focus();
  }

  // ------------------------------------------------------------ the list

  function drawList() {
    const benchmark = color.startsWith('benchmark:') ? data.benchmarks.indexOf(color.slice(10)) : -1;
    const share = (model) => (benchmark < 0 ? model.accuracy : model.byBenchmark[benchmark]);
    const shown = only === null ? ranked : ranked.filter((model) => encoding.keys.find((entry) => entry.key === only)?.members.has(index.get(model.id)));
    const partial = benchmark < 0 && shown.some(isPartial);
    const sorted = benchmark < 0 ? shown : [...shown].sort((a, b) => (share(b) ?? -1) - (share(a) ?? -1));
    const more = el('button', { type: 'button', on: { click: () => {
      rows += ROWS;
      drawList();
    } } }, `Show more (${fmt.count(Math.min(rows, sorted.length))} of ${fmt.count(sorted.length)})`);
    clear(list).append(
      el('h2', { id: 'models-title' }, plural(sorted.length, 'model'), el('span', { class: 'muted' }, benchmark < 0 ? ` by ${quantity.standing}` : ` by ${data.benchmarks[benchmark]}`)),
      partial ? el('p', { class: 'hint' }, `n: answered only so many of the ${fmt.count(busiest)} questions, perhaps harder or easier ones.`) : '',
      el('ol', {}, sorted.slice(0, rows).map((model) => line(model, share(model), partial && isPartial(model)))),
      ...(sorted.length > rows ? [more] : []));
  }

  /** In words what the swatch shows. */
  function groupOf(i) {
    const entry = encoding.keys[encoding.group[i]];
    return entry ? el('span', { class: 'unseen' }, `, ${entry.label}`) : null;
  }

  function line(model, share, part) {
    const i = index.get(model.id);
    return el('li', { dataset: { model: model.id } },
      el('label', { class: 'tick' }, el('input', {
        type: 'checkbox',
        value: String(model.id),
        'aria-label': `Compare ${model.name}`,
        checked: selected.has(i),
        disabled: !selected.has(i) && selected.size >= MOST,
        on: { change: () => toggle(i) },
      })),
      swatch(encoding.groups[encoding.group[i]]),
      el('button', { type: 'button', class: 'link model-name', dir: 'auto', title: model.name, 'aria-current': focus === i ? 'true' : null, on: { click: () => focusOn(i, { move: true }) } }, model.name),
      el('span', { class: 'numeric' }, part ? el('small', { class: 'muted' }, `n = ${fmt.count(model.cells)} `) : null, fmt.percent(share), groupOf(i)));
  }

  // ------------------------------------------------------------ start

  function update(params) {
    if (projectionOf(params) !== wanted) reproject(projectionOf(params));
    const asked = params.get('color') ?? usualColor();
    const valid = ['family', 'community', 'accuracy'].includes(asked) || data.benchmarks.includes(asked.replace(/^benchmark:/, ''));
    const nextColor = valid ? asked : usualColor();
    if (nextColor !== color || params.get('only') !== only) recolor(nextColor, params.get('only'));
    select(numbers(params.get('select')).map((id) => index.get(id)).filter((i) => i !== undefined).slice(0, MOST), { keep: false });
    const wantedFocus = index.get(numbers(params.get('focus'))[0]) ?? -1;
    if (wantedFocus !== focus) focusOn(wantedFocus, { keep: false, move: true });
  }

  // What the pointer brought up goes away without moving it.
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') hoverBox.hidden = true;
  }, { signal: stopping.signal });

  const unthemed = context.onTheme(() => recolor(color, only));
  chart.setPoints(data.models, labelOrder());
  describe();

  return {
    update,
    stop() {
      stopping.abort();
      asking?.abort();
      switching?.abort();
      unthemed();
      fetchHover.cancel();
      chart.dispose();
    },
  };
}
