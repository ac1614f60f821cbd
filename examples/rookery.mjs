#!/usr/bin/env node
// Subscribes to a topic, prints what comes, acknowledges it. usage: rookery.mjs [topic] [count] [host:port]
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const [topic = 'tweets', count = '10', address = '127.0.0.1:8000'] = process.argv.slice(2);
const connection = connect(Number(address.split(':').pop()), address.slice(0, address.lastIndexOf(':')));
const say = line => connection.write(`${line}\n`);
say(`hello ${JSON.stringify({ as: 'example-node', quiet: true, meta: true })}`);
say(`sub ${topic} ${JSON.stringify({ window: 100, from: 'start' })}`);
let received = 0;
for await (const line of createInterface({ input: connection })) {
  if (line.startsWith('error')) { console.error(line); process.exit(1); }
  if (!line.startsWith('{') || received >= Number(count)) continue;
  const event = JSON.parse(line);
  console.log(JSON.stringify(event.msg));
  say(`ack ${topic} #${event.seq}`);
  if (++received === Number(count)) say('quit'); // the server closes once it has all of it
}
