// The page: takes messages, keeps what is shown and what is pinned, and has the panels draw at most once per picture of the screen.
import { drawBar, drawVerdicts, noteMissing } from './bar.js';
import { applyTheme, nextTheme } from './colours.js';
import { RealSpacePanel, StructurePanel } from './curve_panels.js';
import { drawSettings, finalCame, openDrawer } from './drawer.js';
import { clockIs, note, readLog } from './events.js';
import { listenToKeys, showHelp } from './keys.js';
import { MapPanel } from './map_panel.js';
import { PeakPanel } from './peak_panel.js';
import { PickedPoint } from './point.js';
import { savable } from './save.js';
import { TrendPanel } from './trend_panel.js';
import { loadView, onView, setView, view } from './view.js';
import { WaterfallPanel } from './waterfall_panel.js';
import { connect, getFinal, getJson, getRows } from './wire.js';

const $ = (id) => document.getElementById(id);
const CURVES = ['pattern', 'sq', 'fsdp', 'gr', 'map'];
const PAST = 60; // results that can be looked back at

const live = {}; // kind -> the newest message of a sample, and the pattern of whatever runs
let frozen = null; // {shown, at}: what is held
let pinned = null; // kind -> message
let status = {}, beatAt = 0, linked = false, durable, epoch;
const past = [];

const point = new PickedPoint(() => draw(['sq', 'map']));
loadView();
applyTheme(view.theme);
const panels = { sq: new StructurePanel(), fsdp: new PeakPanel(), trend: new TrendPanel(), gr: new RealSpacePanel(), map: new MapPanel((map, row, col) => point.open(map, row, col)), waterfall: new WaterfallPanel() };
const order = Object.keys(panels);

/** Curves that belong together: those of the scan and result of the newest pattern, and of the last sample where this is none. */
function newest() {
  const out = { ...live };
  if (out.pattern && out.sq && out.pattern.header.scan.uid !== out.sq.header.scan.uid && out.pattern.header.scan.role === 'sample') out.sq = out.fsdp = out.gr = out.map = undefined;
  return out;
}

const shown = () => (frozen ? frozen.shown : newest());

/** Which panels a message concerns. */
const CONCERNS = { pattern: ['sq', 'gr', 'waterfall'], sq: ['sq', 'waterfall'], fsdp: ['fsdp', 'trend'], gr: ['gr'], map: ['map'], status: [], series: [] };
const dirty = new Set();

function drawPanels() {
  const of = shown(), current = (!frozen && status.scan) || (of.pattern && of.pattern.header.scan); // what is of another scan says so
  const state = { shown: of, reference: pinned, running: current, point };
  point.follow(of.map);
  for (const name of dirty) if (!view.only || view.only === name) panels[name].draw(state);
  dirty.clear();
  drawVerdicts(state.shown, pinned);
  drawSettings(state.shown);
}

function drawTop() {
  const { pattern } = newest();
  drawBar(status, linked, (performance.now() - beatAt) / 1000, durable, pattern && pattern.header);
  const banner = $('banner');
  banner.hidden = !frozen;
  if (frozen) {
    const now = status.frames ? `, live is ${status.frames.received}` : '';
    banner.textContent = `Frozen: ${frozen.what}${now}. F goes on, ← → look back.`;
  }
  $('freeze').setAttribute('aria-pressed', String(Boolean(frozen)));
  $('pin').setAttribute('aria-pressed', String(Boolean(pinned)));
  $('log').setAttribute('aria-pressed', String(Boolean(view.log)));
}

let waiting = false;
const drawMs = []; // script time of the last pictures
function draw(names = order) {
  for (const name of names) dirty.add(name);
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    const from = performance.now();
    drawTop();
    drawPanels();
    queueMicrotask(() => { // behind those in which curves are drawn
      drawMs.push(performance.now() - from);
      if (drawMs.length > 50) drawMs.shift();
      document.body.dataset.drawMs = drawMs.slice().sort((a, b) => a - b)[Math.floor(drawMs.length / 2)].toFixed(2);
    });
  });
}

function whatOf({ fsdp, sq, pattern }) {
  const { header } = fsdp || sq || pattern;
  return `${header.scan.id}, ${header.state} ${header.result} at frame ${header.frames.used}`;
}

