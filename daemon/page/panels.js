// The six panels: what they draw of the messages that are shown.
import { HeatMap, robustLimits } from './heatmap.js';
import { Plot, legend } from './plot.js';
import { view, setView } from './view.js';
import { UNIT_WORDS, dayAndClock, plusMinus, pair, short } from './words.js';

const element = (tag, properties = {}, ...children) => {
  const out = Object.assign(document.createElement(tag), properties);
  out.append(...children);
  return out;
};

/** The frame of a panel: title, what it shows, tools, and a place for "nothing yet". */
class Panel {
  constructor(name, title, number) {
    this.name = name;
    this.root = document.getElementById('panel-' + name);
    this.of = element('span', { className: 'of' });
    this.tools = element('span');
    const large = element('button', { title: `alone (${number})`, textContent: '□' });
    large.setAttribute('aria-label', `${title} alone`);
    large.onclick = () => setView({ only: view.only === name ? '' : name });
    const heading = element('h2', { id: 'title-' + name, textContent: title });
    this.readout = element('p', { className: 'readout muted' });
    this.root.append(element('header', {}, heading, this.of, this.tools, large));
  }

  plotHost(className = 'plot') {
    const host = element('div', { className });
    this.root.append(host);
    return host;
  }

  addEmpty(host, text) {
    this.empty = element('p', { className: 'empty', textContent: text });
    host.append(this.empty);
  }

  /** "vit4, final 12"; told apart where it is not the scan that runs. */
  tell(message, running) {
    const { scan, state, result, frames, time } = message.header;
    const old = Boolean(message.before) || Boolean(running && running.uid !== scan.uid);
    const id = scan.id || scan.uid.slice(0, 8);
    this.of.textContent = message.before ? `last final, ${id}, ${dayAndClock(time.published)}` : `${old ? `before: ${id}, ` : ''}${state} ${result}, ${frames.used} frames`;
    this.of.classList.toggle('old', old);
    this.of.title = `${id}: ${this.of.textContent}`;
  }

  choice(label, key, options) {
    const select = element('select');
    select.setAttribute('aria-label', label);
    select.append(...options.map(([value, text]) => element('option', { value, textContent: text })));
    select.value = view[key];
    select.onchange = () => setView({ [key]: select.value });
    this.tools.append(select);
    return select;
  }
}

/** b on a's axis: itself where they are the same, else linear in between; NaN beyond it. */
function onAxis(x, fromX, fromY) {
  if (!fromX || !fromY) return null;
  const out = new Float64Array(x.length);
  for (let i = 0, j = 0; i < x.length; ++i) {
    const at = x[i];
    if (fromX[i] === at) {
      out[i] = fromY[i];
      continue;
    }
    while (j + 2 < fromX.length && fromX[j + 1] < at) ++j;
    const part = (at - fromX[j]) / (fromX[j + 1] - fromX[j]);
    out[i] = part >= 0 && part <= 1 ? fromY[j] + (fromY[j + 1] - fromY[j]) * part : NaN;
  }
  return out;
}

/** of(a, b), number by number; NaN where there is no b. */
function both(a, b, of) {
  const out = new Float64Array(a.length).fill(NaN);
  if (b) for (let i = 0; i < a.length; ++i) out[i] = of(a[i], b[i]);
  return out;
}
const minus = (a, b) => both(a, b, (p, q) => p - q);
const squareSum = (a, b) => both(a, b, (p, q) => Math.sqrt(p * p + q * q));

/** Curves with a pinned reference and, where there is one, the difference beneath. */
class CurvePanel extends Panel {
  constructor(name, title, number, emptyText) {
    super(name, title, number);
    this.lines = element('div', { className: 'legend' });
    this.root.append(element('div', { className: 'line' }, this.lines, this.readout));
    this.host = this.plotHost();
    this.strip = this.plotHost('plot strip');
    this.strip.hidden = true;
    this.addEmpty(this.host, emptyText);
    this.kind = null;
  }

