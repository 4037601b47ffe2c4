// Curves: a thin layer over uPlot. Wheel zooms (Shift: y alone, Alt: x alone), dragging moves, Ctrl+drag draws a box, a double click shows all.
import { colour } from './colours.js';

const uPlot = window.uPlot;
/** Of a strip around zero: zero and one round number to each side, as far as they find room. */
function fewTicks(u, low, high) {
  const most = Math.max(Math.abs(low), Math.abs(high)) * 0.75, size = 10 ** Math.floor(Math.log10(most || 1)), step = Math.floor(most / size) * size;
  const room = ((step / (high - low)) * u.bbox.height) / (devicePixelRatio || 1);
  const ticks = room > 13 ? [-step, 0, step] : room > 7 ? [-step, step] : [step];
  return ticks.filter((v) => v > low && v < high);
}

/** As many decimals as tell ticks apart. */
function tickWords(splits, usual) {
  const [first, second] = splits, step = second > first ? second - first : Math.abs(first) || usual;
  const decimals = Math.max(0, Math.min(9, -Math.floor(Math.log10(step) + 1e-9)));
  return splits.map((v) => (v == null ? '' : v.toFixed(decimals)));
}

const FONT = '12px system-ui, "DejaVu Sans", sans-serif';

/** What is no number is a gap. */
function gaps(values) {
  let known = 0;
  if (values) while (known < values.length && Number.isFinite(values[known])) ++known;
  if (!values || known === values.length) return values;
  const out = new Array(values.length);
  for (let i = 0; i < out.length; ++i) out[i] = Number.isFinite(values[i]) ? values[i] : null;
  return out;
}

const circles = uPlot.paths.points();

/** Points of a curve. More of them than columns of pixels are squares, and those of a column that touch are one: the same ink, of far fewer pieces. */
function dots(u, index, first, last, chosen) {
  const { left, top, width, height } = u.bbox, x = u.data[0], y = u.data[index], { points, scale } = u.series[index];
  if (last - first < width) return circles(u, index, first, last, chosen);
  const { min, max } = u.scales.x, { min: low, max: high, distr } = u.scales[scale], perX = width / (max - min), perY = height / (high - low), rows = height + 1;
  const taken = new Uint8Array((width + 1) * rows); // column by column
  for (let i = first; i <= last; ++i) {
    if (y[i] == null) continue;
    const column = Math.round((x[i] - min) * perX), row = Math.round(distr === 3 ? u.valToPos(y[i], scale, true) - top : (high - y[i]) * perY);
    if (column >= 0 && column <= width && row >= 0 && row < rows) taken[column * rows + row] = 1;
  }
  const side = Math.round(0.88 * points.size * (devicePixelRatio || 1)), fill = new Path2D(), clip = new Path2D();
  clip.rect(left - side, top - side, width + 2 * side, height + 2 * side);
  for (let at = taken.indexOf(1), end; at >= 0; at = taken.indexOf(1, end)) {
    const column = Math.floor(at / rows), next = (column + 1) * rows;
    let free = 0;
    for (end = at + 1; end < next && free < side; ++end) free = taken[end] ? 0 : free + 1;
    fill.rect(left + column - side / 2, top + at - column * rows - side / 2, side, end - free - 1 - at + side);
  }
  return { stroke: null, fill, clip, flags: 3 };
}

function padded(u, low, high, log) {
  if (low == null || high == null) return log ? [0.1, 10] : [0, 1];
  if (log) return [Math.max(low, high * 1e-7) / 1.2, high * 1.2];
  const pad = (high - low || Math.abs(high) || 1) * 0.06;
  return [low - pad, high + pad];
}

function drawBands(u, bands) {
  for (const { low, high, fill } of bands) {
    const x = u.data[0], a = u.data[low], b = u.data[high], { ctx } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    ctx.clip();
    ctx.fillStyle = colour(fill);
    ctx.globalAlpha = 0.28;
    // One step per column of pixels: lowest and highest of what lies in it.
    const { left, top, width, height } = u.bbox, { min, max } = u.scales.x, { min: below, max: above, distr } = u.scales.y, perUnit = width / (max - min), most = width + 1;
    const perY = height / (above - below), y = (value) => (distr === 3 ? u.valToPos(value, 'y', true) : top + (above - value) * perY);
    const at = new Float64Array(most), lowest = new Float64Array(most), highest = new Float64Array(most);
    let steps = 0;
    const close = () => {
      if (steps > 0) {
        ctx.beginPath();
        for (let k = 0; k < steps; ++k) ctx.lineTo(at[k], y(highest[k]));
        for (let k = steps - 1; k >= 0; --k) ctx.lineTo(at[k], y(lowest[k]));
        ctx.closePath();
        ctx.fill();
      }
      steps = 0;
    };
    for (let i = 0; i < x.length; ++i) {
      const from = a[i], to = b[i];
      if (x[i] < min || x[i] > max) continue;
      if (from == null || to == null) {
        close();
        continue;
      }
      const here = left + Math.round((x[i] - min) * perUnit);
      if (steps > 0 && at[steps - 1] === here) {
        if (from < lowest[steps - 1]) lowest[steps - 1] = from;
        if (to > highest[steps - 1]) highest[steps - 1] = to;
      } else {
        at[steps] = here;
        lowest[steps] = from;
        highest[steps++] = to;
      }
    }
    close();
    ctx.restore();
  }
}