function remember() {
  const now = newest(), last = past.at(-1), key = now.pattern && now.pattern.header.scan.uid + now.pattern.header.result;
  if (!key) return;
  if (last && last.key === key) last.shown = now;
  else past.push({ key, shown: now });
  if (past.length > PAST) past.shift();
}

function takeResult(message) {
  const { kind, header } = message;
  noteMissing(header.scan, header.frames, header.state !== 'partial');
  if (kind !== 'pattern' && header.scan.role !== 'sample') return;
  const other = live[kind] && live[kind].header.scan.uid !== header.scan.uid;
  if (other && (kind === 'pattern' || kind === 'sq')) draw(); // what was of now is of before; newest() hides, or shows, what came of other kinds
  live[kind] = message;
  if (header.state !== 'partial') durable = header.durable;
  if (kind === 'fsdp') panels.trend.add(message);
  if (kind === 'pattern' && header.scan.role === 'sample') panels.waterfall.add('I', message);
  if (kind === 'sq') panels.waterfall.add('S', message);
  remember();
  if (kind === 'pattern' && header.state !== 'partial') {
    note(`${header.state} ${header.result} of ${header.scan.id}: ${header.frames.used} frames used${header.durable ? '' : ', NOT SAVED'}`, header.time.published);
    finalCame({ showFinal, pinFinal, showArchived });
  }
}

function takeStatus(header) {
  const before = new Set((status.alarms || []).map((a) => a.name));
  clockIs(header.time.published);
  for (const alarm of header.alarms || []) if (!before.has(alarm.name)) note(`alarm ${alarm.name}: ${alarm.message}`, alarm.since, [alarm.message]);
  if (status.state && status.state !== header.state) note(`${status.state} → ${header.state}: ${header.reason}`);
  if ((status.scan || {}).uid !== (header.scan || {}).uid) draw();
  noteMissing(header.scan, header.frames);
  status = header;
  beatAt = performance.now();
  if (epoch !== header.epoch) {
    if (epoch) note('the daemon was started again');
    epoch = header.epoch;
    readPast();
  }
}

/** What was before this page was opened, or before the daemon was started again; what cannot be had stays as it is. */
function readPast() {
  getJson('api/v1/results').then(({ finals }) => {
    for (const f of finals) noteMissing(f.scan, f.frames, true);
    draw([]);
    return showLast(finals.find((f) => f.role === 'sample'));
  }).catch(() => {});
  getJson('api/v1/trend').then(({ points }) => { panels.trend.restart(points); draw(); }, () => {});
  for (const of of ['I', 'S']) getRows(of).then((rows) => { panels.waterfall.restart(of, rows); draw(); }, () => {});
  readLog().catch(() => {});
}

/** The newest final of a sample, where nothing newer of its kind has come. */
async function showLast(final) {
  const newer = (kind) => live[kind] && live[kind].header.time.published >= final.time;
  if (!final || CURVES.every(newer)) return;
  for (const [kind, message] of Object.entries(await fetchFinal(final))) if (!newer(kind)) live[kind] = { ...message, before: true };
  remember();
  draw();
}

const LOGGED = { start: 'started', end: 'ended', aborted: 'ended', interrupted: 'was interrupted', resumed: 'goes on', joined: 'joins', left: 'ended' };

function noteSeries({ scan, event, reason, time }) {
  note(`${scan.id || 'series'}: ${event}${reason ? ' (' + reason + ')' : ''}`, time.published, [`series ${scan.series_id} `, LOGGED[event] || event]);
}

function take(message) {
  if (message.kind === 'status') takeStatus(message.header);
  else if (message.kind === 'series') noteSeries(message.header);
  else if (CURVES.includes(message.kind)) takeResult(message);
  draw(frozen ? [] : CONCERNS[message.kind]);
}

function hold(what, of) {
  frozen = { shown: of, what };
  draw();
}

function freeze() {
  if (frozen) frozen = null;
  else if (live.pattern) return hold(whatOf(newest()), newest());
  draw();
}

/** Steps among the results that came since the page was opened. */
function look(step) {
  if (past.length === 0) return;
  const at = frozen ? past.findIndex((p) => p.shown === frozen.shown || p.shown.pattern === frozen.shown.pattern) : past.length - 1;
  const to = Math.max(0, Math.min(past.length - 1, (at < 0 ? past.length - 1 : at) + step));
  hold(whatOf(past[to].shown), past[to].shown);
}

