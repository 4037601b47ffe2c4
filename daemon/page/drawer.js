// Behind the curves: what was applied, what happened, earlier finals, the archive, and control.
import { note, readLog } from './events.js';
import { getArchived, getJson } from './wire.js';
import { bytes, clock, plusMinus } from './words.js';

const $ = (id) => document.getElementById(id);
const body = (id) => $(id).lastElementChild;
const cell = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

function button(text, act, label) {
  const out = cell('button', text);
  if (label) out.setAttribute('aria-label', label);
  out.onclick = act;
  return out;
}

function table(head, rows) {
  const out = document.createElement('table'), top = out.createTHead().insertRow();
  top.append(...head.map((text) => Object.assign(cell('th', text), { scope: 'col' })));
  const rest = out.createTBody();
  for (const row of rows) rest.insertRow().append(...row.map((each) => (each instanceof Node ? wrap(each) : cell('td', each))));
  return out;
}

function wrap(node) {
  const out = document.createElement('td');
  out.append(node);
  return out;
}

/** Fills a part when it is opened. */
function whenOpened(id, fill) {
  $(id).addEventListener('toggle', () => {
    if ($(id).open) fill().catch((error) => body(id).replaceChildren(cell('p', 'cannot be read: ' + error.message)));
  });
}

export function drawSettings(shown) {
  if (!$('settings').open) return;
  const message = shown.sq || shown.pattern;
  const list = document.createElement('dl'), add = (name, value) => list.append(cell('dt', name), cell('dd', value));
  if (message) {
    const { header: h } = message, p = h.provenance;
    add('scan', `${h.scan.id} (${h.scan.role}, uid ${h.scan.uid})`);
    add('frames', `${h.frames.used} used, ${h.frames.rejected} rejected ${JSON.stringify(h.frames.rejected_by)}, ${h.frames.missing} missing, ${h.frames.duplicate} twice`);
    add('corrections, in order', (p.corrections || []).join(' · ') || 'none');
    add('background', p.background || 'none');
    add('flags', h.flags.join(', ') || 'none');
    for (const [key, value] of Object.entries(h.values)) if (!key.endsWith('_sigma')) add(key.replaceAll('_', ' '), typeof value === 'number' ? plusMinus(value, h.values[key + '_sigma'], h.units[key] || '') : value);
    add('geometry, mask', `sha256 ${p.geometry_sha256.slice(0, 16)}…, ${p.mask_sha256.slice(0, 16)}…`);
    add('configuration', `sha256 ${p.config_sha256.slice(0, 16)}…, sqd ${p.version}`);
  }
  const text = body('settings').querySelector('pre') || document.createElement('pre');
  body('settings').replaceChildren(list, text);
}

async function fillConfig() {
  const reply = await fetch('api/v1/config');
  const text = body('settings').querySelector('pre') || document.createElement('pre');
  text.textContent = await reply.text();
  text.tabIndex = 0;
  body('settings').append(text);
}

async function fillFinals(showFinal, pinFinal) {
  const { finals } = await getJson('api/v1/results');
  if (finals.length === 0) return body('finals').replaceChildren(cell('p', 'no final is kept yet'));
  const names = [...new Set(finals.flatMap((f) => Object.keys(f.scan.parameters || {})))].slice(0, 6);
  body('finals').replaceChildren(table(['time', 'scan', 'role', 'state', 'frames', 'q₁ (Å⁻¹)', 'FWHM (Å⁻¹)', ...names, 'flags', 'show', 'pin'], finals.map((f) => {
    const v = f.fsdp || {};
    return [clock(f.time), f.id, f.role, f.state + (f.durable ? '' : ', NOT SAVED'), String(f.frames.used ?? ''), v.q1 === undefined ? '–' : plusMinus(v.q1, v.q1_sigma), v.fwhm === undefined ? '–' : plusMinus(v.fwhm, v.fwhm_sigma),
      ...names.map((n) => String((f.scan.parameters || {})[n] ?? '')), f.flags.join(' ').slice(0, 60),
      button('Show', () => showFinal(f), `Show ${f.id}`), button('Pin', () => pinFinal(f), `Pin ${f.id} as the reference`)];
  })));
}

/** A scan of the archive in the panels; what keeps it from that is said beside its button. */
async function showFile(name, press, showArchived) {
  const words = press.nextElementSibling || press.parentElement.appendChild(cell('span', ''));
  press.disabled = true;
  words.textContent = ' is read';
  try {
    showArchived(name, await getArchived(name));
    words.textContent = '';
  } catch (error) {
    words.textContent = ' ' + error.message;
  }
  press.disabled = false;
}

