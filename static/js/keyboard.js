// When a single letter is a command: not in fields, not under a dialog, not with a modifier.
export const free = (event) =>
  !event.defaultPrevented && !event.metaKey && !event.ctrlKey && !event.altKey &&
  !event.target.closest?.("input, textarea, select, [contenteditable]") && !document.querySelector("dialog[open]");

export function onKey(handlers) {
  addEventListener("keydown", (event) => {
    if (!free(event)) return;
    const handler = handlers[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (handler && handler(event) !== false) event.preventDefault();
  });
}
