// The latest tweets with their scores, at a pace people can read.

import { byId, element, say } from './dom.js';
import { mood, number, score } from './format.js';

const most = 40;

// A stream writes these three as entities, and a person reads them as they were typed; the rest of the text is shown as it is.
const typed = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };
const plain = text => text.replace(/&(?:amp|lt|gt);/g, entity => typed[entity]);

export function tweets() {
  const list = byId('tweet-list'), hold = byId('tweets-hold');
  let held = false;
  hold.addEventListener('click', () => {
    held = !held;
    hold.setAttribute('aria-pressed', held);
    say(hold, held ? 'Go on' : 'Hold');
  });
  return batch => {
    // Who reads with the pointer or the keyboard in the list must not lose the place.
    if (held || list.matches(':hover, :focus-within, :focus')) return;
    for (const tweet of batch) {
      list.prepend(element('li', { '--mood': mood(tweet.sentiment) },
        element('p', {}, plain(tweet.text)),
        element('p', { class: 'soft' },
          `@${tweet.user || 'unknown'} · sentiment ${score(tweet.sentiment)} · engagement ${tweet.engagement?.toPrecision(2) ?? '–'}`
          + (tweet.retweets ? ` · ${number(tweet.retweets)} retweets` : ''))));
    }
    while (list.children.length > most) list.lastElementChild.remove();
  };
}
