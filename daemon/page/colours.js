// Themes and colour scales. Curves take the theme's properties; maps take cividis, which everybody can read.

const THEMES = ['dark', 'light', 'red'];

export function preferredTheme() {
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}

const known = new Map(); // of the theme: asking the style sheet may have it worked out anew

export function applyTheme(name) {
  known.clear();
  document.documentElement.dataset.theme = THEMES.includes(name) ? name : preferredTheme();
}

export function nextTheme() {
  return THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length];
}

export function colour(name) {
  if (!known.has(name)) known.set(name, getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim());
  return known.get(name);
}

// Cividis at 9 places (Nunez, Anderton and Renslow, PLoS ONE 13 (2018) e0199239), linear in between.
const CIVIDIS = ['#00224e', '#1a386f', '#434e6c', '#61656f', '#7d7c78', '#9b9477', '#bbad6d', '#dec958', '#fee838'];
const RED = ['#180303', '#3a0a08', '#5e1310', '#831d18', '#a82a23', '#cc3d33', '#e85a4e', '#ff8478', '#ffc1b9'];

const MAP = Symbol('the colours of maps');
const parse = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

/** 256 colours as [r, g, b]. */
export function mapColours() {
  if (!known.has(MAP)) known.set(MAP, makeMapColours());
  return known.get(MAP);
}

function makeMapColours() {
  const stops = (document.documentElement.dataset.theme === 'red' ? RED : CIVIDIS).map(parse);
  return Array.from({ length: 256 }, (_, i) => {
    const at = (i / 255) * (stops.length - 1), low = Math.min(stops.length - 2, Math.floor(at)), part = at - low;
    return stops[low].map((c, k) => Math.round(c + (stops[low + 1][k] - c) * part));
  });
}
