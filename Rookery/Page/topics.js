// The topics with their subscriptions, and the dead letters of one.

import { byId, element, say } from './dom.js';
import { bytes, number } from './format.js';
import { ask } from './server.js';

export function topics() {
  const rows = byId('topic-rows');
  return ({ topics: list, total }) => {
    // Rows are rebuilt, but not under a button that has the focus.
    if (rows.contains(document.activeElement)) return;
    say(byId('topics-note'), total > list.length ? `The first ${list.length} of ${number(total)} topics.` : '');
    rows.replaceChildren(...list.flatMap(topic => {
      const subscriptions = topic.subscriptions.length ? topic.subscriptions : [null];
      return subscriptions.map((subscription, i) => element('tr', {},
        element(i ? 'td' : 'th', i ? {} : { scope: 'row', title: topic.topic }, i ? '' : topic.topic),
        element('td', {}, i ? '' : number(topic.seq)),
        element('td', {}, i ? '' : `${number(topic.events)} (${bytes(topic.bytes)})`),
        ...(subscription ? cells(topic.topic, subscription) : [element('td', { class: 'soft' }, 'none'), ...Array.from({ length: 5 }, () => element('td'))])));
    }));
  };
}

function cells(topic, s) {
  const dead = s.dead ? element('button', { type: 'button', onclick: () => letters.open(topic, s.key) }, number(s.dead)) : '0';
  return [s.key, number(s.members), number(s.waiting), number(s.in_flight), number(s.redelivered), dead].map(cell => element('td', {}, cell));
}

const letters = {
  path: '',

  async open(topic, key) {
    this.path = `api/topics/${encodeURIComponent(topic)}/subscriptions/${encodeURIComponent(key)}/dead`;
    say(byId('dead-title'), `Dead letters of ${key} in ${topic}`);
    byId('dead').showModal();
    await this.show();
  },

  async show() {
    await this.attempt(async () => {
      const { letters, total } = await ask('GET', this.path);
      byId('dead-list').replaceChildren(...letters.map(letter => element('li', {},
        `#${letter.seq} ${JSON.stringify(letter.id)} after ${letter.tries} ${letter.tries === 1 ? 'try' : 'tries'}, priority ${letter.priority}: ${JSON.stringify(letter.msg)} `,
        element('button', { type: 'button', onclick: () => this.act('POST', `/replay?seq=${letter.seq}`) }, 'Replay'))));
      return total ? `${number(total)} in all` : 'There are none.';
    });
  },

  // What is dropped is gone for good: asked for once, it has to be meant twice.
  async discard(button) {
    if (button.dataset.sure === undefined) {
      button.dataset.sure = '';
      say(button, 'Discard all for good?');
      return;
    }
    this.calm();
    await this.act('DELETE', '');
  },

  calm() {
    delete byId('dead-discard').dataset.sure;
    say(byId('dead-discard'), 'Discard all');
  },

  async act(method, what) {
    let said = '';
    await this.attempt(async () => said = `${number((await ask(method, this.path + what)).count)} done. `);
    if (said) await this.show();
  },

  async attempt(work) {
    try {
      say(byId('dead-said'), await work());
    } catch (fault) {
      say(byId('dead-said'), fault.message);
    }
  },
};

byId('dead-replay').addEventListener('click', () => letters.act('POST', '/replay'));
byId('dead-discard').addEventListener('click', event => letters.discard(event.currentTarget));
byId('dead-discard').addEventListener('blur', () => letters.calm());
byId('dead-close').addEventListener('click', () => byId('dead').close());
