// How this page looks at things: kept in the address, so that a view can be shared, and in the browser.

const DEFAULTS = { theme: '', tab: 'S', log: '', only: '', map: 'q1', trend: 'frames', rows: 'S', ref: '' };
const KEY = 'sqd-view';

export const view = { ...DEFAULTS };
const listeners = [];

function known(entries) {
  return Object.fromEntries(Object.entries(entries).filter(([key, value]) => key in DEFAULTS && typeof value === 'string' && value.length < 100));
}

export function loadView() {
  let stored = {};
  try {
    stored = JSON.parse(localStorage.getItem(KEY) || '{}');
  } catch { /* what cannot be read is left */ }
  Object.assign(view, known(stored), known(Object.fromEntries(new URLSearchParams(location.hash.slice(1)))));
}

export function setView(changes) {
  Object.assign(view, changes);
  const { ref, ...kept } = view; // a reference belongs to a beamtime, not to a browser
  localStorage.setItem(KEY, JSON.stringify(kept));
  const different = Object.entries(view).filter(([key, value]) => value !== DEFAULTS[key]);
  history.replaceState(null, '', '#' + new URLSearchParams(different));
  for (const listener of listeners) listener(changes);
}

export function onView(listener) {
  listeners.push(listener);
}
