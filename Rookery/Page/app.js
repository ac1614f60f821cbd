// Puts the page together: one live stream, handed to the parts.

import { byId, element, say } from './dom.js';
import { duration } from './format.js';
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

follow('api/live', {
  history(statuses) {
    for (const part of parts) part.past?.(statuses);
  },
  status(status) {
    document.body.classList.toggle('broker-only', !status.tweets);
    say(byId('since'), `running for ${duration(status.uptime_s)} · ${status.version} · ${status.broker.durability}`);
    say(byId('broker-port'), String(status.broker.port));
    const troubles = byId('troubles'), texts = status.troubles ?? [];
    if (troubles.textContent !== texts.join('')) troubles.replaceChildren(...texts.map(text => element('p', {}, text)));
    for (const part of parts) part.show(status);
  },
  tweets: tweets(),
  topics: topics(),
  link(state, text) {
    byId('link').dataset.state = state;
    say(byId('link'), text);
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