  /** what: {kind, x, y, sigma, xLabel, yLabel, extra: [{name, colour, y, dash, width, sigma}], log, zero}; reference: {x, y, sigma} or null. */
  show(what, reference) {
    const { x, y, sigma, extra = [] } = what, key = [what.kind, what.log, extra.map((e) => e.name), Boolean(reference)].join();
    if (this.kind !== key) {
      this.kind = key;
      for (const plot of [this.main, this.difference]) if (plot) plot.clear();
      this.host.querySelectorAll('.uplot').forEach((u) => u.remove());
      const series = [{ name: what.name, colour: 'data' }, ...extra.map(({ name, colour, dash, width = 1.25 }) => ({ name, colour, dash, width }))];
      if (reference) series.push({ name: 'reference', colour: 'reference', dash: [6, 4] });
      this.main = new Plot(this.host, series, { x: what.xLabel, y: what.yLabel, log: what.log, zero: what.zero, sync: this.name, compact: Boolean(reference), onCursor: (i) => this.read(i) });
      this.difference = new Plot(this.strip, [{ name: 'difference', colour: 'third' }], { x: what.xLabel, y: 'Δ', low: true, zero: true, sync: this.name });
      legend(this.lines, [...series, ...(reference ? [{ name: 'difference, 1 σ', colour: 'third' }] : [])]);
      this.strip.hidden = !reference;
    }
    const other = reference && onAxis(x, reference.x, reference.y), otherSigma = reference && reference.sigma && onAxis(x, reference.x, reference.sigma);
    this.shown = { ...what, other };
    this.main.set([x, y, ...extra.map((e) => e.y), ...(reference ? [other] : [])], Object.fromEntries([[0, sigma], ...extra.map((e, i) => [i + 1, e.sigma])]));
    if (reference) this.difference.set([x, minus(y, other)], { 0: sigma && otherSigma ? squareSum(sigma, otherSigma) : null });
    this.empty.hidden = true;
    this.readout.textContent = this.readout.textContent || ' ';
  }

  read(i) {
    if (i === null || !this.shown) return;
    const { x, y, sigma, other, name, xName, xUnit, extra = [] } = this.shown;
    this.readout.textContent = `${xName} ${short(x[i], 5)} ${xUnit}   ${name} ${plusMinus(y[i], sigma ? sigma[i] : NaN)}` + (other && Number.isFinite(other[i]) ? `   reference ${short(other[i], 5)}` : '')
      + extra.filter((e) => e.sigma).map((e) => `   ${e.name} ${plusMinus(e.y[i], e.sigma[i])}`).join('');
  }

  nothing(text) {
    this.empty.hidden = false;
    this.empty.textContent = text;
    this.of.textContent = this.lines.textContent = this.readout.textContent = '';
    this.strip.hidden = true;
    if (this.main) this.main.clear();
    this.kind = this.shown = null;
  }
}

const Q = { xLabel: 'q  (Å⁻¹)', xName: 'q', xUnit: 'Å⁻¹' };

/** What a tab shows of a set of messages; null where it is not there. */
export function curveOf(tab, of) {
  const { pattern, sq } = of;
  if (tab === 'I' && pattern) {
    const { arrays: a } = pattern, extra = [];
    if (a.background) extra.push({ name: 'background', colour: 'fit', y: a.background, dash: [3, 3] });
    if (a.net) extra.push({ name: 'net', colour: 'fourth', y: a.net });
    return { ...Q, message: pattern, kind: 'I', name: 'I', yLabel: 'I(q)', x: a.q, y: a.I, sigma: a.I_sigma, extra };
  }
  if (!sq) return null;
  const { arrays: a } = sq;
  if (tab === 'F') return { ...Q, message: sq, kind: 'F', name: 'F', yLabel: 'F(q)  (Å⁻¹)', x: a.q, y: a.F, sigma: a.S_sigma.map((s, i) => s * a.q[i]), zero: true };
  return tab === 'S' ? { ...Q, message: sq, kind: 'S', name: 'S', yLabel: 'S(q)', x: a.q, y: a.S, sigma: a.S_sigma } : null;
}

export class StructurePanel extends CurvePanel {
  constructor() {
    super('sq', 'S(q)', 1, 'no result yet');
    this.tabs = ['S', 'I', 'F'].map((tab) => {
      const button = element('button', { textContent: tab + '(q)', onclick: () => setView({ tab }) });
      button.setAttribute('aria-pressed', 'false');
      return button;
    });
    this.tools.append(...this.tabs);
  }

