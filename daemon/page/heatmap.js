// A map of numbers in colours: its scale beside it, what is not a number hatched, what is marked crossed out.
import { colour, mapColours } from './colours.js';
import { short } from './words.js';

const FONT = '12px system-ui, "DejaVu Sans", sans-serif';

const MOST_SORTED = 2048;

/** Limits that a few odd values do not move: 2 % and 98 %, of very many of some thousands that lie evenly among them (in golden ratios). */
export function robustLimits(values) {
  const n = values.length, some = new Float64Array(Math.min(n, MOST_SORTED));
  for (let i = 0; i < some.length; ++i) some[i] = n <= MOST_SORTED ? values[i] : values[Math.floor(((i * 0.6180339887498949) % 1) * n)];
  const sorted = some.filter(Number.isFinite).sort();
  if (sorted.length === 0) return [0, 1];
  const at = (part) => sorted[Math.round(part * (sorted.length - 1))];
  const [low, high] = [at(0.02), at(0.98)];
  return low < high ? [low, high] : [low - Math.abs(low) * 0.01 - 1e-9, high + Math.abs(high) * 0.01 + 1e-9];
}

export class HeatMap {
  /** options: {onPick(row, col), onOpen(row, col): by click or Enter, label: what a screen reader is told, square: cells of equal sides}. */
  constructor(host, options) {
    Object.assign(this, { host, options, content: null, picked: null, size: [0, 0] });
    this.canvas = document.createElement('canvas');
    this.canvas.className = 'heat';
    this.canvas.setAttribute('role', 'img');
    this.canvas.setAttribute('aria-label', options.label);
    host.append(this.canvas);
    new ResizeObserver(() => {
      this.size = [host.clientWidth, host.clientHeight]; // asked elsewhere, the page would be laid out anew for it
      this.draw();
    }).observe(host);
    if (options.onPick) {
      this.canvas.tabIndex = 0;
      this.canvas.addEventListener('click', (event) => this.pickAt(event));
      this.canvas.addEventListener('keydown', (event) => this.step(event));
    }
  }

  /** {values, rows, cols, low, high, crossed: Uint8Array | null, x, y, z: labels, xs: [first, last] of the columns, ys} */
  set(content) {
    this.content = content;
    this.draw();
  }

