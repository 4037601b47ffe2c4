// Keys, and the page that tells them.

const KEYS = [
  ['F', 'freeze: hold what is shown, or go on', 'freeze'], ['R', 'pin what is shown as the reference', 'pin'], ['Shift R', 'forget the reference', 'unpin'],
  ['L', 'logarithmic I(q), or linear', 'log'], ['A', 'show all: axes fit the data', 'autoscale'], ['← →', 'the result before, the next one', null], ['1 … 6', 'one panel alone, or all', null],
  ['E', 'export: save what is shown', 'export'], ['D', 'dark, light, red night', 'theme'], ['?', 'this', 'help'], ['Esc', 'the curve of a point goes; all panels; close', null],
];
const MOUSE = [['wheel', 'zoom (with Shift: upwards alone, with Alt: along alone)'], ['drag', 'move'], ['Ctrl drag', 'zoom to a box'], ['double click', 'show all'], ['click in the map', 'what that point has, and its curve in I(q); by keys: arrows, Enter']];

export function showHelp() {
  const dialog = document.getElementById('help-dialog'), list = document.createElement('table'), body = list.createTBody();
  for (const [key, meaning] of [...KEYS, ...MOUSE]) {
    const row = body.insertRow();
    row.insertCell().append(Object.assign(document.createElement('kbd'), { textContent: key }));
    row.insertCell().textContent = meaning;
  }
  const words = Object.assign(document.createElement('p'), { textContent: 'Numbers after ± are one standard deviation of counting; what else limits a number stands beside it. Looking is free: nothing here changes the measurement but "Change the measurement".' });
  const close = Object.assign(document.createElement('button'), { textContent: 'Close', onclick: () => dialog.close() });
  const title = Object.assign(document.createElement('h2'), { id: 'help-title', textContent: 'Keys and mouse' });
  const row = Object.assign(document.createElement('div'), { className: 'row' });
  row.append(close);
  dialog.replaceChildren(title, list, words, row);
  dialog.showModal();
}

export function listenToKeys(acts) {
  const letters = Object.fromEntries(KEYS.filter(([key, , act]) => act && key.length === 1).map(([key, , act]) => [key.toLowerCase(), act]));
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest('input, select, textarea, dialog')) return;
    const key = event.key.toLowerCase();
    if (key === 'r' && event.shiftKey) return acts.unpin();
    if (/^[1-6]$/.test(key)) return acts.only(Number(key));
    if (key === 'escape') return acts.all();
    if (key === 'arrowleft' && !event.target.closest('summary, button')) return acts.back();
    if (key === 'arrowright' && !event.target.closest('summary, button')) return acts.forward();
    if (letters[key]) {
      event.preventDefault();
      acts[letters[key]]();
    }
  });
}
