// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The page of `archlab attention`. Texts enter as text nodes only.
'use strict';
(() => {
const data = JSON.parse(document.getElementById('data').textContent);
const page = document.getElementById('page');
const ROW = 24;       // pixels of a token's line
const FAINT = 0.012;  // weights below it have no line
const SHADES = 40;    // opacities of lines
const state = {view: 0, tab: 'heads', layer: 0, off: new Set(), token: null, query: null};
const tabs = {heads: 'Heads', model: 'Model', token: 'Token', scores: 'Scores'};
const viewNames = {all: 'All', encoder: 'Encoder', decoder: 'Decoder', cross: 'Cross'};

// An element with attributes (functions become listeners) and children.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const hue = (head, heads) => heads <= 10
  ? ['#3b6fd4', '#d9822b', '#3f9a57', '#c5483f', '#8460bd', '#8c6b4f', '#cf6aa5', '#5f7885', '#a09a1f', '#2ba3ad'][head]
  : `hsl(${Math.round(head * 360 / heads)} 58% 50%)`;
function rgb(color) {
  const paint = document.createElement('canvas').getContext('2d');
  paint.fillStyle = color;
  paint.fillRect(0, 0, 1, 1);
  return paint.getImageData(0, 0, 1, 1).data;
}

for (const view of data.views)
  for (const layer of view.layers) {
    const text = atob(layer.bytes);
    layer.codes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; ++i) layer.codes[i] = text.charCodeAt(i);
    delete layer.bytes;
  }
const view = () => data.views[state.view];
const layerAt = () => view().layers[state.layer];
const rows = () => view().left.length;
const columns = () => view().right.length;
function weight(layer, head, i, j) {
  const code = layer.codes[(head * rows() + i) * columns() + j];
  return layer.signed ? (code - 128) / 127 * layer.largest[head] : code / 255 * layer.largest[head];
}
const shown = w => (w < 0 ? '\u2212' : '') + Math.abs(w).toFixed(3);
const active = layer => [...Array(layer.heads).keys()].filter(h => !state.off.has(h));

// Buttons of which one is chosen; arrow keys move.
function choice(label, names, chosen, pick) {
  const group = make('div', {class: 'group', role: 'tablist', 'aria-label': label});
  for (const [key, text] of names) {
    const on = key === chosen;
    group.append(make('button', {
      role: 'tab', 'aria-selected': String(on), tabindex: on ? 0 : -1, 'data-key': String(key),
      click: () => pick(key),
      keydown: event => {
        const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
        if (!step) return;
        const at = names.findIndex(each => each[0] === key);
        const next = names[(at + step + names.length) % names.length][0];
        pick(next);
        page.querySelector(`[aria-label="${label}"] [data-key="${next}"]`).focus();
        event.preventDefault();
      }}, text));
  }
  return group;
}

function layerPicker() {
  const layers = view().layers;
  const go = index => { state.layer = index; render(); };
  const select = make('select', {change: event => { go(Number(event.target.value)); page.querySelector('.pick select').focus(); }});
  layers.forEach((layer, index) => select.append(make('option', {value: index}, `${index}   ${layer.path}`)));
  select.value = state.layer;
  const step = (by, text, label) => make('button', {class: 'plain', 'aria-label': label, 'data-step': by, click: () => {
    go(state.layer + by);
    page.querySelector(`[data-step="${by}"]`).focus();
  }, ...(layers[state.layer + by] ? {} : {disabled: ''})}, text);
  return make('label', {class: 'pick'}, 'Layer ', select, step(-1, '\u2039', 'Previous layer'), step(1, '\u203a', 'Next layer'));
}

function headSquares(changed) {
  const layer = layerAt();
  const group = make('div', {class: 'squares', role: 'group', 'aria-label': 'Heads'});
  const update = () => {
    group.querySelectorAll('.head').forEach((each, h) => each.setAttribute('aria-pressed', String(!state.off.has(h))));
    changed();
  };
  for (let h = 0; h < layer.heads; ++h)
    group.append(make('button', {
      class: 'head', style: `--hue: ${hue(h, layer.heads)}`, 'aria-pressed': String(!state.off.has(h)),
      title: `Head ${h}: click to show or hide, double-click for it alone`, 'aria-label': `Head ${h}`,
      click: () => { if (!state.off.delete(h)) state.off.add(h); update(); },
      dblclick: () => { state.off = new Set([...Array(layer.heads).keys()].filter(each => each !== h)); update(); }}, String(h)));
  group.append(make('button', {class: 'plain', click: () => {
    state.off = state.off.size ? new Set() : new Set(Array(layer.heads).keys());
    update();
  }}, 'All / none'));
  return group;
}

// ---- heads: tokens left and right, a line a weight
function headView() {
  const layer = layerAt();
  const canvas = make('canvas', {'aria-hidden': 'true'});
  const readout = make('p', {class: 'readout', 'aria-live': 'polite'});
  const sides = {left: [], right: []};
  let pinned = null;  // the token that stays shown, on a screen without a pointer too
  function focus(side, index) {
    state.token = side === null ? pinned : {side, index};
    draw();
  }
  function column(side, texts, caption) {
    const box = make('div', {class: `column ${side}`}, make('div', {class: 'caption'}, caption));
    texts.forEach((text, index) => {
      const token = make('button', {class: 'token', title: `${index}: ${text}`, tabindex: index ? -1 : 0,
        mouseenter: () => focus(side, index), mouseleave: () => focus(null), focus: () => focus(side, index), blur: () => focus(null),
        keydown: event => {
          const next = {ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: texts.length - 1}[event.key];
          const to = event.key === 'ArrowRight' ? sides.right[Math.min(index, columns() - 1)]
            : event.key === 'ArrowLeft' ? sides.left[Math.min(index, rows() - 1)] : sides[side][next];
          if (!to) return;
          to.focus();
          event.preventDefault();
        },
        click: () => {
          pinned = pinned && pinned.side === side && pinned.index === index ? null : {side, index};
          focus(pinned ? side : null, index);
        },
        dblclick: () => { if (side === 'left') { state.query = index; state.tab = 'token'; render(); page.querySelector('.strip [aria-pressed="true"]').focus(); } }}, text);
      sides[side].push(token);
      box.append(token);
    });
    return box;
  }
  function draw() {
    const width = canvas.clientWidth, height = Math.max(rows(), columns()) * ROW;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.height = height + 'px';
    const paint = canvas.getContext('2d');
    paint.scale(ratio, ratio);
    const heads = active(layer), at = state.token;
    const total = {left: new Float64Array(rows()), right: new Float64Array(columns())};
    for (const [place, h] of heads.entries()) {
      // Lines of several heads lie beside each other.
      const lift = (place - (heads.length - 1) / 2) * Math.min(2, 14 / heads.length) + ROW / 2;
      const shades = lines(h, at, lift, width, total);
      paint.strokeStyle = hue(h, layer.heads);
      paint.lineWidth = at ? 2.2 : 1.4;
      for (const [shade, path] of shades) {
        paint.globalAlpha = Math.abs(shade) / SHADES * (at || rows() < 24 ? 1 : 0.75);
        paint.setLineDash(shade < 0 ? [5, 4] : []);
        paint.stroke(path);
      }
    }
    tint(at, heads, total);
    tell(at, heads);
  }
  // The lines of a head by their opacity: one path for all of a shade is much
  // quicker than a path each. Adds the weights up by token.
  function lines(h, at, lift, width, total) {
    const shades = new Map(), straight = rows() * columns() > 4000 && !at;
    const [i0, i1] = at && at.side === 'left' ? [at.index, at.index + 1] : [0, rows()];
    const [j0, j1] = at && at.side === 'right' ? [at.index, at.index + 1] : [0, columns()];
    for (let i = i0; i < i1; ++i)
      for (let j = j0; j < j1; ++j) {
        const w = weight(layer, h, i, j), size = Math.min(1, Math.abs(w));
        total.left[i] += size;
        total.right[j] += size;
        if (size < (straight ? 2 * FAINT : FAINT)) continue;
        const shade = Math.max(1, Math.round(size * SHADES)) * (w < 0 ? -1 : 1);
        if (!shades.has(shade)) shades.set(shade, new Path2D());
        const path = shades.get(shade), from = i * ROW + lift, to = j * ROW + lift;
        path.moveTo(0, from);
        if (straight) path.lineTo(width, to);
        else path.bezierCurveTo(width * 0.3, from, width * 0.7, to, width, to);
      }
    return shades;
  }
  function tint(at, heads, total) {
    for (const side of ['left', 'right'])
      sides[side].forEach((token, index) => {
        token.classList.toggle('on', !!at && at.side === side && at.index === index);
        const share = at && at.side !== side && heads.length ? total[side][index] / heads.length : 0;
        token.style.background = share > 0.004 ? `color-mix(in srgb, var(--accent) ${Math.round(Math.min(1, share) * 60)}%, transparent)` : '';
      });
  }
  function tell(at, heads) {
    if (!at) { readout.textContent = 'Point at a token for its lines alone, click it to keep them; double-click one on the left for its weights in every head.'; return; }
    const found = [];
    const count = at.side === 'left' ? columns() : rows();
    for (const h of heads)
      for (let k = 0; k < count; ++k)
        found.push([at.side === 'left' ? weight(layer, h, at.index, k) : weight(layer, h, k, at.index), h, k]);
    found.sort((a, b) => Math.abs(b[0]) - Math.abs(a[0]));
    const other = at.side === 'left' ? view().right : view().left;
    readout.textContent = (at.side === 'left' ? 'looks at ' : 'is seen by ') +
      (found.filter(each => each[0] !== 0).slice(0, 5).map(([w, h, k]) => `${other[k]} (${k}) ${shown(w)} in head ${h}`).join(', ') || 'nothing');
  }
  const body = make('div', {class: 'heads'}, column('left', view().left, 'query'),
    make('div', {class: 'drawing'}, canvas), column('right', view().right, 'key'));
  afterwards = draw;
  return [make('div', {class: 'bar'}, layerPicker(), headSquares(draw)), make('div', {class: 'panel'}, body, readout)];
}

// ---- heatmaps
function colors() {
  return {plus: rgb(css('--accent')), minus: rgb(css('--minus')), ground: rgb(css('--panel'))};
}
// One pixel a weight; dark enough to be seen where rows are spread thin.
function heatmap(layer, head, palette) {
  const canvas = make('canvas', {class: 'map', width: columns(), height: rows()});
  const paint = canvas.getContext('2d');
  const image = paint.createImageData(columns(), rows());
  for (let i = 0, at = 0; i < rows(); ++i)
    for (let j = 0; j < columns(); ++j, at += 4) put(image.data, at, weight(layer, head, i, j), palette);
  paint.putImageData(image, 0, 0);
  return canvas;
}
function put(pixels, at, w, palette) {
  const ink = w < 0 ? palette.minus : palette.plus, share = Math.sqrt(Math.min(1, Math.abs(w)));
  for (let c = 0; c < 3; ++c) pixels[at + c] = palette.ground[c] + (ink[c] - palette.ground[c]) * share;
  pixels[at + 3] = 255;
}

function modelView() {
  const most = Math.max(...view().layers.map(layer => layer.heads));
  const size = Math.max(44, Math.min(180, Math.floor((page.clientWidth - 160) / most) - 8));
  const grid = make('div', {class: 'grid', style: `grid-template-columns: max-content repeat(${most}, ${size + 2}px)`});
  grid.append(make('span'));
  for (let h = 0; h < most; ++h) grid.append(make('span', {class: 'label'}, `head ${h}`.slice(size < 60 ? 5 : 0)));
  const palette = colors();
  view().layers.forEach((layer, index) => {
    grid.append(make('span', {class: 'label row', title: layer.path}, `layer ${index}`));
    for (let h = 0; h < most; ++h) {
      if (h >= layer.heads) { grid.append(make('span')); continue; }
      const map = heatmap(layer, h, palette);
      map.style.width = size + 'px';
      map.style.height = Math.max(8, Math.min(size * 2, Math.round(size * rows() / columns()))) + 'px';
      grid.append(make('button', {'aria-label': `Layer ${index}, head ${h}: enlarge`, click: () => enlarge(index, h)}, map));
    }
  });
  return [make('p', {class: 'note'}, 'Rows of a map are queries, columns keys. Click one to see it large.'),
    make('div', {class: 'panel'}, make('div', {class: 'scroll'}, grid))];
}

function enlarge(index, head) {
  const layer = view().layers[index];
  const map = heatmap(layer, head, colors());
  const cell = Math.max(3, Math.min(26, Math.floor(Math.min(820, window.innerWidth * 0.96 - 60) / columns())));
  map.style.width = columns() * cell + 'px';
  map.style.height = rows() * cell + 'px';
  const rest = 'Point at the map for a weight.';
  const readout = make('p', {class: 'readout'}, rest);
  map.addEventListener('mousemove', event => {
    const box = map.getBoundingClientRect();
    const j = Math.floor((event.clientX - box.left) / box.width * columns()), i = Math.floor((event.clientY - box.top) / box.height * rows());
    if (i < 0 || j < 0 || i >= rows() || j >= columns()) return;
    readout.textContent = `${view().left[i]} (${i}) \u2192 ${view().right[j]} (${j}): ${shown(weight(layer, head, i, j))}`;
  });
  map.addEventListener('mouseleave', () => { readout.textContent = rest; });
  const dialog = make('dialog', {'aria-label': `Layer ${index}, head ${head}`, close: () => dialog.remove(),
    click: event => { if (event.target === dialog) dialog.close(); }});
  dialog.append(make('header', {}, make('h2', {}, `Layer ${index}, head ${head}`),
    make('span', {}, make('button', {class: 'plain', click: () => { dialog.close(); showHead(index, head); }}, 'As lines'), ' ',
      make('button', {class: 'plain', click: () => dialog.close(), 'aria-label': 'Close'}, '\u00d7'))),
    make('div', {class: 'scroll'}, map), readout);
  document.body.append(dialog);
  dialog.showModal();
}
function showHead(index, head) {
  state.layer = index;
  state.off = new Set([...Array(view().layers[index].heads).keys()].filter(each => each !== head));
  state.tab = 'heads';
  render();
}

// ---- one query: its weights over the keys, a line a head
function tokenView() {
  if (state.query === null || state.query >= rows()) state.query = rows() - 1;
  const strip = make('div', {class: 'strip', role: 'group', 'aria-label': 'Query'});
  const go = index => { state.query = index; render(); page.querySelector('.strip [aria-pressed="true"]').focus(); };
  view().left.forEach((text, index) => strip.append(make('button', {
    'aria-pressed': String(index === state.query), tabindex: index === state.query ? 0 : -1, title: `token ${index}`, click: () => go(index),
    keydown: event => {
      const next = {ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: rows() - 1}[event.key];
      if (next === undefined || next < 0 || next >= rows()) return;
      go(next);
      event.preventDefault();
    }}, text)));
  const mean = new Float64Array(columns());
  let heads = 0;
  for (const layer of view().layers)
    for (let h = 0; h < layer.heads; ++h, ++heads)
      for (let j = 0; j < columns(); ++j) mean[j] += Math.abs(weight(layer, h, state.query, j));
  const keys = make('div', {class: 'strip'});
  view().right.forEach((text, j) => keys.append(make('span', {
    class: 'token', title: `key ${j}: mean weight ${shown(mean[j] / heads)}`,
    style: `width: auto; padding: 0 4px; background: color-mix(in srgb, var(--accent) ${Math.round(Math.sqrt(Math.min(1, mean[j] / heads)) * 70)}%, transparent)`}, text)));
  return [make('p', {class: 'small'}, 'Query'), strip, make('p', {class: 'small'}, 'Keys, by the mean weight of all heads'), keys,
    make('div', {class: 'panel'}, ...queryMap(heads))];
}
function queryMap(heads) {
  const room = Math.min(page.clientWidth, 1130) - 130;
  const cell = Math.max(6, Math.min(40, Math.floor(room / columns()))), line = heads > 40 ? 12 : 20, side = 64;
  const texts = cell >= 12, top = texts ? 74 : 6;
  const width = side + columns() * cell + 4, height = top + heads * line + 2, ratio = window.devicePixelRatio || 1;
  const canvas = make('canvas', {width: width * ratio, height: height * ratio, style: `width: ${width}px; height: ${height}px; display: block`});
  const paint = canvas.getContext('2d');
  paint.scale(ratio, ratio);
  paint.fillStyle = css('--quiet');
  paint.textBaseline = 'middle';
  paint.font = `12px ${css('--mono')}`;
  if (texts) view().right.forEach((text, j) => {
    paint.save();
    paint.translate(side + (j + 0.5) * cell, top - 6);
    paint.rotate(-Math.PI / 2);
    const points = Array.from(text);
    paint.fillText(points.length > 9 ? points.slice(0, 8).join('') + '\u2026' : text, 0, 0);
    paint.restore();
  });
  const lines = [], palette = colors(), ink = p => `rgb(${p[0]} ${p[1]} ${p[2]})`;
  view().layers.forEach((layer, index) => { for (let h = 0; h < layer.heads; ++h) lines.push([layer, index, h]); });
  lines.forEach(([layer, index, h], at) => {
    paint.globalAlpha = 1;
    paint.fillStyle = css('--quiet');
    paint.font = `${line > 14 ? 12 : 10}px ${css('--mono')}`;
    paint.fillText(`L${index} H${h}`, 4, top + (at + 0.5) * line);
    for (let j = 0; j < columns(); ++j) {
      const w = weight(layer, h, state.query, j);
      paint.globalAlpha = Math.sqrt(Math.min(1, Math.abs(w)));
      paint.fillStyle = ink(w < 0 ? palette.minus : palette.plus);
      paint.fillRect(side + j * cell, top + at * line, cell - 1, line - 1);
    }
  });
  const rest = 'Point at a cell for its weight.';
  const readout = make('p', {class: 'readout'}, rest);
  canvas.addEventListener('mousemove', event => {
    const box = canvas.getBoundingClientRect();
    const j = Math.floor((event.clientX - box.left - side) / cell), at = Math.floor((event.clientY - box.top - top) / line);
    if (j < 0 || j >= columns() || !lines[at]) { readout.textContent = rest; return; }
    const [layer, index, h] = lines[at];
    readout.textContent = `layer ${index}, head ${h}: ${view().left[state.query]} (${state.query}) \u2192 ${view().right[j]} (${j}): ${shown(weight(layer, h, state.query, j))}`;
  });
  return [make('div', {class: 'scroll'}, canvas), readout];
}

// ---- scores
let order = {column: 'induction', up: false};
function scoresView() {
  const names = [['head', 'Head'], ['previous_token', 'Previous token'], ['duplicate_token', 'Duplicate token'], ['induction', 'Induction']];
  const value = (each, column) => column === 'head' ? each.layer * 1e4 + each.head : each[column];
  const sorted = [...data.scores.heads].sort((a, b) => (value(a, order.column) - value(b, order.column)) * (order.up ? 1 : -1));
  const head = make('tr');
  for (const [column, text] of names)
    head.append(make('th', {'aria-sort': order.column === column ? (order.up ? 'ascending' : 'descending') : null},
      make('button', {'data-column': column, click: () => {
        order = {column, up: order.column === column ? !order.up : column === 'head'};
        render();
        page.querySelector(`[data-column="${column}"]`).focus();
      }}, text + (order.column === column ? (order.up ? ' \u25b4' : ' \u25be') : ''))));
  const body = make('tbody');
  for (const each of sorted) {
    const row = make('tr', {}, make('td', {}, make('button', {title: each.path, click: () => {
      state.view = data.views.findIndex(known => known.layers.some(layer => layer.path === each.path));
      showHead(each.layer, each.head);
    }}, `layer ${each.layer}, head ${each.head}`)));
    for (const [column] of names.slice(1)) {
      const bar = make('span', {class: 'share', style: `width: ${Math.max(0, Math.min(1, each[column])) * 80}px`});
      row.append(make('td', {}, bar, each[column].toFixed(3)));
    }
    body.append(row);
  }
  return [make('p', {class: 'note'}, `On ${data.scores.tokens / 2} random tokens, given twice: the mean weight on the token before; on earlier ` +
    'equal tokens; and on the tokens that followed them, as an induction head gives (Olsson et al., arXiv:2209.11895).'),
    make('div', {class: 'panel scroll'}, make('table', {}, make('thead', {}, head), body))];
}

// ---- all
let afterwards = null;  // what needs the layout
function render() {
  afterwards = null;
  state.layer = Math.min(state.layer, view().layers.length - 1);
  const shownTabs = Object.entries(tabs).filter(([key]) => key !== 'scores' || data.scores.heads.length);
  const bar = make('div', {class: 'bar'});
  if (data.views.length > 1)
    bar.append(choice('Attention', data.views.map((each, index) => [index, viewNames[each.name]]), state.view,
      index => { state.view = index; state.query = null; state.off = new Set(); render(); }));
  bar.append(choice('View', shownTabs, state.tab, tab => { state.tab = tab; render(); }));
  const content = {heads: headView, model: modelView, token: tokenView, scores: scoresView}[state.tab]();
  const about = make('p', {class: 'about'}, `${data.run}, step ${data.step}. ${rows()} tokens` +
    (view().name === 'cross' ? ` look at ${columns()}` : '') + `, ${view().layers.length} layers.`);
  const without = data.without.length ? [make('p', {class: 'note'}, `No pairwise weights: ${data.without.join(', ')}.`)] : [];
  page.replaceChildren(make('h1', {}, 'Attention'), about, ...without, bar, ...content);
  if (afterwards) afterwards();
}
let width = window.innerWidth;
window.addEventListener('resize', () => { if (window.innerWidth !== width) { width = window.innerWidth; render(); } });
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => render());
const asked = new URLSearchParams(location.hash.slice(1));
if (tabs[asked.get('tab')]) state.tab = asked.get('tab');
const askedView = data.views.findIndex(each => each.name === asked.get('view'));
if (askedView >= 0) state.view = askedView;
if (state.tab === 'scores' && !data.scores.heads.length) state.tab = 'heads';
render();
})();
