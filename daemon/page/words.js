// Numbers and times as people read them. A number with an error has two digits of it, and as many decimals.

export function decimalsOf(sigma) {
  return sigma > 0 ? Math.min(9, Math.max(0, 1 - Math.floor(Math.log10(sigma)))) : 4;
}

/** "2.62431" and "0.00007": both with the error's decimals. */
export function pair(value, sigma) {
  if (!Number.isFinite(value)) return ['–', ''];
  const decimals = decimalsOf(sigma);
  return [value.toFixed(decimals).replace('-', '−'), Number.isFinite(sigma) ? sigma.toFixed(decimals) : ''];
}

export function plusMinus(value, sigma, unit = '') {
  const [v, s] = pair(value, sigma);
  return v + (s ? ' ± ' + s : '') + (unit && v !== '–' ? ' ' + unit : '');
}

export function short(x, digits = 3) {
  if (!Number.isFinite(x)) return '–';
  if (Math.abs(x) >= 1e6) return Number((x / 1e6).toPrecision(digits)) + ' M';
  return String(Number(x.toPrecision(digits)));
}

export function seconds(s) {
  if (!Number.isFinite(s)) return '–';
  if (s < 1) return Math.round(s * 1000) + ' ms';
  if (s < 90) return s.toFixed(s < 10 ? 1 : 0) + ' s';
  if (s < 5400) return Math.floor(s / 60) + ' min ' + String(Math.round(s % 60)).padStart(2, '0') + ' s';
  return (s / 3600).toFixed(1) + ' h';
}

export function bytes(n) {
  if (!(n > 0)) return '–';
  const unit = n >= 1e12 ? [1e12, 'TB'] : n >= 1e9 ? [1e9, 'GB'] : n >= 1e6 ? [1e6, 'MB'] : [1e3, 'kB'];
  return (n / unit[0]).toPrecision(3) + ' ' + unit[1];
}

export function clock(iso) {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? '–' : at.toLocaleTimeString('en-GB');
}

/** The time of day, and the day where it is another one. */
export function dayAndClock(iso) {
  const at = new Date(iso), other = at.toDateString() !== new Date().toDateString();
  return (other && !Number.isNaN(at.getTime()) ? at.toLocaleDateString('sv-SE') + ' ' : '') + clock(iso);
}

export const UNIT_WORDS = { '1/angstrom': 'Å⁻¹', '1/angstrom^2': 'Å⁻²', '1/angstrom^3': 'Å⁻³', angstrom: 'Å' };