/**
 * A plot in `host`. `series`: [{name, colour, width, dash, points, low, high}]; low and high make a band, given with the data.
 * options: {x, y: axis labels, log, zero: line at 0, sync: key, onCursor(index | null), compact: no x labels}.
 */
export class Plot {
  constructor(host, series, options) {
    Object.assign(this, { host, series, options, data: null, zoomed: false, plot: null });
    this.log = Boolean(options.log);
    new ResizeObserver(() => this.resize()).observe(host);
  }

  /** arrays: [x, y of each series ...]; errors: {series index: sigma array}. */
  set(arrays, errors = {}) {
    const data = arrays.map(gaps), bands = [];
    for (const [index, sigma] of Object.entries(errors)) {
      const y = data[Number(index) + 1];
      if (!sigma || !y) continue;
      const low = new Float64Array(y.length).fill(NaN), high = low.slice();
      for (let i = 0; i < y.length; ++i) {
        if (y[i] == null) continue;
        low[i] = y[i] - sigma[i];
        high[i] = y[i] + sigma[i];
      }
      data.push(gaps(low), gaps(high));
      bands.push({ low: data.length - 2, high: data.length - 1, fill: this.series[index].colour });
    }
    const same = this.plot && this.plot.series.length === data.length;
    this.data = data;
    this.bands = bands;
    if (!same) return this.build();
    this.plot.setData(this.visible(), !this.zoomed);
    if (this.zoomed) this.plot.redraw();
  }

  /** A logarithm has no place for what is not above zero. */
  visible() {
    if (!this.log) return this.data;
    return this.data.map((values, i) => (i === 0 ? values : Array.from(values, (v) => (v > 0 ? v : null))));
  }

  setLog(log) {
    if (this.log === Boolean(log)) return;
    this.log = Boolean(log);
    this.zoomed = false;
    this.build();
  }

  reset() {
    this.zoomed = false;
    if (this.plot) this.plot.setData(this.visible(), true);
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (!this.plot) return this.build();
    if (width > 30 && height > 30) this.plot.setSize({ width, height });
  }

  clear() {
    if (this.plot) this.plot.destroy();
    this.plot = this.data = null;
  }

  build() {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (!this.data || width < 30 || height < 30) return;
    const kept = this.plot && this.zoomed ? { x: { ...this.plot.scales.x }, y: { ...this.plot.scales.y } } : null;
    if (this.plot) this.plot.destroy();
    const { options } = this, axis = { stroke: colour('text'), font: FONT, labelFont: FONT, grid: { stroke: colour('grid'), width: 1 }, ticks: { stroke: colour('grid') } };
    const drawn = this.data.slice(1).map((_, i) => {
      const s = this.series[i];
      if (!s) return { paths: () => null, points: { show: false } }; // an edge of a band: it takes part in the range alone
      return { label: s.name, stroke: colour(s.colour), width: s.width || 1.75, dash: s.dash, spanGaps: false,
        paths: s.points === 'only' ? () => null : undefined,
        points: { show: Boolean(s.points), paths: s.points ? dots : undefined, size: s.points === 'only' ? 4 : 5, fill: colour(s.colour), stroke: colour(s.colour) } };
    });
    this.plot = new uPlot({
      width, height, legend: { show: false }, padding: [8, 10, options.compact ? 2 : 0, 0],
      series: [{}, ...drawn],
      scales: { x: { time: Boolean(options.time) }, y: { distr: this.log ? 3 : 1, range: (u, low, high) => padded(u, low, high, this.log) } },
      axes: [{ ...axis, label: options.compact ? undefined : options.x, labelSize: 16, size: options.compact ? 0 : 30, values: options.compact ? () => [] : undefined },
        { ...axis, label: options.y, labelSize: 16, size: options.wide ? 72 : 56, space: 22, splits: options.low ? (u, i, low, high) => fewTicks(u, low, high) : undefined, values: this.log ? undefined : (u, splits, i, space, step) => tickWords(splits, step) }],
      cursor: { drag: { x: false, y: false }, sync: options.sync ? { key: options.sync, setSeries: false } : undefined, points: { size: 7 }, focus: { prox: -1 } },
      hooks: {
        drawAxes: [(u) => { if (options.zero) this.line(u, 0); drawBands(u, this.bands); }],
        setCursor: [(u) => options.onCursor && options.onCursor(u.cursor.idx ?? null)],
      },
    }, this.visible(), this.host);
    this.listen(this.plot);
    if (kept) this.range(kept.x.min, kept.x.max, kept.y.min, kept.y.max);
  }

