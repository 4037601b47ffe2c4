// q1 and FWHM of many results, against frames, time or what was announced.
import { Panel, element } from './panel.js';
import { Plot } from './plot.js';
import { view } from './view.js';
import { plusMinus } from './words.js';

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
