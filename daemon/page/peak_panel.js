// The first sharp diffraction peak: fit, residual, q1 and FWHM in digits to be read from the door.
import { onAxis } from './arrays.js';
import { Panel, Q, element } from './panel.js';
import { Plot, legend } from './plot.js';
import { UNIT_WORDS, pair, plusMinus, short } from './words.js';

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
