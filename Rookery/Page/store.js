// The store: its health, the size of its batches against the time they take, and its switch.

import { byId, figures, once, say } from './dom.js';
import { Chart } from './chart.js';
import { number } from './format.js';
import { ask } from './server.js';

const words = { ok: 'writing', paused: 'paused by you: tweets wait, then the streams do', down: 'down: tweets wait, it is tried again' };

export function store() {
  const chart = new Chart(byId('store-chart'), [{ name: 'tweets in a batch', colour: '--c3' }, { name: 'milliseconds to write it', colour: '--c4', right: true }]);
  const button = byId('store-switch'), line = byId('store-state');
  button.addEventListener('click', async () => {
    say(byId('store-said'), await once(button, () => ask('POST', `api/pipeline/${button.dataset.does}`), 'The store was not switched'));
  });
  return { show, past };

  /** Draws what was written while nobody looked. */
  function past(statuses) {
    chart.replace(statuses.filter(status => status.tweets?.store).map(status => ({ time: status.time, values: values(status.tweets.store) })));
  }

  function show(status) {
    const store = status.tweets?.store;
    byId('store').hidden = !store;
    if (!store) return;
    say(line, store.reason ? `${words[store.state]} (${store.reason})` : words[store.state]);
    line.className = { ok: 'good', paused: 'warn', down: 'bad' }[store.state];
    button.dataset.does = store.state === 'paused' ? 'resume' : 'pause';
    say(button, store.state === 'paused' ? 'Resume' : 'Pause');
    chart.add(status.time, values(store));
    figures(byId('store-figures'), [
      ['tweets in the last batch', number(store.batch), 'var(--c3)'], ['ms per write', number(store.write_ms), 'var(--c4)'],
      ['next batch at most', number(store.next_batch)], ['stored in all', number(store.stored)]]);
  }
}

const values = store => [store.batch, store.write_ms];
