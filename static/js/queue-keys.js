// J K Enter A T and 1 to 4 on the queue.
import { onKey } from "./keyboard.js";

const rows = () => [...document.querySelectorAll(".q-row")];
const current = () => document.querySelector(".q-row[aria-current]");

function choose(row) {
  if (!row) return;
  current()?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  row.querySelector(".q-title").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(current());
  choose(all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))]);
  return true;
}

function takeOver() {
  const row = current();
  const dialog = document.getElementById("take-over-ask");
  if (!row || !dialog) return false;
  dialog.querySelector("form[method=post]").action = `/incidents/${row.dataset.id}/taking-over/`;
  dialog.querySelector("h2 span").textContent = row.querySelector(".q-title").textContent;
  dialog.showModal();
  return true;
}

if (document.querySelector("[data-ordered], .page[data-open]")) { // the first page turns into the queue without a reload
  onKey({
    j: () => step(1),
    k: () => step(-1),
    a: () => {
      const row = current() ?? document.querySelector(".q-row[data-review]");
      if (!row?.dataset.review) return false;
      location.assign(row.dataset.review);
      return true;
    },
    t: takeOver,
    ...Object.fromEntries([1, 2, 3, 4].map((n) => [String(n), () => (document.querySelector(`[data-view="${n}"]`)?.click(), true)])),
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === document.body) current()?.querySelector(".q-title").click();
  });
}