  draw({ shown, reference, running, point }) {
    this.tabs.forEach((button) => button.setAttribute('aria-pressed', String(button.textContent[0] === view.tab)));
    const what = curveOf(view.tab, shown), other = reference && curveOf(view.tab, reference);
    document.getElementById('title-sq').textContent = view.tab + '(q)';
    if (!what) return this.nothing(shown.pattern ? 'no S(q) of this scan: its flags are under "Applied settings"; I(q) is there' : 'no result yet');
    const one = view.tab === 'I' && point.curveBeside(what.message);
    if (one) what.extra.push({ ...one, y: onAxis(what.x, one.x, one.y), sigma: onAxis(what.x, one.x, one.sigma) });
    this.show({ ...what, log: Boolean(view.log) && view.tab === 'I' }, other);
    this.tell(what.message, running);
  }
}

export class RealSpacePanel extends CurvePanel {
  constructor() {
    super('gr', 'G(r)', 4, 'no result yet');
  }

  /** Where there is no G(r), the place is for what was measured. */
  draw({ shown, reference, running }) {
    document.getElementById('title-gr').textContent = shown.gr || !shown.pattern ? 'G(r)' : 'I(q), no G(r) here';
    if (!shown.gr) {
      if (!shown.pattern) return this.nothing('no result yet');
      this.show({ ...curveOf('I', shown), log: Boolean(view.log) }, reference && reference.pattern ? curveOf('I', reference) : null);
      return this.tell(shown.pattern, running);
    }
    const part = ({ gr }) => gr && { message: gr, kind: 'G', name: 'G', x: gr.arrays.r, y: gr.arrays.G, sigma: gr.arrays.G_sigma, xLabel: 'r  (Å)', yLabel: 'G(r)  (Å⁻²)', xName: 'r', xUnit: 'Å', zero: true };
    this.show(part(shown), reference && reference.gr ? part(reference) : null);
    this.tell(shown.gr, running);
  }
}

export class PeakPanel extends Panel {
  constructor() {
    super('fsdp', 'First sharp diffraction peak', 2);
    const big = (name) => element('p', { className: 'big', id: name });
    this.digits = element('div', { className: 'digits' }, big('q1'), big('fwhm'));
    this.terms = element('p', { className: 'terms', id: 'terms' });
    this.lines = element('div', { className: 'legend' });
    this.root.append(this.digits, this.terms, this.lines);
    this.host = this.plotHost();
    this.strip = this.plotHost('plot strip');
    this.addEmpty(this.host, 'no peak yet');
    const series = [{ name: 'data', colour: 'data', points: 'only' }, { name: 'fit', colour: 'fit', width: 2 }, { name: 'reference', colour: 'reference', dash: [6, 4] }];
    this.main = new Plot(this.host, series, { y: 'S(q)', sync: 'fsdp', compact: true });
    this.residual = new Plot(this.strip, [{ name: 'residual', colour: 'third', points: 'only' }], { x: Q.xLabel, y: 'Δ / σ', low: true, zero: true, sync: 'fsdp' });
    this.series = [...series, { name: 'residual, in σ', colour: 'third', points: 'only' }];
  }

  number(id, name, values, key) {
    const [value, sigma] = pair(values[key], values[key + '_sigma']);
    const host = document.getElementById(id);
    host.replaceChildren(element('span', { className: 'name', textContent: name + ' ' }), element('span', { className: 'value', textContent: value }),
      element('span', { className: 'pm', textContent: (sigma ? '± ' + sigma : '') + ' ' + UNIT_WORDS['1/angstrom'] }));
    host.dataset.value = values[key] ?? '';
    host.dataset.sigma = values[key + '_sigma'] ?? '';
  }

