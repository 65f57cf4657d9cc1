// Dialogs whose verb is an act that a passkey signs; Shift H opens the one that holds all agents, on every page.
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
    const fields = [...dialog.querySelectorAll("[data-particular]")];
    const particulars = Object.fromEntries(fields.map((field) => [field.dataset.particular, field.value.trim()]));
    await signAct({ kind: dialog.dataset.act, subject: dialog.dataset.subject, particulars, key });
    location.reload();
  } catch (error) {
    tell(reason(error));
  }
}

document.addEventListener("click", (event) => {
  const dialog = event.target.closest("[data-go]")?.closest("dialog[data-act]");
  if (dialog) go(dialog);
});