  line(u, at) {
    const y = u.valToPos(at, 'y', true);
    if (!(y > u.bbox.top && y < u.bbox.top + u.bbox.height)) return;
    u.ctx.fillStyle = colour('zero');
    u.ctx.fillRect(u.bbox.left, Math.round(y), u.bbox.width, 1);
  }

  range(x0, x1, y0, y1) {
    this.zoomed = true;
    this.plot.batch(() => {
      this.plot.setScale('x', { min: x0, max: x1 });
      this.forced = [y0, y1];
      this.plot.setScale('y', { min: y0, max: y1 });
    });
  }

  listen(u) {
    const over = u.over;
    const here = (event) => {
      const box = over.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height];
    };
    const mix = (min, max, part) => (this.log ? min * (max / min) ** part : min + (max - min) * part);
    const plain = (min, max, part) => min + (max - min) * part;
    const view = () => [u.scales.x.min, u.scales.x.max, u.scales.y.min, u.scales.y.max];
    over.addEventListener('wheel', (event) => {
      event.preventDefault();
      const [px, py] = here(event), [x0, x1, y0, y1] = view(), f = event.deltaY < 0 ? 0.8 : 1.25;
      const inX = !event.shiftKey, inY = !event.altKey;
      this.range(inX ? plain(x0, x1, px - px * f) : x0, inX ? plain(x0, x1, px + (1 - px) * f) : x1, inY ? mix(y0, y1, py - py * f) : y0, inY ? mix(y0, y1, py + (1 - py) * f) : y1);
    }, { passive: false });
    over.addEventListener('mousedown', (event) => {
      if (event.button !== 0) return;
      const start = here(event), from = view(), box = event.ctrlKey;
      const move = (e) => {
        const [px, py] = here(e), dx = start[0] - px, dy = start[1] - py;
        if (box) {
          const w = over.clientWidth, h = over.clientHeight;
          u.setSelect({ left: Math.min(px, start[0]) * w, top: (1 - Math.max(py, start[1])) * h, width: Math.abs(dx) * w, height: Math.abs(dy) * h }, false);
        } else {
          this.range(plain(from[0], from[1], dx), plain(from[0], from[1], 1 + dx), mix(from[2], from[3], dy), mix(from[2], from[3], 1 + dy));
        }
      };
      const up = (e) => {
        removeEventListener('mousemove', move);
        removeEventListener('mouseup', up);
        const [px, py] = here(e);
        if (!box || Math.abs(px - start[0]) < 0.01 || Math.abs(py - start[1]) < 0.01) return;
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        this.range(plain(from[0], from[1], Math.min(px, start[0])), plain(from[0], from[1], Math.max(px, start[0])), mix(from[2], from[3], Math.min(py, start[1])), mix(from[2], from[3], Math.max(py, start[1])));
      };
      addEventListener('mousemove', move);
      addEventListener('mouseup', up);
    });
    over.addEventListener('dblclick', () => this.reset());
  }
}

/** Lines of a legend: colour and dash as drawn, and the name. */
export function legend(host, series) {
  const key = series.map((s) => [s.name, s.colour, s.points, s.dash].join()).join(';');
  if (host.dataset.shown === key && host.firstChild) return; // as it stands
  host.dataset.shown = key;
  host.replaceChildren(...series.map((s) => {
    const line = document.createElement('span'), mark = document.createElement('i');
    mark.style.borderColor = `var(--${s.colour})`;
    mark.style.borderTopStyle = s.points === 'only' ? 'dotted' : s.dash ? 'dashed' : 'solid';
    line.append(mark, s.name);
    return line;
  }));
}
