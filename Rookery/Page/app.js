// Puts the page together: one live stream, handed to the parts.

import { byId, element, say } from './dom.js';
import { clock, duration } from './format.js';
import { follow } from './live.js';
import { token } from './server.js';
import { flow } from './flow.js';
import { tweets } from './tweets.js';
import { pools } from './pools.js';
import { store } from './store.js';
import { moods } from './moods.js';
import { topics } from './topics.js';
import { startConsole } from './console.js';

const parts = [flow(), pools(), store(), moods()];
startConsole();

const promises = { fsync: 'confirmed events survive a loss of power', interval: 'a loss of power may take the last 100 ms', memory: 'events end with the process' };
let seen;

follow('api/live', {
  history(statuses) {
    for (const part of parts) part.past?.(statuses);
  },
  status(status) {
    document.body.classList.toggle('broker-only', !status.tweets);
    say(byId('since'), `running for ${duration(status.uptime_s)} · ${status.version} · ${promises[status.broker.durability] ?? status.broker.durability}`);
    seen = new Date();
    say(byId('broker-port'), String(status.broker.port));
    const troubles = byId('troubles'), texts = status.troubles ?? [];
    if (troubles.textContent !== texts.join('')) troubles.replaceChildren(...texts.map(text => element('p', {}, text)));
    for (const part of parts) part.show(status);
  },
  tweets: tweets(),
  topics: topics(),
  link(state, text) {
    // What stands there is old as soon as nothing new can come, and must not look as if it were now.
    document.body.classList.toggle('stale', state === 'lost' && !!seen);
    byId('link').dataset.state = state;
    say(byId('link'), state === 'lost' && seen ? `${text} The figures are those of ${clock(seen)}.` : text);
  },
  token: askForToken,
});

byId('sign-in').addEventListener('click', () => byId('token').showModal());

/** Asks for a token, and waits until there is one. */
function askForToken(reason) {
  byId('link').dataset.state = 'lost';
  say(byId('link'), reason);
  byId('sign-in').hidden = false;
  const dialog = byId('token');
  if (!dialog.open) dialog.showModal();
  return new Promise(done => dialog.addEventListener('close', () => {
    if (dialog.returnValue !== 'ok') return;
    token.set(dialog.querySelector('input').value);
    byId('sign-in').hidden = true;
    done();
  }));
}
