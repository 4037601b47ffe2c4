// What all panels have: a frame with a title, what it shows, tools, and a place for "nothing yet".
import { setView, view } from './view.js';
import { dayAndClock } from './words.js';

export const element = (tag, properties = {}, ...children) => {
  const out = Object.assign(document.createElement(tag), properties);
  out.append(...children);
  return out;
};

/** The axis of most. */
export const Q = { xLabel: 'q  (Å⁻¹)', xName: 'q', xUnit: 'Å⁻¹' };

/** The frame of a panel: title, what it shows, tools, and a place for "nothing yet". */
export class Panel {
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