async function fillFiles(showArchived) {
  const { files, more } = await getJson('api/v1/archive');
  const show = (file) => {
    const press = button('Show', () => showFile(file.name, press, showArchived), `Show ${file.name}`);
    return press;
  };
  const link = (file) => Object.assign(cell('a', file.name), { href: 'api/v1/archive/' + file.name, download: file.name });
  body('files').replaceChildren(files.length ? table(['file', 'size', 'written', 'show'], files.map((f) => [link(f), bytes(f.bytes), f.modified.replace('T', ' ').slice(0, 19), show(f)])) : cell('p', 'no file yet'),
    ...(more ? [cell('p', `and ${more} older ones`)] : []));
}

function confirmed(words) {
  const dialog = $('confirm-dialog');
  return new Promise((resolve) => {
    const row = Object.assign(document.createElement('div'), { className: 'row' });
    const say = (sure) => {
      dialog.close();
      resolve(sure);
    };
    row.append(button('Do it', () => say(true)), button('Leave it', () => say(false)));
    dialog.replaceChildren(Object.assign(cell('h2', 'This changes the measurement'), { id: 'confirm-title' }), cell('p', words), row);
    dialog.oncancel = () => resolve(false);
    dialog.showModal();
    row.lastElementChild.focus();
  });
}

/** Sends a command, after a question. The token stays in this tab. */
async function command(say, token, words, request) {
  if (!token) return say('give the token first');
  if (!(await confirmed(words))) return say('left as it is');
  const reply = await fetch('api/v1/control', { method: 'POST', headers: { Authorization: 'Bearer ' + token }, body: JSON.stringify({ ...request, confirm: request.command }) });
  const answer = await reply.json();
  say(reply.ok ? `done: ${words}` : 'refused: ' + (answer.error.message || answer.error));
  note(`${reply.ok ? 'asked' : 'refused'}: ${words}`, undefined, ['web: {', `"command":"${request.command}"`]);
}

function fillControl(shownUid) {
  const token = Object.assign(document.createElement('input'), { type: 'password', autocomplete: 'off', value: sessionStorage.getItem('sqd-token') || '' });
  const name = Object.assign(document.createElement('input'), { type: 'text' }), role = document.createElement('select');
  role.append(...['sample', 'background', 'dark', 'calibrant'].map((r) => Object.assign(cell('option', r), { value: r })));
  const label = (text, control) => {
    const out = cell('label', text);
    out.append(control);
    return out;
  };
  const answer = cell('p', 'Looking is free; changing needs the token (web.token), asks once more, and is logged.');
  answer.setAttribute('role', 'status');
  const say = (text) => { answer.textContent = text; };
  const send = (words, request) => {
    sessionStorage.setItem('sqd-token', token.value);
    command(say, token.value, words, request).catch((error) => say('no answer: ' + error.message));
  };
  const row = (...nodes) => {
    const out = Object.assign(document.createElement('div'), { className: 'controls' });
    out.append(...nodes);
    return out;
  };
  body('control').replaceChildren(row(label('token', token)),
    row(label('name of the next series', name), label('its role', role), button('Announce', () => send(`the next series is ${role.value} '${name.value}'`, { command: 'announce', role: role.value, name: name.value })),
      button('Begin a scan', () => send(`begin ${role.value} '${name.value}'`, { command: 'begin', role: role.value, name: name.value }))),
    row(button('End the scan', () => send('end the scan as it stands, with a final', { command: 'end' })), button('Abort the scan', () => send('abort the scan', { command: 'abort' })),
      button('Leave the fault', () => send('leave the fault', { command: 'reset' })), button('Acknowledge alarms', () => send('take note of all alarms', { command: 'acknowledge' })),
      button('Latest background', () => send('subtract the latest background', { command: 'background', use: 'latest' })), button('No background', () => send('subtract no background', { command: 'background', use: 'none' })),
      button('Compare with what is shown', () => {
        const uid = shownUid();
        if (!uid) return say('no final is shown');
        send('compare later results with the final that is shown', { command: 'reference', scan: uid });
      }), button('Compare with nothing', () => send('compare with nothing', { command: 'reference', clear: true }))), answer);
}

/** showFinal and pinFinal are given an entry of the finals, showArchived a file's name and its messages; shownUid says which scan is shown. */
export function openDrawer({ showFinal, pinFinal, showArchived, shownUid, shown }) {
  $('settings').addEventListener('toggle', () => drawSettings(shown()));
  whenOpened('settings', fillConfig);
  whenOpened('finals', () => fillFinals(showFinal, pinFinal));
  whenOpened('files', () => fillFiles(showArchived));
  whenOpened('events', readLog);
  fillControl(shownUid);
}

/** The parts that are open are read again when a final has come. */
export function finalCame({ showFinal, pinFinal, showArchived }) {
  if ($('finals').open) fillFinals(showFinal, pinFinal).catch(() => {});
  if ($('files').open) fillFiles(showArchived).catch(() => {});
  if ($('events').open) readLog().catch(() => {});
}
