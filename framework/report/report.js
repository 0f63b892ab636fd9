// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Draws the curves of a report; all else on the page is there without it. Text
// of the data is set as textContent only, and dygraphs gets no text at all.
'use strict';

(function() {
const data = JSON.parse(document.getElementById('data').textContent);
const kAxes = {
  steps: 'steps',
  tokens: 'tokens',
  flops: 'FLOPs',
  seconds: 'training time',
};
const kNames = {
  loss: 'training loss',
  validation_loss: 'validation loss',
  bits_per_byte: 'bits per byte',
  grad_norm: 'gradient norm',
  tokens_per_second: 'tokens per second',
  lr: 'learning rate',
};
const kDashes = [null, [7, 3], [2, 3], [9, 3, 2, 3]];

// As FormatNumber of the page's tables.
function format(value) {
  if (value === null || !isFinite(value)) return '-';
  const prefixes = ['', ' k', ' M', ' G', ' T', ' P', ' E'];
  let prefix = 0;
  while (Math.abs(value) >= 999.95 && prefix + 1 < prefixes.length) {
    value /= 1000;
    ++prefix;
  }
  return (String(+value.toPrecision(4)) + prefixes[prefix]).replace('-', '\u2212');
}

function formatSeconds(value) {
  const pad = (n) => String(n).padStart(2, '0');
  const whole = Math.round(value);
  if (value < 10) return format(value) + ' s';
  if (whole < 60) return whole + ' s';
  if (whole < 3600) return Math.floor(whole / 60) + ' min ' + pad(whole % 60) + ' s';
  return Math.floor(whole / 3600) + ' h ' + pad(Math.floor(whole % 3600 / 60)) + ' min';
}

function element(name, parent, attributes) {
  const svg = name === 'svg' || name === 'line';
  const made = svg ? document.createElementNS('http://www.w3.org/2000/svg', name) :
                     document.createElement(name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  parent.appendChild(made);
  return made;
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// The baseline is grey, the others take turns; a second turn is dashed.
function styleOf(arm, more) {
  return {
    variable: arm === 0 ? '--c0' : '--c' + ((arm - 1) % 7 + 1),
    dash: more || kDashes[arm === 0 ? 0 : Math.floor((arm - 1) / 7) % kDashes.length],
    width: arm === 0 ? 2.4 : 1.8,
  };
}

// The last value of a line up to x: arms have not logged at the same places.
function valueAt(line, x) {
  let low = 0, high = line.x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (line.x[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low > 0 ? line.y[low - 1] : null;
}

// A chart in its section. It shows `lines`: {name, style, shown, x, y, low,
// high}, or, where `low` is empty, without a band.
class Chart {
  constructor(section) {
    this.section = section;
    this.legend = section.querySelector('.legend');
    this.graph = null;
    section.hidden = false;
    section.addEventListener('change', () => this.draw());
  }

  control(name) { return this.section.querySelector('[name=' + name + ']'); }

  // A row for every x of any line; null where a line has no value there.
  rows(lines, log) {
    const rows = new Map();
    const positive = (v) => !log || v > 0;
    lines.forEach((line, at) => line.x.forEach((x, i) => {
      if (!rows.has(x)) rows.set(x, Array(lines.length).fill(null));
      const y = line.y[i];
      const band = line.low.length ? [line.low[i], y, line.high[i]] : [y, y, y];
      if (band.every(positive)) rows.get(x)[at] = band;
    }));
    return [...rows].sort((a, b) => a[0] - b[0]).map(([x, ys]) => [x, ...ys]);
  }

  options(lines, log, formatX) {
    const touch = matchMedia('(pointer: coarse)').matches;
    const series = {};
    lines.forEach((line, at) => {
      series['line' + at] = {
        color: colour(line.style.variable),
        strokePattern: line.style.dash,
        strokeWidth: line.style.width,
      };
    });
    return {
      labels: ['x', ...lines.map((line, at) => 'line' + at)],
      series, customBars: true, connectSeparatedPoints: true, fillAlpha: 0.14,
      legend: 'never', logscale: log, animatedZooms: false,
      visibility: lines.map((line) => line.shown),
      gridLineColor: colour('--line'), axisLineColor: colour('--line'),
      highlightCircleSize: 3.5,
      // A finger scrolls the page.
      interactionModel: touch ? {} : Dygraph.defaultInteractionModel,
      axes: {
        x: {axisLabelFormatter: formatX, axisLabelWidth: 76, pixelsPerLabel: 80, drawGrid: false},
        y: {axisLabelFormatter: format, axisLabelWidth: 54},
      },
      highlightCallback: (event, x) => this.show(lines, x, formatX(x)),
      unhighlightCallback: () => this.show(lines, Infinity, ''),
    };
  }

  // Values at the pointer, else the last ones.
  show(lines, x, at) {
    this.legend.querySelectorAll('.value').forEach((value, i) => {
      value.textContent = format(valueAt(lines[i], x));
    });
    this.section.querySelector('.axis').textContent = at ? this.axis + ': ' + at : this.axis;
  }

  entries(lines) {
    this.legend.textContent = '';
    lines.forEach((line, at) => {
      const label = element('label', element('li', this.legend, {}), {});
      const box = element('input', label, {type: 'checkbox'});
      box.checked = line.shown;
      const svg = element('svg', label, {'aria-hidden': 'true'});
      const stroke = element('line', svg, {x1: 0, x2: '100%', y1: '50%', y2: '50%', 'stroke-width': line.style.width + .4});
      stroke.style.stroke = 'var(' + line.style.variable + ')';
      if (line.style.dash) stroke.setAttribute('stroke-dasharray', line.style.dash.join(' '));
      element('span', label, {}).textContent = line.name;
      element('span', label, {class: 'value'});
      const paint = () => label.classList.toggle('off', !line.shown);
      box.addEventListener('change', (event) => {
        event.stopPropagation();
        line.shown = box.checked;
        this.remember(line);
        if (this.graph) this.graph.setVisibility(at, line.shown);
        paint();
      });
      paint();
    });
  }

  remember() {}

  plot(lines, axis, formatX) {
    const log = this.control('log').checked;
    this.axis = axis;
    this.entries(lines);
    if (this.graph) this.graph.destroy();
    this.graph = null;
    const rows = this.rows(lines, log);
    const frame = this.section.querySelector('.chart');
    frame.textContent = rows.length ? '' : log ? 'No value is above zero.' : 'Nothing was logged.';
    if (rows.length) this.graph = new Dygraph(frame, rows, this.options(lines, log, formatX));
    this.show(lines, Infinity, '');
  }
}

// Series over steps, tokens, FLOPs or seconds.
class Training extends Chart {
  constructor(section) {
    super(section);
    this.shown = data.arms.map((arm) => !arm.apart);
    for (const name of data.names)
      element('option', this.control('y'), {value: name}).textContent = kNames[name] || name;
    for (const axis in kAxes)
      if (axis === 'steps' || data.arms.some((arm) => arm.per_step[axis] > 0))
        element('option', this.control('x'), {value: axis}).textContent = kAxes[axis];
  }

  remember(line) { this.shown[line.arm] = line.shown; }

  draw() {
    const name = this.control('y').value, axis = this.control('x').value;
    const lines = [];
    data.arms.forEach((arm, at) => {
      const found = arm.series[name];
      const factor = axis === 'steps' ? 1 : arm.per_step[axis];
      if (!found || !(factor > 0)) return;
      lines.push({
        name: arm.name + (arm.apart ? ' (not comparable)' : ''),
        arm: at, style: styleOf(at), shown: this.shown[at],
        x: found.x.map((step) => step * factor), y: found.y, low: found.low, high: found.high,
      });
    });
    this.plot(lines, kAxes[axis], axis === 'seconds' ? formatSeconds : format);
  }
}

class Positions extends Chart {
  constructor(section) {
    super(section);
    this.lines = [];
    data.arms.forEach((arm, at) => arm.positions.forEach((curve) => {
      const beyond = curve.trained ? '' : ', extrapolated';
      this.lines.push({
        name: arm.name + ', ' + curve.tokens + ' tokens' + beyond + (arm.apart ? ' (not comparable)' : ''),
        style: styleOf(at, curve.trained ? null : [4, 3]), shown: !arm.apart,
        x: curve.x, y: curve.y, low: [], high: [],
      });
    }));
  }

  draw() { this.plot(this.lines, 'position in the context', format); }
}

const charts = [];
if (data.names.length) charts.push(new Training(document.getElementById('training')));
if (data.arms.some((arm) => arm.positions.length))
  charts.push(new Positions(document.getElementById('positions')));
const draw = () => charts.forEach((chart) => chart.draw());
draw();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);

// Paper is white and cannot be unfolded.
let unfolded = [];
addEventListener('beforeprint', () => {
  document.documentElement.classList.add('print');
  unfolded = [...document.querySelectorAll('.card:not([open])')];
  unfolded.forEach((card) => { card.open = true; });
  draw();
});
addEventListener('afterprint', () => {
  document.documentElement.classList.remove('print');
  unfolded.forEach((card) => { card.open = false; });
  draw();
});
})();
