// Figures and times as people read them.

const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export const number = value => value < 100_000 ? whole.format(Math.round(value)) : short.format(value);

export function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${value < 10 && unit ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export function duration(seconds) {
  const parts = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  const first = parts.findIndex(([size]) => seconds >= size);
  if (first < 0) return '0 s';
  return parts.slice(first, first + 2)
    .map(([size, name], i) => [Math.floor((i ? seconds % parts[first][0] : seconds) / size), name])
    .filter(([count], i) => count || !i).map(([count, name]) => `${count} ${name}`).join(' ');
}

export const clock = time => time.toLocaleTimeString('en', { hour12: false });

export const score = value => value == null ? '–' : (value > 0 ? '+' : '') + value.toFixed(2);

/** A colour for a sentiment of −5 to 5, most of which are near 0: red, grey, green. */
export function mood(value) {
  if (value == null || Math.abs(value) < 0.02) return 'var(--line)';
  const strength = Math.min(1, 0.35 + Math.abs(value) / 1.5);
  return `color-mix(in srgb, var(${value > 0 ? '--good' : '--bad'}) ${Math.round(strength * 100)}%, var(--line))`;
}
