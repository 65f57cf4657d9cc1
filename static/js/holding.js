// Shift H asks whether to hold all agents, on every page; the acts are signed with a passkey.
import { ownPasskeys, reason, signAct } from "./acts.js";
import { free } from "./keyboard.js";

addEventListener("keydown", (event) => {
  if (!free(event) || !event.shiftKey || event.key !== "H") return;
  event.preventDefault();
  document.getElementById(document.getElementById("held") ? "release" : "hold")?.showModal();
}, { capture: true });

async function go(dialog) {
  const said = dialog.querySelector("[data-said]");
  const tell = (text) => {
    said.hidden = false;
    said.lastElementChild.textContent = text;
  };
  try {
    const [key] = await ownPasskeys();
    if (!key) return tell("You have no passkey here. Enrol one on the page of keys, or ask somebody who has one.");
    await signAct({ kind: dialog.dataset.act, subject: dialog.dataset.subject, key });
    location.reload();
  } catch (error) {
    tell(reason(error));
  }
}

for (const dialog of document.querySelectorAll("dialog[data-act]")) {
  dialog.querySelector("[data-go]").addEventListener("click", () => go(dialog));
}
