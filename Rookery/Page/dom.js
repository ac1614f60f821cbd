// The few things the parts of the page do to the document. Text goes in as text, never as HTML.

export const byId = id => document.getElementById(id);

/** An element with attributes and children; a string child becomes text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    if (key.startsWith('--')) made.style.setProperty(key, value);
    else if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children);
  return made;
}

/** Sets a text only where it differs, so that a screen reader is not told the same again. */
export function say(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** Does what a button is for, which it does not do a second time meanwhile. Gives a sentence where it fails, else ''. */
export async function once(button, work, failed) {
  const had = document.activeElement === button;
  button.disabled = true;
  try {
    await work();
    return '';
  } catch (fault) {
    return `${failed}: ${fault.message}.`;
  } finally {
    button.disabled = false;
    // A browser takes the focus from what is disabled; who uses the keyboard would begin at the top again.
    if (had) button.focus();
  }
}

/** Rows of a <dl>: the terms are made once, then only their values change. */
export function figures(list, entries) {
  while (list.children.length > entries.length) list.lastElementChild.remove();
  entries.forEach(([term, value, colour], i) => {
    const row = list.children[i] ?? list.appendChild(element('div', {}, element('dt'), element('dd')));
    say(row.firstChild, term);
    say(row.lastChild, value);
    row.classList.toggle('line', !!colour);
    if (colour) row.style.setProperty('--swatch', colour);
  });
}
