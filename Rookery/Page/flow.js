// What passed each stage per second: figures and their chart.

import { byId, figures } from './dom.js';
import { Chart } from './chart.js';
import { number } from './format.js';

const stages = [
  ['in', '--c1', s => s.tweets?.in], ['scored', '--c2', s => s.tweets?.scored], ['stored', '--c3', s => s.tweets?.stored],
  ['published', '--c4', s => s.broker.published], ['delivered', '--c5', s => s.broker.delivered],
];

export function flow() {
  const chart = new Chart(byId('flow-chart'), stages.map(([name, colour]) => ({ name, colour })));
  let before;
  return { show, past };

  /** Draws what passed while nobody looked. */
  function past(statuses) {
    before = undefined;
    chart.replace(statuses.slice(1).map((status, i) => ({ time: status.time, values: growth(statuses[i], status) })));
  }

  function show(status) {
    if (before && status.time > before.time) {
      const rates = growth(before, status);
      figures(byId('rates'), stages.flatMap(([name, colour], i) => rates[i] == null ? [] : [[`${name} /s`, number(rates[i]), `var(${colour})`]])
        .concat(status.tweets ? [['waiting', number(status.tweets.waiting)], ['crashes', number(status.tweets.crashes)]] : [])
        .concat([['connections', number(status.broker.connections)]]));
      chart.add(status.time, rates);
    }
    before = status;
  }
}

/** What each stage grew by between two statuses, per second; null where there is no such stage. */
function growth(before, status) {
  const seconds = (status.time - before.time) / 1000;
  return stages.map(([, , of]) => of(status) == null || !(seconds > 0) ? null : Math.max(0, (of(status) - (of(before) ?? 0)) / seconds));
}
