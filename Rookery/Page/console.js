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
      tell(byId('published'), `stored as event ${seq} of ${form.topic.value}`);
      if (/^\d+$/.test(form.id.value)) form.id.value = Number(form.id.value) + 1;
    } catch (fault) {
      tell(byId('published'), `not stored: ${fault.message}`, true);
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
    tell(byId('subscribed'), `subscribing to ${topic.value}`);
    try {
      for await (const { event, data } of events(`api/topics/${encodeURIComponent(topic.value)}/events?from=${from.value}`, mine.signal)) {
        if (event !== 'message') {
          // Only now does the subscription stand: what is published from here on comes.
          if (event === 'session') tell(byId('subscribed'), `listening to ${JSON.parse(data).topic}`);
          if (event === 'end') ended = JSON.parse(data).reason;
          continue;
        }
        byId('events').prepend(element('li', {}, data));
        while (byId('events').children.length > most) byId('events').lastElementChild.remove();
      }
      if (mine === ending) tell(byId('subscribed'), `the server ended the stream: ${ended}`, true);
    } catch (fault) {
      if (mine === ending) tell(byId('subscribed'), mine.signal.aborted ? 'stopped' : fault.message, !mine.signal.aborted);
    }
    if (mine === ending) stop.disabled = true;
  });
}

/** Says what came of it, and shows where that is nothing good. */
function tell(output, text, isBad = false) {
  output.classList.toggle('bad', isBad);
  say(output, text);
}

/** What was typed, as JSON where it is some, else as text. */
function valueOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