  draw({ shown, reference, running }) {
    const { fsdp } = shown;
    this.empty.hidden = Boolean(fsdp);
    this.digits.hidden = this.terms.hidden = this.strip.hidden = this.lines.hidden = !fsdp;
    if (!fsdp) {
      this.of.textContent = '';
      this.main.clear();
      this.residual.clear();
      return;
    }
    const { values: v, flags } = fsdp.header, { arrays: a } = fsdp;
    this.number('q1', 'q₁', v, 'q1');
    this.number('fwhm', 'FWHM', v, 'fwhm');
    const terms = [];
    if (v.q1_sigma_geometry) terms.push('distance ' + short(v.q1_sigma_geometry, 2));
    if (v.q1_sigma_model) terms.push('model ' + short(v.q1_sigma_model, 2));
    if (v.q1_background_sigma) terms.push('background ' + short(v.q1_background_sigma, 2));
    this.terms.textContent = v.q1 === undefined ? 'the fit failed: ' + flags.join(', ')
      : `q₁ besides: ${terms.join(', ') || 'nothing known'}. Height ${plusMinus(v.height, v.height_sigma)}, χ² ${short(v.chi2_reduced)}`;
    this.terms.title = '± is counting alone. ' + this.terms.textContent;
    const other = reference && reference.fsdp;
    legend(this.lines, this.series.filter((s) => other || s.name !== 'reference'));
    this.main.options.y = v.on === 'pattern' ? 'I(q)' : 'S(q)';
    this.main.set([a.q, a.data, a.fit || a.q.map(() => NaN), other ? onAxis(a.q, other.arrays.q, other.arrays.data) : a.q.map(() => NaN)], { 0: a.data_sigma });
    this.residual.set([a.q, a.residual || a.q.map(() => NaN)]);
    this.tell(fsdp, running);
  }
}

const PARTIAL = 'partial';

export class TrendPanel extends Panel {
  constructor() {
    super('trend', 'Trend', 3);
    this.points = [];
    this.select = this.choice('Against what', 'trend', [['frames', 'against frames'], ['time', 'against time'], ['order', 'finals in order']]);
    this.root.append(this.readout);
    this.host = this.plotHost();
    this.strip = this.plotHost('plot lower');
    this.addEmpty(this.host, 'no peak yet');
    const line = (name, colour) => [{ name, colour, points: true }];
    this.q1 = new Plot(this.host, line('q1', 'data'), { wide: true, y: 'q₁ (Å⁻¹)', sync: 'trend', compact: true, onCursor: (i) => this.read(i) });
    this.fwhm = new Plot(this.strip, line('fwhm', 'fit'), { x: 'frames', wide: true, y: 'FWHM (Å⁻¹)', sync: 'trend', onCursor: (i) => this.read(i) });
  }

  /** What the daemon has; what came before it was started again stays. */
  restart(points) {
    const known = new Set(points.map((p) => p.uid + ' ' + p.result));
    this.points = this.points.filter((p) => !known.has(p.uid + ' ' + p.result)).concat(points).sort((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)));
    this.offerParameters();
  }

  add({ header: h }) {
    this.points.push({ uid: h.scan.uid, id: h.scan.id, state: h.state, result: h.result, used: h.frames.used, time: h.time.published, parameters: h.scan.parameters, ...h.values });
    if (this.points.length > 4096) this.points.splice(0, 512);
    if (h.scan.parameters) this.offerParameters();
  }

  offerParameters() {
    const offered = new Set(Array.from(this.select.options, (o) => o.value));
    for (const point of this.points) {
      for (const name of Object.keys(point.parameters || {})) {
        if (offered.has('p:' + name)) continue;
        offered.add('p:' + name);
        this.select.append(element('option', { value: 'p:' + name, textContent: 'against ' + name }));
      }
    }
    if (offered.has(view.trend)) this.select.value = view.trend;
  }

  /** [x, points, label, time]: one scan's results, or the finals of many. */
  chosen(uid) {
    const finals = this.points.filter((p) => p.state !== PARTIAL);
    if (view.trend === 'time') return [(p) => Date.parse(p.time) / 1000, finals.concat(this.points.filter((p) => p.state === PARTIAL && p.uid === uid)), 'time', true];
    if (view.trend === 'order') return [(p) => finals.indexOf(p) + 1, finals, 'final'];
    if (view.trend.startsWith('p:')) {
      const name = view.trend.slice(2);
      return [(p) => p.parameters[name], finals.filter((p) => p.parameters && Number.isFinite(p.parameters[name])), name];
    }
    return [(p) => p.used, this.points.filter((p) => p.uid === uid), 'frames used'];
  }

  draw({ shown, running }) {
    this.select.value = view.trend;
    if (!this.select.value) this.select.value = 'frames';
    const uid = shown.fsdp && shown.fsdp.header.scan.uid;
    const [at, points, label, time] = this.chosen(uid);
    const usable = points.filter((p) => Number.isFinite(p.q1) && Number.isFinite(at(p))).sort((a, b) => at(a) - at(b));
    this.empty.hidden = usable.length > 0;
    this.strip.hidden = usable.length === 0;
    this.usable = usable;
    if (usable.length === 0) {
      this.empty.textContent = uid ? 'no results of this kind yet' : 'no peak yet';
      this.q1.clear();
      this.fwhm.clear();
      return;
    }
    if (this.label !== label) {
      this.label = label;
      for (const plot of [this.q1, this.fwhm]) {
        plot.clear();
        plot.options.time = time;
        plot.zoomed = false;
      }
      this.fwhm.options.x = label;
    }
    const x = usable.map(at), column = (key) => usable.map((p) => (Number.isFinite(p[key]) ? p[key] : null));
    this.q1.set([x, column('q1')], { 0: column('q1_sigma') });
    this.fwhm.set([x, column('fwhm')], { 0: column('fwhm_sigma') });
    if (shown.fsdp) this.tell(shown.fsdp, running);
  }

  read(i) {
    const p = i === null ? null : this.usable[i];
    if (p) this.readout.textContent = `${p.id} ${p.state} ${p.result}, ${p.used} frames: q₁ ${plusMinus(p.q1, p.q1_sigma)}, FWHM ${plusMinus(p.fwhm, p.fwhm_sigma)}`;
  }
}

