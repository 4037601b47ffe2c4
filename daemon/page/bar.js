// What is always in sight: the state, the scan, what was lost, alarms, and the verdicts in words.
import { bytes, plusMinus, seconds, short } from './words.js';

const $ = (id) => document.getElementById(id);
const SHAPES = { running: '▶', ready: '◆', standby: '○', init: '◌', fault: '✖', away: '✖' };
const SEEN_KEY = 'sqd-lost-seen';

const missing = new Map(), over = new Set(); // scan -> frames that it will never have; scans that have ended

/** frames as of a status, a result or a kept final; what comes after the final is older than it. */
export function noteMissing(scan, frames, ended) {
  if (!scan || !frames || (over.has(scan.uid) && !ended)) return;
  missing.set(scan.uid, frames.missing || 0);
  if (ended) over.add(scan.uid);
}

/** Frames that no result will have: lost by this daemon, and missing in the scans that this page knows of. */
function lostOf({ counters = {} }) {
  return (counters.lost_overload || 0) + Array.from(missing.values()).reduce((a, b) => a + b, 0);
}

/** Seconds since the last frame, where the stream has stopped before its end; null: it has not. */
export function staleFor(status, sinceBeat) {
  if (status.state !== 'running' || !(status.silent_s >= 0)) return null;
  const pending = status.frames ? status.frames.pending : 0;
  const usual = status.rate_hz > 0 ? 1 / status.rate_hz : 0, silent = status.silent_s + sinceBeat;
  return pending > 0 && silent > Math.max(3, 5 * usual) ? silent : null;
}

function drawState(status, linked, silent) {
  const name = linked ? status.state || 'init' : 'away', host = $('state');
  host.dataset.state = name;
  host.dataset.alarm = String(Boolean(linked && status.alarm));
  host.querySelector('.shape').textContent = linked && status.alarm ? '▲' : SHAPES[name] || '?';
  host.querySelector('.word').textContent = !linked ? 'no contact' : name.toUpperCase() + (status.alarm ? ' · ALARM' : '');
  $('stale').hidden = linked ? silent === null : !status.state;
  $('stale').textContent = linked ? `STALE ${Math.floor(silent)} s` : 'NO CONTACT: this is old';
}

/** The scan that runs, else the one that is shown. */
function drawScan(status, last) {
  const { frames, scan } = status, running = status.state === 'running';
  const of = scan || (last && last.scan);
  $('scan').textContent = of ? (scan ? '' : 'last: ') + (of.id || of.uid.slice(0, 8)) : 'no scan';
  $('role').textContent = of ? of.role + (of.mount ? ', mount ' + of.mount : '') : '';
  if (!frames) {
    $('frames').textContent = last ? `${last.state} of ${last.frames.used} frames` : 'waiting';
    $('percent').textContent = $('eta').textContent = '';
    $('progress').value = 0;
    return;
  }
  $('frames').textContent = `frame ${frames.received}` + (frames.expected > 0 ? ` / ${frames.expected}` : '');
  $('progress').value = frames.expected > 0 ? Math.min(1, frames.received / frames.expected) : 0;
  $('percent').textContent = frames.expected > 0 ? Math.floor((100 * frames.received) / frames.expected) + ' %' : '';
  $('eta').textContent = running && status.eta_s > 0 ? seconds(status.eta_s) + ' left' : '';
}

function drawFacts(status, durable) {
  const { counters = {} } = status, lost = lostOf(status);
  if (Number(localStorage.getItem(SEEN_KEY)) > lost) localStorage.setItem(SEEN_KEY, lost); // counted anew
  const known = Number(localStorage.getItem(SEEN_KEY)) || 0;
  $('rate').textContent = status.rate_hz > 0 ? short(status.rate_hz) + ' Hz' : '–';
  $('lag').textContent = status.lag_s >= 0 ? seconds(status.lag_s) : '–';
  $('lost').textContent = lost + ' frames';
  $('lost').dataset.lost = String(lost > known);
  $('lost').onclick = () => {
    localStorage.setItem(SEEN_KEY, lost);
    $('lost').dataset.lost = 'false';
  };
  $('archive').textContent = durable === false ? '✖ NOT SAVED' : `${counters.results_archived ?? 0} saved`;
  $('disk').textContent = bytes(counters.archive_free_bytes) + ' free';
}

function drawAlarms(alarms) {
  $('alarms').hidden = alarms.length === 0;
  $('alarms').replaceChildren(...alarms.map((alarm) => {
    const line = document.createElement('li'), name = document.createElement('b');
    name.textContent = alarm.name;
    line.className = alarm.active ? '' : 'over';
    line.append(name, ' ' + alarm.message + (alarm.count > 1 ? ` (${alarm.count} times)` : '') + (alarm.active ? '' : ', over') + (alarm.acknowledged ? ', seen' : ''));
    return line;
  }));
}

/** last: the header of what is shown. */
export function drawBar(status, linked, sinceBeat, durable, last) {
  const silent = staleFor(status, sinceBeat);
  document.title = (linked && status.state ? (status.alarm ? '▲ ' : SHAPES[status.state] + ' ') : '✖ ') + (status.instance || 'sqd');
  $('instance').textContent = status.instance || 'sqd';
  drawState(status, linked, silent);
  drawScan(status, last);
  drawFacts(status, durable);
  drawAlarms(status.alarms || []);
  say('reason', status.reason || '–');
}

