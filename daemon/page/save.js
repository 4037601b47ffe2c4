// Saving what is shown: curves as text, panels as pictures. Names say what it is; the browser adds a number rather than overwrite.
import { curveOf } from './curve_panels.js';
import { colour } from './colours.js';
import { view } from './view.js';

function download(name, content, type) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

export function nameOf(header, ending) {
  const id = (header.scan.id || header.scan.uid).replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, 60);
  return `${id}_${header.state}${header.result}.${ending}`;
}

function provenance(header) {
  const { scan, provenance: p, frames } = header;
  return [`sqd ${p.version}, instance ${header.instance}`, `scan ${scan.id} ${scan.uid}, ${scan.role}, ${header.state} result ${header.result}, ${frames.used} frames used`,
    `published ${header.time.published}`, `configuration sha256 ${p.config_sha256}`, `geometry sha256 ${p.geometry_sha256}`, `mask sha256 ${p.mask_sha256}`,
    `background ${p.background || 'none'}`, `corrections ${(p.corrections || []).join('; ')}`];
}

/** All arrays of one length of a message, with a line of names and one of units. */
export function csvOf(message) {
  const { header, arrays } = message, first = header.arrays[0], columns = header.arrays.filter((e) => e.shape.length === 1 && e.shape[0] === first.shape[0]);
  const lines = provenance(header).map((line) => '# ' + line);
  for (const [key, value] of Object.entries(header.values)) lines.push(`# ${key} = ${value}${header.units[key] ? ' ' + header.units[key] : ''}`);
  lines.push(columns.map((c) => c.name).join(','), columns.map((c) => c.unit || '1').join(','));
  for (let i = 0; i < first.shape[0]; ++i) lines.push(columns.map((c) => String(arrays[c.name][i])).join(','));
  return lines.join('\n') + '\n';
}

export function mapCsv({ header, arrays, shapes }) {
  const names = header.arrays.map((e) => e.name), [rows, cols] = shapes.counts, lines = provenance(header).map((line) => '# ' + line);
  lines.push(['row', 'column', ...names].join(','), ['1', '1', ...header.arrays.map((e) => e.unit || '1')].join(','));
  for (let i = 0; i < rows * cols; ++i) lines.push([Math.floor(i / cols), i % cols, ...names.map((n) => arrays[n][i])].join(','));
  return lines.join('\n') + '\n';
}

/** As PDFgetX3 writes it: a configuration, `#### start data`, two columns. */
export function pdfText(message, type) {
  const { header, arrays } = message, v = header.values, columns = { gr: ['r', 'G', 'r($\\AA$)', 'G($\\AA^{-2}$)'], sq: ['q', 'S', 'Q($\\AA^{-1}$)', 'S'], fq: ['q', 'F', 'Q($\\AA^{-1}$)', 'F($\\AA^{-1}$)'] }[type];
  const lines = ['[DEFAULT]', '', `version = sqd ${header.provenance.version}`, '', '# input and output specifications', `dataformat = ${columns[0] === 'r' ? 'QA' : 'QA'}`,
    `inputfile = ${header.scan.id}`, `backgroundfile = ${header.provenance.background || ''}`, `outputtype = ${type}`, '', '# PDF calculation setup', 'mode = xray',
    ...(v.q_max ? [`qmax = ${v.q_max}`] : []), ...(v.window ? [`# window = ${v.window}`] : []), ...(v.form ? [`# form of S(q) = ${v.form}`] : []), '', '# End of config --------------------------------------------------------------',
    ...provenance(header).map((line) => '# ' + line), '#### start data', '', '#S 1', `#L ${columns[2]}  ${columns[3]}`];
  const [x, y] = [arrays[columns[0]], arrays[columns[1]]];
  for (let i = 0; i < x.length; ++i) if (Number.isFinite(y[i])) lines.push(`${x[i].toPrecision(8)} ${y[i].toPrecision(8)}`);
  return lines.join('\n') + '\n';
}