const MAPS = { q1: ['q₁', 'Å⁻¹'], fwhm: ['FWHM', 'Å⁻¹'], counts: ['counts', ''], chi2_reduced: ['χ²', ''] };

export class MapPanel extends Panel {
  /** open(map, row, col): the curve of a point is wanted. */
  constructor(open) {
    super('map', 'Map', 5);
    this.select = this.choice('Of what', 'map', Object.entries(MAPS).map(([key, [name]]) => [key, name]));
    this.root.append(this.readout);
    this.host = this.plotHost();
    this.addEmpty(this.host, 'no map yet');
    this.heat = new HeatMap(this.host, {
      onPick: (row, col) => this.inspect(row, col), onOpen: (row, col) => this.map && open(this.map, row, col),
      label: 'Map of the scan; arrow keys choose a point, Enter shows its curve', square: true });
  }

  draw({ shown, running, point }) {
    const { map } = shown;
    this.point = point;
    this.select.value = view.map;
    this.empty.hidden = Boolean(map);
    this.map = map;
    if (!map) {
      this.heat.clear();
      this.empty.textContent = shown.sq || shown.pattern ? 'no map: the scan has no grid' : 'no map yet';
      this.of.textContent = this.readout.textContent = '';
      return;
    }
    const key = map.arrays[view.map] ? view.map : 'counts', values = map.arrays[key], [rows, cols] = map.shapes[key];
    const [low, high] = robustLimits(Array.from(values).filter((_, i) => map.arrays.used[i] === 1));
    const crossed = Uint8Array.from(map.arrays.used, (used) => used === 0);
    this.heat.set({ values, rows, cols, low, high, crossed, x: 'column', y: 'row', z: MAPS[key].join(' ') });
    this.tell(map, running);
    const off = crossed.reduce((a, b) => a + b, 0), seen = map.arrays.used.reduce((n, used) => n + (Number.isFinite(used) ? 1 : 0), 0);
    const bare = values.reduce((n, v, i) => n + (map.arrays.used[i] === 1 && !Number.isFinite(v) ? 1 : 0), 0), busy = map.header.flags.includes('extras_left_out');
    this.summary = `${key === view.map ? '' : `no ${MAPS[view.map][0]} yet, counts instead. `}${seen} points, ${off} left out (×)${bare ? `, ${bare} without a fit` : ''}${busy ? '. Fits wait: frames come first' : ''}`;
    if (this.heat.picked) this.inspect(...this.heat.picked);
    else this.readout.textContent = this.summary;
  }

