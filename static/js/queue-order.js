// Nothing moves under a finger: values change in place, but new rows and a changed order wait behind "n new" (N).
// Only a row that starts to wait for this person comes at once, at the end of its group.
import { onKey } from "./keyboard.js";

let waiting = 0;
let all = false;
let announced = 0;

const rowsOf = (root) => new Map([...root.querySelectorAll(".q-row")].map((row) => [row.id, row]));

function hold(fresh) {
  const now = rowsOf(document);
  const next = rowsOf(fresh);
  const heldBack = [...next.values()].filter((row) => !now.has(row.id) && !("mine" in row.dataset));
  heldBack.forEach((row) => row.remove());
  let moved = false;
  for (const group of document.querySelectorAll("[data-group]")) {
    const target = fresh.querySelector(`[data-group="${group.dataset.group}"]`);
    if (!target) continue;
    const kept = [...group.querySelectorAll(".q-row")].map((row) => next.get(row.id)).filter(Boolean)
      .filter((row) => !("mine" in row.dataset) || group.dataset.group === "waiting");
    const others = [...target.querySelectorAll(".q-row")].filter((row) => !kept.includes(row));
    moved ||= kept.some((row) => row.closest("[data-group]") !== target);
    others.filter((row) => now.has(row.id) && !("mine" in row.dataset)).forEach((row) => (moved = true));
    target.append(...kept, ...others.filter((row) => "mine" in row.dataset));
  }
  for (const group of fresh.querySelectorAll("[data-group]")) if (!group.querySelector(".q-row")) group.remove();
  return { count: heldBack.length, moved };
}

function pill(count, moved) {
  waiting = count;
  const button = document.getElementById("new");
  if (!button) return;
  button.hidden = !count && !moved;
  document.getElementById("new-n").textContent = count ? `${count} new` : "New order";
  if ((count || moved) && Date.now() - announced > 10_000) {
    announced = Date.now();
    const mine = document.querySelectorAll(".q-row[data-mine]").length;
    const text = `${count} new${mine ? `, ${mine} wait for you` : ""}`;
    document.getElementById("say").textContent = text;
  }
}

const isRefresh = (event) => event.detail.requestConfig?.triggeringEvent?.type?.startsWith("live:") && event.target.id === "main";

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!document.querySelector("#q .q-row:not(.settled)")) return;
  const fresh = new DOMParser().parseFromString(event.detail.serverResponse, "text/html").querySelector("[data-ordered]");
  if (!fresh) return;
  const held = isRefresh(event) && !all ? hold(fresh) : { count: 0, moved: false };
  all = false;
  event.detail.serverResponse = fresh.outerHTML;
  queueMicrotask(() => setTimeout(() => pill(held.count, held.moved)));
});

function showAll() {
  if (document.getElementById("new")?.hidden ?? true) return false;
  all = true;
  document.getElementById("main").dispatchEvent(new CustomEvent("show-new"));
  return true;
}

onKey({ n: showAll });
document.addEventListener("click", (event) => event.target.closest("#new") && showAll());
