// How live fragments are merged into the page: what the person has opened, chosen or is typing stays as it is.

const theirs = (name, element) =>
  (name === "open" && /^(DETAILS|DIALOG)$/.test(element.tagName)) ||
  (name === "aria-current" && element.matches(".q-row, .rec tr")) ||
  (name === "hidden" && element.id === "new");

if (window.Idiomorph) {
  Idiomorph.defaults.ignoreActiveValue = true;
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) => !theirs(name, element);
  // an open dialog stays as it is: what somebody has chosen or typed in it is not set back under their hand
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (node) => node.id !== "new-n" && !node.matches?.("dialog[open]");
}
