// Emergency override: a reason in words first, then the passkey. And its review by others, signed too.
import { signAct } from "../acts.js";
import { again } from "./again.js";
import { reason } from "./calls.js";

const $ = (id) => document.getElementById(id);
const SHORTEST = 20;

export function watchOverriding(go) {
  $("override-go")?.addEventListener("click", () => {
    const text = $("override-words").value.trim();
    $("override-missing").hidden = text.length >= SHORTEST;
    if (text.length < SHORTEST) return $("override-words").focus();
    $("override").close();
    go(text);
  });
}

export function watchReviewing(chosenKey) {
  const box = document.querySelector(".review");
  box?.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-verdict]");
    if (!button) return;
    const { statement } = box.dataset;
    const particulars = { override: statement, verdict: button.dataset.verdict, note: $("review-words").value.trim() };
    try {
      await signAct({ kind: "review-override", subject: `override:${statement}`, particulars, key: chosenKey() });
      again();
    } catch (error) {
      $("review-said").hidden = false;
      $("review-said").lastElementChild.textContent = reason(error);
    }
  });
  for (const button of box?.querySelectorAll("[data-verdict]") ?? []) button.disabled = false; // before, a click was lost
}