  clear() {
    this.content = this.picked = null;
    this.canvas.getContext('2d').clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  frame() {
    const [w, h] = this.size, { rows, cols } = this.content;
    const box = { left: 52, top: 8, width: w - 52 - 84, height: h - 8 - 34 };
    if (!this.options.square) return box;
    const cell = Math.min(box.width / cols, box.height / rows);
    return { left: box.left, top: box.top, width: Math.max(cell * cols, Math.min(box.width, 60)), height: Math.max(cell * rows, Math.min(box.height, 60)) };
  }

  draw() {
    const [w, h] = this.size;
    if (!this.content || w < 150 || h < 70) return;
    const ratio = devicePixelRatio || 1, { canvas } = this, context = canvas.getContext('2d');
    const [width, height] = [Math.round(w * ratio), Math.round(h * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      Object.assign(canvas, { width, height });
      context.font = FONT; // it stays; to set it each time would have the page's styles worked out each time
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, w, h);
    const box = this.frame();
    this.cells(context, box);
    this.axes(context, box);
    this.scale(context, box);
  }

  cells(context, box) {
    const { values, rows, cols, low, high, crossed } = this.content, table = mapColours();
    const image = new ImageData(cols, rows), pixels = new Uint32Array(image.data.buffer), scale = 255 / (high - low);
    const packed = Uint32Array.from(table, ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r); // bytes r, g, b, a
    for (let i = 0; i < rows * cols; ++i) {
      const at = (values[i] - low) * scale;
      if (Number.isFinite(at)) pixels[i] = packed[at <= 0 ? 0 : at >= 255 ? 255 : (at + 0.5) | 0];
    }
    if (!this.small || this.small.canvas.width !== cols || this.small.canvas.height !== rows) this.small = new OffscreenCanvas(cols, rows).getContext('2d');
    this.small.putImageData(image, 0, 0);
    context.fillStyle = this.hatch(context);
    context.fillRect(box.left, box.top, box.width, box.height);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.small.canvas, box.left, box.top, box.width, box.height);
    const cw = box.width / cols, ch = box.height / rows;
    if (crossed) {
      context.strokeStyle = colour('bad');
      context.lineWidth = 1;
      context.beginPath();
      for (let i = 0; i < rows * cols; ++i) {
        if (!crossed[i]) continue;
        const x = box.left + (i % cols) * cw, y = box.top + Math.floor(i / cols) * ch, m = Math.min(cw, ch) * 0.22;
        context.moveTo(x + m, y + m);
        context.lineTo(x + cw - m, y + ch - m);
        context.moveTo(x + cw - m, y + m);
        context.lineTo(x + m, y + ch - m);
      }
      context.stroke();
    }
    context.strokeStyle = colour('edge');
    context.strokeRect(box.left, box.top, box.width, box.height);
    if (this.picked) {
      const [row, col] = this.picked;
      context.strokeStyle = colour('focus');
      context.lineWidth = 3;
      context.strokeRect(box.left + col * cw - 1, box.top + row * ch - 1, cw + 2, ch + 2);
    }
  }

  hatch(context) {
    const stroke = colour('zero');
    if (this.hatched && this.hatched.stroke === stroke) return this.hatched.pattern;
    const c = new OffscreenCanvas(8, 8).getContext('2d');
    c.strokeStyle = stroke;
    c.lineWidth = 1;
    c.moveTo(-2, 6);
    c.lineTo(6, -2);
    c.moveTo(2, 10);
    c.lineTo(10, 2);
    c.stroke();
    this.hatched = { stroke, pattern: context.createPattern(c.canvas, 'repeat') };
    return this.hatched.pattern;
  }

  axes(context, box) {
    const { rows, cols, x, y, xs = [0, cols - 1], ys = [0, rows - 1] } = this.content;
    context.fillStyle = colour('text');
    context.textBaseline = 'top';
    context.textAlign = 'center';
    const most = Math.max(1, Math.min(4, Math.floor(box.width / 70)));
    if (this.options.square) { // whole numbers, in the middle of their cells
      for (let c = 0, step = Math.max(1, Math.ceil((cols - 1) / most)); c < cols; c += step) context.fillText(String(c), box.left + ((c + 0.5) * box.width) / cols, box.top + box.height + 3);
    } else {
      for (let i = 0; i <= most; ++i) context.fillText(short(xs[0] + ((xs[1] - xs[0]) * i) / most), box.left + (box.width * i) / most, box.top + box.height + 3);
    }
    context.fillText(x, box.left + box.width / 2, box.top + box.height + 18);
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    context.fillText(String(ys[0]), box.left - 5, box.top + 6);
    context.fillText(String(ys[1]), box.left - 5, box.top + box.height - 6);
    context.save();
    context.translate(12, box.top + box.height / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = 'center';
    context.fillText(y, 0, 0);
    context.restore();
  }

  scale(context, box) {
    const { low, high, z } = this.content, table = mapColours(), left = box.left + box.width + 12, height = Math.min(Math.max(box.height, 80), this.size[1] - 42);
    for (let i = 0; i < height; ++i) {
      const [r, g, b] = table[Math.round((1 - i / height) * 255)];
      context.fillStyle = `rgb(${r} ${g} ${b})`;
      context.fillRect(left, box.top + i, 12, 1.5);
    }
    context.fillStyle = colour('text');
    context.textAlign = 'left';
    const digits = Math.min(8, Math.max(3, Math.ceil(Math.log10(Math.max(Math.abs(low), Math.abs(high)) / (high - low || 1))) + 2));
    for (const [part, base] of [[0, 'bottom'], [0.5, 'middle'], [1, 'top']]) {
      context.textBaseline = base;
      context.fillText(short(low + (high - low) * part, digits), left + 16, box.top + height * (1 - part));
    }
    context.textBaseline = 'top';
    context.fillText(z, left, box.top + height + 18);
  }

  pickAt(event) {
    if (!this.content) return;
    const area = this.canvas.getBoundingClientRect(), box = this.frame(), { rows, cols } = this.content;
    const col = Math.floor(((event.clientX - area.left - box.left) / box.width) * cols), row = Math.floor(((event.clientY - area.top - box.top) / box.height) * rows);
    if (row >= 0 && row < rows && col >= 0 && col < cols) {
      this.pick(row, col);
      this.open();
    }
  }

  pick(row, col) {
    this.picked = [row, col];
    this.draw();
    this.options.onPick(row, col);
  }

  open() {
    if (this.options.onOpen) this.options.onOpen(...this.picked);
  }

  step(event) {
    if (event.key === 'Enter' && this.content && this.picked) return this.open();
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }, move = moves[event.key];
    if (!move || !this.content) return;
    event.preventDefault();
    event.stopPropagation();
    const { rows, cols } = this.content, [row, col] = this.picked || [0, 0];
    this.pick(Math.max(0, Math.min(rows - 1, row + move[0])), Math.max(0, Math.min(cols - 1, col + move[1])));
  }
}
