// The live stream of the page: reconnects by itself, with growing pauses, and says how it is.

import { events } from './server.js';

/** @param handlers one function per event name, and link(state, text) */
export async function follow(path, handlers) {
  let pause = 500;
  for (;;) {
    try {
      for await (const { event, data } of events(path)) {
        pause = 500;
        handlers.link('open', 'live');
        handlers[event]?.(JSON.parse(data));
      }
      handlers.link('lost', 'The server ended the stream; connecting again …');
    } catch (fault) {
      if (fault.status === 401 || fault.status === 403) await handlers.token(fault.message);
      else handlers.link('lost', 'No connection to the server; trying again …');
    }
    await new Promise(done => setTimeout(done, pause));
    pause = Math.min(pause * 2, 8000);
  }
}
