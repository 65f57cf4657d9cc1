// The page of a standing approval: what is shown is hashed here, and nothing is signed that commits to another text.
import "../live.js";
import "../ages.js";
import "../dialogs.js";
import { isLive } from "../live.js";
import { again, fromTheTop } from "./again.js";
import { sixWords } from "./bytes.js";
import { post, reason, Refused } from "./calls.js";
import { filled } from "./ceremony.js";
import { bytesOf, hex, sha256 } from "./encoding.js";
import { say, setState, showWords, trouble } from "./page.js";
import { sidecar } from "./passkey.js";

const { standing, digest, words } = document.body.dataset;
const $ = (id) => document.getElementById(id);
const opened = performance.now();
const path = `/api/v1/standing-approvals/${standing}`;
let attempt = null;

function chosenKey() {
  const chosen = $("key");
  return { id: chosen.value, credential: (chosen.selectedOptions?.[0] ?? chosen).dataset.credential };
}

async function signed(decision, comment, key, signal) {
  const template = await post(`${path}/statements/`, { decision, key_id: key.id, comment });
  const text = filled(template.statement, Math.round(performance.now() - opened), ["text"]);
  const { subject, predicate } = JSON.parse(text);
  const shown = hex(await sha256(bytesOf($("standing-text").textContent)));
  const about = subject[0].digest.sha256 === digest && subject[0].name === `standing/${standing}`;
  if (!about || predicate.decision !== decision || predicate.key_id !== key.id) {
    throw new Refused("The server handed out a statement about something else. Nothing was signed.");
  }
  if (predicate.render_sha256 !== shown) throw new Refused("The statement commits to another text than this page shows. Nothing was signed.");
  return sidecar({ payload: bytesOf(text), payloadType: template.payload_type, key, signal });
}

async function decide(decision, comment) {
  if (!isLive()) return trouble("Not live", "The connection is gone, so this page may be out of date. Signing waits until it is back.");
  attempt = new AbortController();
  setState("asking");
  try {
    await post(`${path}/decisions/`, { comment, sidecar: await signed(decision, comment, chosenKey(), attempt.signal) });
    again();
  } catch (error) {
    setState("ready");
    if (error.name === "AbortError") return say("Cancelled. Nothing was signed.");
    trouble("Not signed", reason(error));
  }
}

fromTheTop();
sixWords(digest, words).then((six) => showWords(six, digest));
$("approve")?.addEventListener("click", () => decide("approve", ""));
$("cancel")?.addEventListener("click", () => attempt?.abort());
$("reject-go")?.addEventListener("click", () => {
  const text = $("reject-words").value.trim();
  $("reject-missing").hidden = text.length >= 8;
  if (text.length < 8) return;
  $("reject").close();
  decide("reject", text);
});
