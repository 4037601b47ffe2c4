// Curves on each other's axes.

/** b on a's axis: itself where they are the same, else linear in between; NaN beyond it. */
export function onAxis(x, fromX, fromY) {
  if (!fromX || !fromY) return null;
  const out = new Float64Array(x.length);
  for (let i = 0, j = 0; i < x.length; ++i) {
    const at = x[i];
    if (fromX[i] === at) {
      out[i] = fromY[i];
      continue;
    }
    while (j + 2 < fromX.length && fromX[j + 1] < at) ++j;
    const part = (at - fromX[j]) / (fromX[j + 1] - fromX[j]);
    out[i] = part >= 0 && part <= 1 ? fromY[j] + (fromY[j + 1] - fromY[j]) * part : NaN;
  }
  return out;
}

/** of(a, b), number by number; NaN where there is no b. */
function both(a, b, of) {
  const out = new Float64Array(a.length).fill(NaN);
  if (b) for (let i = 0; i < a.length; ++i) out[i] = of(a[i], b[i]);
  return out;
}
export const minus = (a, b) => both(a, b, (p, q) => p - q);
export const squareSum = (a, b) => both(a, b, (p, q) => Math.sqrt(p * p + q * q));
