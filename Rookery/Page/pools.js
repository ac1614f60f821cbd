// The pools of workers: one dot a worker, what waits, and the crashes; and the button that sends a kill message.

import { byId, element, once, say } from './dom.js';
import { number } from './format.js';
import { ask } from './server.js';

const mostDots = 64;

export function pools() {
  const rows = new Map();
  byId('kill').addEventListener('click', async event => {
    say(byId('kill-said'), await once(event.currentTarget, () => ask('POST', 'api/pipeline/kill'), 'The kill message was not taken'));
  });
  return { show };

  function show(status) {
    for (const pool of status.tweets?.pools ?? []) {
      const row = rows.get(pool.stage) ?? add(pool.stage);
      const dots = row.querySelector('.dots');
      while (dots.children.length > Math.min(pool.workers, mostDots)) dots.lastElementChild.remove();
      while (dots.children.length < Math.min(pool.workers, mostDots)) dots.append(element('i'));
      row.classList.toggle('crashed', pool.crashes > row.crashes);
      row.crashes = pool.crashes;
      say(row.querySelector('.count'), `${pool.workers} worker${pool.workers === 1 ? '' : 's'}`);
      const meter = row.querySelector('meter');
      meter.max = Math.max(meter.max, pool.waiting, 100);
      meter.value = pool.waiting;
      say(row.querySelector('.waiting'), `${number(pool.waiting)} waiting, ${number(pool.crashes)} crashes`);
    }
  }

  function add(stage) {
    const row = element('div', { class: 'pool' },
      element('strong', {}, stage), element('div', { class: 'dots', 'aria-hidden': 'true' }), element('span', { class: 'count' }),
      element('meter', { min: 0, max: 100, 'aria-label': `Work waiting for ${stage}` }), element('p', { class: 'soft waiting' }));
    row.crashes = Infinity;
    rows.set(stage, row);
    byId('pool-list').append(row);
    return row;
  }
}
