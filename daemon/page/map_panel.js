// The map of a scan; a point of it can be picked.
import { HeatMap, robustLimits } from './heatmap.js';
import { Panel } from './panel.js';
import { view } from './view.js';
import { plusMinus, short } from './words.js';

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
