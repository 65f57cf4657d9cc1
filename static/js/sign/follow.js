// What happens to the request while somebody reads: the verb is locked first, then the page says why.
import { lock, say } from "./page.js";

const { request, digest, state, have } = document.body.dataset;

export async function ask() {
  const response = await fetch(`/approvals/${request}/state/`, { cache: "no-store", headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

export function changed(now) {
  return now.digest !== digest || now.page !== state || String(now.have) !== have;
}

export function follow() {
  const look = async () => {
    if (document.body.dataset.state === "asking") return;
    const now = await ask().catch(() => null);
    if (!now || !changed(now)) return;
    if (now.page !== state) lock("This changed while you were reading", "The page shows in a moment what is asked now.");
    say("This request changed. The page is shown again.");
    location.reload();
  };
  document.body.addEventListener(`live:request:${request}`, look);
  document.body.addEventListener("live:again", look);
}