function pin(of) {
  pinned = of && (of.sq || of.pattern) ? { ...of } : null;
  const header = pinned && (pinned.sq || pinned.pattern).header;
  setView({ ref: header && header.state !== 'partial' ? header.scan.uid : '' });
  draw();
}

async function fetchFinal(final) {
  return getFinal(final.uid, final.kinds.filter((kind) => CURVES.includes(kind)));
}
const showFinal = async (final) => hold(`${final.id}, ${final.state} ${final.result}`, await fetchFinal(final));
function showArchived(name, messages) {
  const of = Object.fromEntries(Object.entries(messages).filter(([kind]) => CURVES.includes(kind)));
  hold(`${whatOf(of)}, of the archive (${name})`, of);
}
const pinFinal = async (final) => pin(await fetchFinal(final));

/** The reference that the address names. */
async function pinFromAddress() {
  if (!view.ref || pinned) return;
  const { finals } = await getJson('api/v1/results');
  const final = finals.find((f) => f.uid === view.ref);
  if (final) await pinFinal(final);
}

function exportDialog() {
  const dialog = $('export-dialog'), list = savable(shown(), panels.trend.points), row = Object.assign(document.createElement('div'), { className: 'row' });
  row.append(...list.map(([words, act]) => Object.assign(document.createElement('button'), { textContent: words, onclick: act })));
  const close = Object.assign(document.createElement('button'), { textContent: 'Close', onclick: () => dialog.close() });
  const title = Object.assign(document.createElement('h2'), { id: 'export-title', textContent: list.length ? 'Save what is shown' : 'There is nothing to save yet' });
  dialog.replaceChildren(title, row, Object.assign(document.createElement('div'), { className: 'row' }));
  dialog.lastElementChild.append(close);
  dialog.showModal();
}

/** Of all panels, those that can `act` (reset, build). */
function eachPlot(act) {
  for (const panel of Object.values(panels)) for (const plot of [panel.main, panel.difference, panel.residual, panel.q1, panel.fwhm]) if (plot && plot[act]) plot[act]();
}

const acts = {
  freeze, pin: () => pin(shown()), unpin: () => pin(null), log: () => setView({ log: view.log ? '' : '1', tab: view.log || live.pattern && !live.gr ? view.tab : 'I' }), autoscale: () => eachPlot('reset'),
  export: exportDialog, theme: () => setView({ theme: nextTheme() }), help: showHelp, back: () => look(-1), forward: () => look(1),
  only: (number) => setView({ only: view.only === order[number - 1] ? '' : order[number - 1] }), all: () => point.close() || setView({ only: '' }),
};
for (const id of ['freeze', 'log', 'export', 'theme', 'help']) $(id).onclick = acts[id];
$('pin').onclick = () => (pinned ? acts.unpin() : acts.pin());
listenToKeys(acts);
openDrawer({ showFinal, pinFinal, showArchived, shownUid: () => { const of = shown().sq; return of && of.header.state !== 'partial' ? of.header.scan.uid : ''; }, shown });

function drawLayout(changes) {
  if ('only' in changes) {
    const only = order.includes(view.only) ? view.only : '';
    if (only) $('panels').dataset.only = only;
    else delete $('panels').dataset.only;
    for (const name of order) document.getElementById('panel-' + name).toggleAttribute('data-only', name === only);
  }
  if ('theme' in changes) {
    applyTheme(view.theme);
    eachPlot('build');
    for (const panel of Object.values(panels)) if (panel.heat) panel.heat.draw();
  }
  draw();
}
onView(drawLayout);
drawLayout(view);
addEventListener('hashchange', () => { loadView(); drawLayout(view); });

connect(take, (isThere) => {
  if (linked !== isThere) note(isThere ? 'in contact with the daemon' : 'no contact with the daemon: trying again');
  linked = isThere;
  if (isThere) {
    pinFromAddress().catch(() => {});
    readLog().catch(() => {});
  }
  draw();
});
setInterval(() => {
  if (linked && performance.now() - beatAt > 5000 && beatAt > 0) linked = false; // it is there and says nothing
  drawTop();
}, 1000);