  inspect(row, col) {
    if (!this.map) return;
    const { arrays: a, shapes } = this.map, at = row * shapes.counts[1] + col, number = (key) => (a[key] ? a[key][at] : NaN);
    const what = Number.isNaN(a.used[at]) ? 'not measured' : a.used[at] ? '' : 'left out';
    const parts = [`row ${row}, column ${col}:`, what, `${short(number('counts'), 4)} counts`];
    if (Number.isFinite(number('q1'))) parts.push(`q₁ ${plusMinus(number('q1'), number('q1_sigma'))}`, `FWHM ${plusMinus(number('fwhm'), number('fwhm_sigma'))}`, `χ² ${short(number('chi2_reduced'))}`);
    if (this.point.at && this.point.at.row === row && this.point.at.col === col) parts.push(this.point.trouble || (this.point.message ? 'its curve is in I(q), Esc ends that' : ''));
    this.readout.textContent = parts.filter(Boolean).join('  ');
  }
}

const MOST_ROWS = 300, MOST_COLUMNS = 500;

/** Every n-th number, as the daemon thins its rows. */
function thinned(values) {
  const cols = Math.min(values.length, MOST_COLUMNS);
  return Float32Array.from({ length: cols }, (_, c) => values[Math.floor((c * values.length) / cols)]);
}

const oneAxis = (a, b) => a.length === b.length && a[0] === b[0] && a.at(-1) === b.at(-1);

export class WaterfallPanel extends Panel {
  constructor() {
    super('waterfall', 'Waterfall', 6);
    this.select = this.choice('Of what', 'rows', [['S', 'S(q)'], ['I', 'I(q)'], ['dS', 'S(q) − mean'], ['dI', 'I(q) / mean − 1']]);
    this.host = this.plotHost();
    this.addEmpty(this.host, 'no result yet');
    this.heat = new HeatMap(this.host, { label: 'The last results, one per row, against q' });
    this.rows = { I: [], S: [] };
  }

  add(kind, message) {
    const { arrays: a, header: h } = message;
    this.put(kind, [{ key: h.scan.uid + ' ' + h.result, time: h.time.published, q: thinned(a.q), y: thinned(kind === 'I' ? a.net || a.I : a.S) }]);
  }

  /** What the daemon has of before, and what came meanwhile. */
  restart(kind, { results, q, rows }) {
    this.put(kind, results.map((r, i) => ({ key: r.uid + ' ' + r.result, time: r.time, q, y: rows.subarray(i * q.length, (i + 1) * q.length) })));
  }

  /** In the order of time, none twice, all on the axis of the newest. */
  put(kind, fresh) {
    const known = new Set(this.rows[kind].map((row) => row.key));
    const all = this.rows[kind].concat(fresh.filter((row) => !known.has(row.key))).sort((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)));
    this.rows[kind] = all.filter((row) => oneAxis(row.q, all.at(-1).q)).slice(-MOST_ROWS);
  }

  draw() {
    this.select.value = view.rows;
    const rows = this.rows[view.rows.slice(-1)];
    this.empty.hidden = rows.length > 0;
    if (rows.length === 0) return this.heat.clear();
    const { q } = rows[0], cols = q.length, values = new Float32Array(rows.length * cols);
    rows.forEach(({ y }, r) => values.set(y, r * cols));
    if (view.rows[0] === 'd') {
      for (let c = 0; c < cols; ++c) {
        let sum = 0, count = 0;
        for (let r = 0; r < rows.length; ++r) if (Number.isFinite(values[r * cols + c])) { sum += values[r * cols + c]; ++count; }
        const mean = sum / count;
        for (let r = 0; r < rows.length; ++r) values[r * cols + c] = view.rows === 'dI' ? values[r * cols + c] / mean - 1 : values[r * cols + c] - mean;
      }
    }
    const [low, high] = robustLimits(values);
    this.of.textContent = rows.length === 1 ? 'one result' : `the last ${rows.length} results`;
    this.heat.set({ values, rows: rows.length, cols, low, high, x: 'q  (Å⁻¹)', y: 'result', z: this.select.selectedOptions[0].textContent, xs: [q[0], q[cols - 1]], ys: [1, rows.length] });
  }
}
