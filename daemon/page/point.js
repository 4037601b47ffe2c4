// The point that was picked on the map: its curve is asked for, and again once what it rests on has changed.
import { getPoint } from './wire.js';
import { setView, view } from './view.js';

export class PickedPoint {
  /** onChange is called when the curve has come, could not be had, or goes. */
  constructor(onChange) {
    Object.assign(this, { onChange, at: null, message: null, trouble: '' });
  }

  /** Of a map's message; the curve is in I(q), so that is shown. */
  open(map, row, col) {
    const { scan } = map.header;
    this.tab = this.at ? this.tab : view.tab;
    Object.assign(this, { at: { uid: scan.uid, row, col, place: row * scan.grid[1] + col, of: this.basis(map) }, message: null, trouble: '' });
    if (view.tab !== 'I') setView({ tab: 'I' });
    this.ask();
  }

  /** False where there is none. */
  close() {
    if (!this.at) return false;
    if (view.tab === 'I' && this.tab !== 'I') setView({ tab: this.tab });
    this.at = this.message = null;
    this.onChange();
    return true;
  }

  basis({ header }) {
    return [header.state, header.provenance.background].join();
  }

  /** The map that is shown now: of another scan the point goes, after another background or the end its curve comes anew. */
  follow(map) {
    if (!this.at || !map) return;
    if (map.header.scan.uid !== this.at.uid) this.close();
    else if (this.at.of !== this.basis(map)) {
      this.at.of = this.basis(map);
      this.ask();
    }
  }

  async ask() {
    const { at } = this, stays = () => this.at === at;
    try {
      const message = await getPoint(at.uid, at.place);
      if (stays()) Object.assign(this, { message, trouble: '' });
    } catch (error) {
      if (stays()) Object.assign(this, { message: null, trouble: error.message });
    }
    if (stays()) this.onChange();
  }

  get name() {
    return `row ${this.at.row}, column ${this.at.col}`;
  }

  /** A curve beside those of its scan's mean; null where there is none. */
  curveBeside({ header }) {
    if (!this.message || header.scan.uid !== this.at.uid) return null;
    const { arrays: a } = this.message;
    return { name: this.name, colour: 'third', width: 1, x: a.q, y: a.net || a.I, sigma: a.net ? a.net_sigma : a.I_sigma };
  }
}
