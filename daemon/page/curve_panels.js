// S(q), I(q), F(q) and G(r), each with a pinned reference and the difference.
import { minus, onAxis, squareSum } from './arrays.js';
import { Panel, Q, element } from './panel.js';
import { Plot, legend } from './plot.js';
import { setView, view } from './view.js';
import { plusMinus, short } from './words.js';

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
