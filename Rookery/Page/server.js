// Talks to the server: requests, the token of this tab, and streams of server-sent events that may carry it.

const kept = 'rookery-token';

export const token = {
  get: () => sessionStorage.getItem(kept),
  set: value => sessionStorage.setItem(kept, value),
};

function headers(more) {
  return token.get() ? { ...more, authorization: `Bearer ${token.get()}` } : { ...more };
}

/** Asks, and gives the JSON that is answered; what goes wrong is thrown as a sentence. */
export async function ask(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: headers(body === undefined ? {} : { 'content-type': 'application/json' }),
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Error('the server does not answer');
  }
  const text = await response.text();
  const answer = text ? JSON.parse(text) : null;
  if (!response.ok) {
    const fault = new Error(answer?.error ?? `${response.status} ${response.statusText}`);
    fault.status = response.status;
    throw fault;
  }
  return answer;
}

/**
 * Reads a stream of server-sent events until the signal ends it. With fetch, not EventSource: that cannot carry a token.
 * Yields { event, id, data }.
 */
export async function* events(path, signal, lastEventId) {
  const more = lastEventId ? { accept: 'text/event-stream', 'last-event-id': lastEventId } : { accept: 'text/event-stream' };
  const response = await fetch(path, { headers: headers(more), signal }).catch(fault => { throw signal?.aborted ? fault : new Error('the server does not answer'); });
  if (!response.ok) {
    const fault = new Error((await response.json().catch(() => null))?.error ?? `${response.status}`);
    fault.status = response.status;
    throw fault;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read().catch(fault => { throw signal?.aborted ? fault : new Error('the connection to the server was lost'); });
    if (done) return;
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const one = { event: 'message', id: undefined, data: '' };
      for (const line of block.split('\n')) {
        const colon = line.indexOf(':');
        if (colon > 0) one[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
      }
      if (one.data) yield one;
    }
  }
}
