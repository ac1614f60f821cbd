// A moving chart of a few lines over the last two minutes, drawn on a canvas.

import { number } from './format.js';

const span = 120_000;

// What is heard of a chart is told anew this often: not while somebody listens to the words before.
const pace = 5_000;

export class Chart {
  #canvas; #series; #points = []; #title; #told = -Infinity;

  /** @param series [{ name, colour: a CSS variable, right: true for a scale of its own at the right edge }] */
  constructor(canvas, series) {
    this.#canvas = canvas;
    this.#title = canvas.getAttribute('aria-label');
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
    if (time >= this.#told + pace) this.#tell(time);
  }

  /** The same in words, for those who hear the page: the last figure of each line, and its greatest. */
  #tell(time) {
    this.#told = time;
    const words = this.#series.map(({ name }, i) => {
      const values = this.#points.map(point => point.values[i]).filter(value => value != null);
      return values.length ? `${name} ${number(values.at(-1))} now, ${number(Math.max(...values))} at most` : '';
    });
    this.#canvas.setAttribute('aria-label', `${this.#title}: ${words.filter(Boolean).join('; ')}`);
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
    this.#grid(pen, style, width, height);
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
    this.#scale(pen, style, width, height, tops);
  }

  #top(right) {
    let most = 0;
    for (const { values } of this.#points) this.#series.forEach((s, i) => { if (!!s.right === right) most = Math.max(most, values[i] ?? 0); });
    const size = 10 ** Math.floor(Math.log10(most || 1));
    return [1, 2, 5, 10].map(n => n * size).find(n => n >= most) || 1;
  }

  #grid(pen, style, width, height) {
    pen.strokeStyle = style.getPropertyValue('--line');
    pen.lineWidth = 1;
    for (const part of [0, 0.5, 1]) {
      const y = level(part, height);
      pen.beginPath(); pen.moveTo(0, y); pen.lineTo(width, y); pen.stroke();
    }
  }

  /** The figures of the scale, over the lines on a ground of their own: a line through a figure hides both. */
  #scale(pen, style, width, height, tops) {
    pen.font = '11px system-ui';
    for (const part of [0.5, 1]) {
      const y = level(part, height) - 3;
      label((tops[0] * part).toLocaleString('en'), 0);
      if (this.#series.some(s => s.right)) label(`${(tops[1] * part).toLocaleString('en')} ms`, width);

      function label(text, edge) {
        const room = pen.measureText(text).width + 4, left = edge ? edge - room : 0;
        pen.fillStyle = style.getPropertyValue('--card');
        pen.fillRect(left, y - 10, room, 12);
        pen.fillStyle = style.getPropertyValue('--soft');
        pen.fillText(text, left + 2, y);
      }
    }
  }
}

const level = (part, height) => Math.round(height - 2 - part * (height - 18)) + 0.5;
