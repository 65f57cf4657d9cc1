// The signing page. No code but ours runs here.
import "../live.js";
import "../ages.js";
import "../dialogs.js";
import { isLive } from "../live.js";
import { differing, fetchChange, sixWords } from "./bytes.js";
import { watchAsking } from "./asking.js";
import { override, Refused, sign } from "./ceremony.js";
import { ask, changed, follow } from "./follow.js";
import { again, fromTheTop } from "./again.js";
import { calm, isLocked, lock, say, setState, showWords, trouble } from "./page.js";
import { watchOverriding, watchReviewing } from "./overriding.js";
import { allRead, sectionsSeen, viewedMs, watchReading } from "./reading.js";
import { watchReceipt } from "./receipt.js";
import { watchRejecting } from "./rejecting.js";
import { watchStopping } from "./stopping.js";
import { watchWithdrawing } from "./withdrawing.js";

const { request, digest, words } = document.body.dataset;
let attempt = null;

async function check() {
  const change = await fetchChange(digest);
  if (change.digest !== digest) {
    return lock("These are not the bytes that would be signed", "What this browser received has another fingerprint. Do not sign. Tell whoever runs this console.");
  }
  const wrong = differing(change.bytes);
  if (wrong.length) lock("The page does not show what would be signed", `Different from the change itself: ${wrong.join(", ")}. Do not sign.`);
  showWords(await sixWords(change.digest, words), change.digest);
  for (const one of document.querySelectorAll("[data-words-of]")) one.textContent = `${(await sixWords(one.dataset.wordsOf, words)).slice(0, 2).join(" ")} …`;
  document.body.dataset.checked = "";
}

function mayStart() {
  if (isLocked() || "unknown" in document.body.dataset) return false;
  if (!isLive()) trouble("Not live", "The connection is gone, so this page may be out of date. Signing waits until it is back.");
  else if (!("checked" in document.body.dataset)) trouble("Not checked yet", "The fingerprint is still being computed on this device.");
  else return true;
  return false;
}

async function decide(decision, comment) {
  if (!mayStart() || (decision === "approve" && !allRead())) return;
  const delegation = document.getElementById("for")?.value ?? "";
  return ceremony((given) => sign({ ...given, decision, comment, delegation }));
}

function chosenKey() {
  const chosen = document.getElementById("key");
  return { id: chosen.value, credential: (chosen.selectedOptions?.[0] ?? chosen).dataset.credential };
}

async function ceremony(make) {
  calm();
  attempt = new AbortController();
  const before = document.body.dataset.state;
  setState("asking");
  try {
    await make({ request, digest, key: chosenKey(), viewedMs: viewedMs(), sectionsSeen: sectionsSeen(), signal: attempt.signal });
    again();
  } catch (error) {
    setState(before);
    await explain(error);
  }
}

async function explain(error) {
  if (error instanceof Refused) return trouble("Not signed", error.message);
  if (error.name === "AbortError") return say("Cancelled. Nothing was signed.");
  if (error.name === "NotAllowedError") return trouble("Not signed", "The passkey did not answer, or you said no. Nothing was sent.");
  trouble("We do not know yet", "The connection was lost while your signature was on its way. The server is being asked; do not sign again.");
  document.body.dataset.unknown = "";
  await untilKnown();
  delete document.body.dataset.unknown;
}

// Ask until there is an answer; meanwhile nothing can be signed.
async function untilKnown() {
  for (;;) {
    const now = await ask().catch(() => null);
    if (now && changed(now)) return again();
    if (now) return trouble("Not signed", "The server has no signature of yours. You may try again.");
    await new Promise((done) => setTimeout(done, 1_000));
  }
}

fromTheTop();
watchReading();
follow();
document.getElementById("approve")?.addEventListener("click", () => decide("approve", ""));
document.getElementById("cancel")?.addEventListener("click", () => attempt?.abort());
watchRejecting((comment) => decide("reject", comment));
watchWithdrawing(() => decide("revoke", ""));
watchReceipt(request);
watchAsking();
watchStopping(request);
watchOverriding((words) => mayStart() && ceremony((given) => override({ ...given, reason: words })));
watchReviewing(chosenKey);
check().catch((error) => lock("The change could not be checked", `${error.message} Signing waits until it can be.`));
