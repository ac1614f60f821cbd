// How sentiments and hashtags of the last minute are distributed.

import { byId, element, say } from './dom.js';
import { mood, number } from './format.js';

export function moods() {
  const bars = byId('sentiment-bars'), tags = byId('hashtag-list');
  return { show };

  function show(status) {
    const bins = status.tweets?.sentiment ?? [];
    const most = Math.max(1, ...bins.map(bin => bin.count)), all = Math.max(1, bins.reduce((sum, bin) => sum + bin.count, 0));
    bins.forEach((bin, i) => {
      const bar = bars.children[i] ?? bars.appendChild(element('div', {}, element('i'), element('span')));
      bar.firstChild.style.height = `calc((100% - 1.4em) * ${bin.count / most})`;
      bar.firstChild.style.setProperty('--mood', mood(bin.from <= 0 && bin.to > 0 ? 0 : (bin.from + bin.to) / 2));
      bar.title = `${bin.from} to ${bin.to}: ${number(bin.count)} (${(bin.count / all * 100).toFixed(1)} %)`;
      say(bar.lastChild, i === bins.length - 1 ? String(bin.to) : i % 2 ? '' : String(bin.from));
    });
    bars.setAttribute('role', 'img');
    bars.setAttribute('aria-label', bins.map(bin => `${bin.from} to ${bin.to}: ${bin.count}`).join('; '));

    const top = status.tweets?.hashtags ?? [];
    while (tags.children.length > top.length) tags.lastElementChild.remove();
    top.forEach((tag, i) => {
      const row = tags.children[i] ?? tags.appendChild(element('li', {}, element('span'), element('span', { class: 'soft' })));
      row.style.setProperty('--share', `${tag.count / top[0].count * 100}%`);
      say(row.firstChild, `#${tag.tag}`);
      say(row.lastChild, tag.error ? `${number(tag.count)} (at most ${number(tag.error)} too many)` : number(tag.count));
    });
  }
}
