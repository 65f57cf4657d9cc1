// How live fragments are merged into the page: what the person has opened, chosen or is typing stays as it is.

const theirs = (name, element) =>
  (name === "open" && /^(DETAILS|DIALOG)$/.test(element.tagName)) ||
  (name === "aria-current" && element.matches(".q-row, .rec tr")) ||
  (name === "hidden" && element.id === "new");

if (window.Idiomorph) {
  Idiomorph.defaults.ignoreActiveValue = true;
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) => !theirs(name, element);
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (node) => node.id !== "new-n";
}
