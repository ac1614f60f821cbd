// A moving chart of a few lines over the last two minutes, drawn on a canvas.

const span = 120_000;

export class Chart {
  #canvas; #series; #points = [];

  /** @param series [{ name, colour: a CSS variable, right: true for a scale of its own at the right edge }] */
  constructor(canvas, series) {
    this.#canvas = canvas;
    this.#series = series;
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
  }

  /** Shows these points, [{ time, values }], and no others. */
  replace(points) {
    this.#points = points;
    this.draw();
  }

  /** Adds values at a time in ms, in the order of the series; null where there is none. */
  add(time, values) {
    this.#points.push({ time, values });
    while (this.#points.length && this.#points[0].time < time - span) this.#points.shift();
    this.draw();
  }

  draw() {
    const canvas = this.#canvas, ratio = devicePixelRatio, width = canvas.clientWidth, height = canvas.clientHeight;
    if (!width) return;
    if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
      canvas.width = width * ratio;
      canvas.height = height * ratio;
    }
    const pen = canvas.getContext('2d'), style = getComputedStyle(canvas);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    if (!this.#points.length) return;
    const now = this.#points.at(-1).time;
    const tops = [false, true].map(right => this.#top(right));
    this.#grid(pen, style, width, height, tops);
    this.#series.forEach((series, i) => {
      pen.strokeStyle = style.getPropertyValue(series.colour);
      pen.lineWidth = 2;
      pen.beginPath();
      let open = false;
      for (const { time, values } of this.#points) {
        if (values[i] == null) { open = false; continue; }
        const x = width - (now - time) / span * width;
        const y = height - 2 - values[i] / tops[series.right ? 1 : 0] * (height - 18);
        open ? pen.lineTo(x, y) : pen.moveTo(x, y);
        open = true;
      }
      pen.stroke();
    });
  }

  #top(right) {
    let most = 0;
    for (const { values } of this.#points) this.#series.forEach((s, i) => { if (!!s.right === right) most = Math.max(most, values[i] ?? 0); });
    const size = 10 ** Math.floor(Math.log10(most || 1));
    return [1, 2, 5, 10].map(n => n * size).find(n => n >= most) || 1;
  }

  #grid(pen, style, width, height, tops) {
    pen.strokeStyle = style.getPropertyValue('--line');
    pen.fillStyle = style.getPropertyValue('--soft');
    pen.font = '11px system-ui';
    pen.lineWidth = 1;
    for (const part of [0, 0.5, 1]) {
      const y = Math.round(height - 2 - part * (height - 18)) + 0.5;
      pen.beginPath(); pen.moveTo(0, y); pen.lineTo(width, y); pen.stroke();
      if (!part) continue;
      pen.textAlign = 'left';
      pen.fillText((tops[0] * part).toLocaleString('en'), 2, y - 3);
      if (this.#series.some(s => s.right)) {
        pen.textAlign = 'right';
        pen.fillText(`${(tops[1] * part).toLocaleString('en')} ms`, width - 2, y - 3);
      }
    }
  }
}
