// The pages of sources: J and K walk the rows, 1 to 6 choose a view, the list of kinds is narrowed by typing, and a
// secret that is shown once is copied by a button.
import { onKey } from "./keyboard.js";

const rows = () => [...document.querySelectorAll("tr[data-row]")];
const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

function step(by) {
  const all = rows();
  if (!all.length) return false;
  const at = all.findIndex((row) => row.contains(document.activeElement));
  all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))].querySelector("a").focus();
  return true;
}

function narrow() {
  const asked = words(document.getElementById("kind-filter").value);
  let shown = 0;
  for (const kind of document.querySelectorAll("#kinds .kind")) {
    kind.hidden = !asked.every((word) => kind.dataset.words.includes(word));
    shown += kind.hidden ? 0 : 1;
  }
  document.getElementById("no-kind").hidden = shown > 0;
}

async function copy(button) {
  const shown = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(shown.textContent);
    button.lastElementChild.textContent = "Copied";
    document.getElementById("say").textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(shown);
    button.lastElementChild.textContent = "Selected: copy it with Ctrl C";
  }
}

onKey({
  j: () => step(1),
  k: () => step(-1),
  ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [String(n), () => (document.querySelector(`[data-view="${n}"]`)?.click(), true)])),
});
document.getElementById("kind-filter")?.addEventListener("input", narrow);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
  event.target.closest("[data-have]")?.closest("[data-once]").remove();
  if (event.target.closest("#all-kinds")) {
    document.getElementById("kind-filter").value = "";
    narrow();
  }
});