const LONGEST = 320; // characters: seven lines at 1366 pixels

/** What is longer ends in dots, and is whole under the mouse. */
function say(id, text, word = '') {
  const host = $(id).querySelector('span'), cut = text.length > LONGEST ? text.slice(0, text.lastIndexOf(' ', LONGEST)) + ' …' : text;
  if (host.textContent !== cut) {
    host.textContent = cut;
    $(id).title = cut === text ? '' : text;
  }
  host.dataset.word = word;
}

const ADVICE = { reached: ['✔ ', 'good'], count_on: ['… ', ''], floor_reached: ['■ ', 'good'] };

/** What limits q1, in words. */
function adviceWords(fsdp) {
  const a = fsdp && fsdp.header.advice;
  if (!a) return ['no advice: no peak of a sample yet', ''];
  const parts = ['background', 'model', 'corrections'].filter((key) => a[key] > a.floor / 10 && !a.sentence.includes(key)).map((key) => `${key} ${short(a[key], 2)}`);
  const [mark, word] = ADVICE[a.advice] || ['', ''];
  return [`${mark}${a.sentence}.` + (a.floor >= 0 ? ` Floor ${short(a.floor, 2)}` : '') + (parts.length ? `; besides: ${parts.join(', ')}` : ''), word];
}

/** A difference in sigmas of counting alone, and with the distances of two mounts. */
function difference(a, b, key, geometry) {
  const d = b[key] - a[key], sigma = Math.hypot(a[key + '_sigma'], b[key + '_sigma']);
  const all = Math.hypot(sigma, geometry ? Math.hypot(a.q1_sigma_geometry || 0, b.q1_sigma_geometry || 0) : 0);
  return { d, sigma, by: Math.abs(d) / sigma, byAll: Math.abs(d) / all };
}

/** Against what is pinned on this page; the service compares thoroughly where it was given a reference. */
export function pinnedWords(fsdp, pinned) {
  const a = pinned.header.values, b = fsdp.header.values, mount = pinned.header.scan.mount, one = Boolean(mount) && mount === fsdp.header.scan.mount;
  if (a.model !== b.model || a.on !== b.on || a.window_low !== b.window_low || a.window_high !== b.window_high)
    return ['the pinned peak was fitted in another way: not comparable', 'warn'];
  const q = difference(a, b, 'q1', !one), w = difference(a, b, 'fwhm', false);
  if (!(q.sigma > 0)) return ['no errors to compare with', ''];
  const what = q.by < 3 && w.by < 3 ? '= the same within counting' : q.by >= 3 && q.byAll < 3 && w.by < 3 ? '≈ perhaps only the mount: its distance explains it' : '≠ the sample differs';
  return [`${what}: q₁ ${plusMinus(q.d, q.sigma)} (${short(q.by, 2)} σ of counting, ${short(q.byAll, 2)} with ${one ? 'one mount' : 'two mounts'}), FWHM ${plusMinus(w.d, w.sigma)} (${short(w.by, 2)} σ)`,
    what[0] === '=' ? 'good' : 'warn'];
}

function comparisonWords(fsdp, pinned) {
  const c = fsdp && fsdp.header.comparison;
  if (c) return c.refused ? [`${c.reference.id}: not comparable (${c.refused})`, 'warn'] : [`against ${c.reference.id}: ${c.sentence}`, c.change === 'none' ? 'good' : 'warn'];
  if (fsdp && pinned && pinned.fsdp) {
    const { scan, result } = pinned.fsdp.header;
    if (scan.uid === fsdp.header.scan.uid) return [result === fsdp.header.result ? 'this is what is pinned' : 'what is pinned is of this very scan: not two measurements', ''];
    const [text, word] = pinnedWords(fsdp, pinned.fsdp);
    return [`against ${scan.id}: ${text}`, word];
  }
  return ['nothing is pinned: R keeps what is shown as the reference', ''];
}

function findingWords(pattern) {
  const unwatched = pattern && pattern.header.flags.find((flag) => flag.startsWith('lines_not_watched'));
  const f = pattern && pattern.header.findings;
  if (!f) return [pattern && pattern.header.archive ? 'the file does not say what was found' : 'looked for when the scan ends', ''];
  const lines = f.bragg_lines || [], hot = f.hot_pixels ? f.hot_pixels.found : 0, hotWords = hot ? ` ${hot} hot pixels, left out.` : '';
  if (f.calibration) return [`calibration with ${f.calibration.calibrant}: ${f.calibration.verdict}.${hotWords}`, ''];
  if (unwatched) return [`not watched for (${unwatched}).${hotWords}`, ''];
  if (lines.length === 0) return ['✔ no Bragg lines.' + hotWords, 'good'];
  return [`▲ ${lines.length} Bragg line${lines.length > 1 ? 's' : ''}, left out of the fit: ${lines.map((l) => `${short(l.q, 4)} Å⁻¹ ${l.phase || 'unknown'}`).join('; ')}.${hotWords}`, 'warn'];
}

export function drawVerdicts(shown, pinned) {
  say('advice', ...adviceWords(shown.fsdp));
  say('comparison', ...comparisonWords(shown.fsdp, pinned));
  say('findings', ...findingWords(shown.pattern));
}
