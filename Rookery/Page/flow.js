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
  return status => {
    if (before && status.time > before.time) {
      const seconds = (status.time - before.time) / 1000;
      const rates = stages.map(([, , of]) => of(status) == null ? null : Math.max(0, (of(status) - (of(before) ?? 0)) / seconds));
      figures(byId('rates'), stages.flatMap(([name, colour], i) => rates[i] == null ? [] : [[`${name} /s`, number(rates[i]), `var(${colour})`]])
        .concat(status.tweets ? [['waiting', number(status.tweets.waiting)], ['crashes', number(status.tweets.crashes)]] : [])
        .concat([['connections', number(status.broker.connections)]]));
      chart.add(status.time, rates);
    }
    before = status;
  };
}
