// The last results as rows over one another.
import { HeatMap, robustLimits } from './heatmap.js';
import { Panel } from './panel.js';
import { view } from './view.js';

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
