// Publishing and subscribing by hand.

import { byId, element, say } from './dom.js';
import { ask, events } from './server.js';

const most = 200;

export function startConsole() {
  byId('publish').addEventListener('submit', async event => {
    event.preventDefault();
    const form = event.target.elements;
    try {
      const { seq } = await ask('POST', `api/topics/${encodeURIComponent(form.topic.value)}/events`, {
        id: form.id.value, priority: Number(form.priority.value), msg: valueOf(form.msg.value),
      });
      say(byId('published'), `stored as event ${seq} of ${form.topic.value}`);
      if (/^\d+$/.test(form.id.value)) form.id.value = Number(form.id.value) + 1;
    } catch (fault) {
      say(byId('published'), fault.message);
    }
  });

  let ending = new AbortController();
  const stop = byId('unsubscribe');
  stop.addEventListener('click', () => ending.abort());
  byId('subscribe').addEventListener('submit', async event => {
    event.preventDefault();
    ending.abort();
    const mine = ending = new AbortController();
    const { topic, from } = event.target.elements;
    let ended = 'it is gone';
    stop.disabled = false;
    byId('events').replaceChildren();
    say(byId('subscribed'), `subscribing to ${topic.value}`);
    try {
      for await (const { event, data } of events(`api/topics/${encodeURIComponent(topic.value)}/events?from=${from.value}`, mine.signal)) {
        if (event !== 'message') {
          // Only now does the subscription stand: what is published from here on comes.
          if (event === 'session') say(byId('subscribed'), `listening to ${JSON.parse(data).topic}`);
          if (event === 'end') ended = JSON.parse(data).reason;
          continue;
        }
        byId('events').prepend(element('li', {}, data));
        while (byId('events').children.length > most) byId('events').lastElementChild.remove();
      }
      say(byId('subscribed'), `the server ended the stream: ${ended}`);
    } catch (fault) {
      if (mine === ending) say(byId('subscribed'), mine.signal.aborted ? 'stopped' : fault.message);
    }
    if (mine === ending) stop.disabled = true;
  });
}

/** What was typed, as JSON where it is some, else as text. */
function valueOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
