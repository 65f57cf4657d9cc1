// Enrol a passkey: the browser makes it, it signs that it is held, an older one signs for it; then it is asked for.
import { ownPasskeys, signAct } from "./acts.js";
import { create } from "./credentials.js";
import { post, reason } from "./sign/calls.js";

const form = document.getElementById("enrol-form");
const said = document.getElementById("enrol-said");
const more = document.getElementById("enrol-more");

function tell(text, bad = false) {
  said.textContent = text;
  said.classList.toggle("lit", bad);
}

function step(number) {
  document.querySelectorAll("#ways > li").forEach((item, at) => {
    item.classList.toggle("done", at + 1 < number);
    item.classList.toggle("now", at + 1 === number);
  });
}

const prove = (found, key) =>
  signAct({ kind: "prove-possession", subject: found.subject, particulars: found.particulars, key });

async function vouched(found) {
  const older = (await ownPasskeys()).filter((key) => key.id !== found.key_id);
  if (!found.owes.includes("own-key") || older.length === 0) return found;
  step(4);
  tell("Now an older key of yours signs for the new one. Not enrolled yet.");
  return (await prove(found, older[0])).result;
}

function settle(found) {
  const next = form.dataset.next;
  if (found.state === "LISTED") location.assign(next.startsWith("/approvals/") ? next : "/keys/");
  else if (found.state === "DRAFTED") location.assign("/keys/?asked=1#cosign");
  else {
    more.hidden = false;
    more.dataset.key = found.key_id;
    more.dataset.owes = found.owes.join(" ");
    tell("Held, and not enrolled yet. It still needs somebody's word that it is yours.", true);
  }
}

async function enrol(event) {
  event.preventDefault();
  tell("Waiting for your passkey. Not enrolled yet.");
  try {
    const options = await post("/api/v1/keys/registration-options/", {});
    const found = await post("/api/v1/keys/", { credential: await create(options), label: form.label.value.trim() });
    step(3);
    tell("Made. Touch it once more, so that it signs that you hold it. Not enrolled yet.");
    const key = { id: found.key_id, credential: found.credential_id };
    settle(await vouched((await prove(found, key)).result));
  } catch (error) {
    tell(`Not enrolled. ${reason(error)}`, true);
  }
}

async function go(path, body) {
  try {
    settle(await post(`/api/v1/keys/${more.dataset.key}/${path}/`, body));
  } catch (error) {
    tell(`Not enrolled. ${reason(error)}`, true);
  }
}

form?.addEventListener("submit", enrol);
document.getElementById("invited")?.addEventListener("submit", (event) => {
  event.preventDefault();
  go("invitation", { code: event.target.code.value });
});
document.getElementById("lost")?.addEventListener("click", () => go("loss", {}));
