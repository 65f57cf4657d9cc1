// Revoke a key: one signature of one's own, by any key; the time since when it was lost becomes a record's number.
import { ownPasskeys, reason, signAct } from "./acts.js";
import { get } from "./sign/calls.js";

async function since(form) {
  if (form.why.value !== "lost or stolen" || !form.since.value) return "";
  const { index } = await get(`/api/v1/keys/ledger-index/?at=${form.since.value}:00Z`);
  return index < 0 ? "" : String(index);
}

async function revoke(event) {
  const form = event.target.closest("form.revoke");
  if (!form) return;
  event.preventDefault();
  const said = form.querySelector("[data-said]");
  said.classList.remove("lit");
  said.textContent = "Waiting for your passkey. Not revoked yet.";
  try {
    const key = (await ownPasskeys()).find((own) => own.id === form.with.value);
    const particulars = { compromised_since: await since(form), reason: form.why.value };
    await signAct({ kind: "revoke-key", subject: `key:${form.dataset.key}`, particulars, key });
    location.reload();
  } catch (error) {
    said.textContent = `Not revoked. ${reason(error)}`;
    said.classList.add("lit");
  }
}

document.addEventListener("submit", revoke);
