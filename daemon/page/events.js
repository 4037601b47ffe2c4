// The log: what the daemon's own says and what this page notes, in the order of time, nothing twice.
import { getJson } from './wire.js';
import { dayAndClock } from './words.js';

const MOST_NOTES = 300, MOST_SHOWN = 500, AT_ONCE_MS = 5000;
const notes = []; // {at, text, says}
const lines = new Map(); // "epoch number" -> {at, level, text}
let offset = 0; // of this browser's clock to the daemon's [ms]

/** The daemon's clock, by which all of it is put in order. */
export function clockIs(iso) {
  offset = Date.parse(iso) - Date.now() || 0;
}

/** Whether a line of the daemon's log tells what is noted here. */
function isTold(note) {
  if (!note.says) return false;
  for (const line of lines.values()) if (Math.abs(line.at - note.at) < AT_ONCE_MS && note.says.every((part) => line.text.includes(part))) return true;
  return false;
}

function row({ at, level, text }) {
  const out = document.createElement('li');
  out.textContent = `${dayAndClock(new Date(at).toISOString())}  ${level && level !== 'info' ? level + ': ' : ''}${text}`;
  if (level && level !== 'info') out.dataset.level = level;
  return out;
}

function draw() {
  const all = notes.filter((note) => !isTold(note)).concat(...lines.values()).sort((a, b) => b.at - a.at).slice(0, MOST_SHOWN); // a stable order: of one moment as they came
  document.getElementById('events').lastElementChild.replaceChildren(...all.map(row));
}

/** says: words that are all in the daemon's line of the same, where it has one. */
export function note(text, time, says) {
  const at = Date.parse(time || '');
  notes.push({ at: Number.isNaN(at) ? Date.now() + offset : at, text, says });
  if (notes.length > MOST_NOTES) notes.shift();
  draw();
}

/** What the daemon remembers; lines that it has forgotten since stay here. */
export async function readLog() {
  const reply = await getJson('api/v1/log');
  for (const { number, time, level, text } of reply.lines) lines.set(`${reply.epoch} ${number}`, { at: Date.parse(time), level, text });
  for (const key of lines.keys()) {
    if (lines.size <= MOST_SHOWN) break;
    lines.delete(key);
  }
  draw();
}