/** The canvases of a panel as they lie, under a line that says what they are. */
export async function panelPicture(root, stamp) {
  const canvases = Array.from(root.querySelectorAll('canvas')).filter((c) => c.offsetParent !== null && c.width > 0);
  const area = root.getBoundingClientRect(), ratio = devicePixelRatio || 1, top = 26;
  const out = new OffscreenCanvas(Math.round(area.width * ratio), Math.round((area.height + top) * ratio)), context = out.getContext('2d');
  context.scale(ratio, ratio);
  context.fillStyle = colour('panel');
  context.fillRect(0, 0, area.width, area.height + top);
  context.fillStyle = colour('text');
  context.font = '13px system-ui, sans-serif';
  context.fillText(stamp, 8, 17, area.width - 16);
  const digits = Array.from(root.querySelectorAll('.big')).filter((d) => d.offsetParent !== null).map((d) => d.textContent).join('    ');
  if (digits) {
    context.font = '600 20px system-ui, sans-serif';
    context.fillText(digits, 8, 44, area.width - 16);
  }
  for (const canvas of canvases) {
    const box = canvas.getBoundingClientRect();
    context.drawImage(canvas, box.left - area.left, box.top - area.top + top, box.width, box.height);
  }
  return out.convertToBlob({ type: 'image/png' });
}

/** What can be saved now: [[words, act], ...]. */
export function savable(shown, trend) {
  const out = [], text = (words, name, make, type = 'text/plain') => out.push([words, () => download(name, make(), type)]);
  if (shown.pattern) text('I(q), all columns (.csv)', nameOf(shown.pattern.header, 'iq.csv'), () => csvOf(shown.pattern), 'text/csv');
  if (shown.sq) {
    text('S(q) (.sq)', nameOf(shown.sq.header, 'sq'), () => pdfText(shown.sq, 'sq'));
    text('F(q) (.fq)', nameOf(shown.sq.header, 'fq'), () => pdfText(shown.sq, 'fq'));
    text('S(q), all columns (.csv)', nameOf(shown.sq.header, 'sq.csv'), () => csvOf(shown.sq), 'text/csv');
  }
  if (shown.gr) {
    text('G(r) (.gr)', nameOf(shown.gr.header, 'gr'), () => pdfText(shown.gr, 'gr'));
    text('G(r), all columns (.csv)', nameOf(shown.gr.header, 'gr.csv'), () => csvOf(shown.gr), 'text/csv');
  }
  if (shown.fsdp) text('the peak and its fit (.csv)', nameOf(shown.fsdp.header, 'fsdp.csv'), () => csvOf(shown.fsdp), 'text/csv');
  if (shown.map) text('the map (.csv)', nameOf(shown.map.header, 'map.csv'), () => mapCsv(shown.map), 'text/csv');
  if (trend.length > 0) text('the trend (.csv)', 'trend.csv', () => trendCsv(trend), 'text/csv');
  const any = shown.fsdp || shown.sq || shown.pattern;
  if (any) {
    for (const root of document.querySelectorAll('.panel')) {
      if (root.offsetParent === null || !root.querySelector('.uplot, canvas.heat')) continue;
      const kind = root.id.slice(6), title = root.querySelector('h2').textContent, { header } = any;
      out.push([`picture of ${title} (.png)`, async () => download(nameOf(header, kind + '.png'), await panelPicture(root, `${header.instance} · ${header.scan.id} · ${header.state} ${header.result} · ${header.frames.used} frames · sqd ${header.provenance.version}`))]);
    }
  }
  return out;
}

export function trendCsv(points) {
  const keys = ['time', 'id', 'uid', 'state', 'result', 'used', 'q1', 'q1_sigma', 'fwhm', 'fwhm_sigma', 'height', 'height_sigma', 'chi2_reduced'];
  const units = { q1: '1/angstrom', q1_sigma: '1/angstrom', fwhm: '1/angstrom', fwhm_sigma: '1/angstrom' };
  return [keys.join(','), keys.map((k) => units[k] || '1').join(','), ...points.map((p) => keys.map((k) => p[k] ?? '').join(','))].join('\n') + '\n';
}

/** The curve of the first panel, for a quick copy. */
export function shownCurve(shown) {
  return curveOf(view.tab, shown);
}
