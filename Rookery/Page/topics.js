// The topics with their subscriptions, and the dead letters of one.

import { byId, element, say } from './dom.js';
import { bytes, number } from './format.js';
import { ask } from './server.js';

const columns = 9;

export function topics() {
  const rows = byId('topic-rows'), known = new Map();
  return ({ topics: list, total }) => {
    say(byId('topics-note'), !total ? 'There is no topic yet: publish below, or with: rookery pub news hello'
      : total > list.length ? `The first ${list.length} of ${number(total)} topics.` : '');

    // Each keeps its row: one that is made anew under the pointer or the focus would take a click, and the focus, with it.
    const wanted = new Map(list.flatMap(topic => (topic.subscriptions.length ? topic.subscriptions : [null])
      .map((subscription, i) => [`${topic.topic} ${subscription?.key ?? ''}`, { topic, subscription, first: !i }])));
    for (const [key, row] of known) {
      if (wanted.has(key)) continue;
      row.remove();
      known.delete(key);
    }
    let next = rows.firstElementChild;
    for (const [key, what] of wanted) {
      const row = known.get(key) ?? element('tr', {}, ...Array.from({ length: columns }, () => element('td')));
      known.set(key, row);
      if (row === next) next = row.nextElementSibling;
      else rows.insertBefore(row, next);
      fill(row, what);
    }
  };
}

/** A subscription of a topic; the first of them tells of the topic, too. */
function fill(row, { topic, subscription: s, first }) {
  const head = row.firstElementChild;
  if (first !== (head.tagName === 'TH')) head.replaceWith(first ? element('th', { scope: 'row', title: topic.topic }) : element('td'));
  const texts = [
    ...(first ? [topic.topic, number(topic.seq), `${number(topic.events)} (${bytes(topic.bytes)})`] : ['', '', '']),
    ...(s ? [s.key, number(s.members), number(s.waiting), number(s.in_flight), number(s.redelivered)] : ['none', '', '', '', '']),
  ];
  texts.forEach((text, i) => say(row.children[i], text));
  row.children[3].classList.toggle('soft', !s);
  const last = row.lastElementChild, key = s?.key;
  if (!s?.dead) say(last, s ? '0' : '');
  else {
    if (!last.firstElementChild) last.replaceChildren(element('button', { type: 'button', onclick: () => letters.open(topic.topic, last.dataset.key) }));
    last.dataset.key = key;
    say(last.firstElementChild, number(s.dead));
    last.firstElementChild.setAttribute('aria-label', `${number(s.dead)} dead letters of ${key} in ${topic.topic}`);
  }
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
