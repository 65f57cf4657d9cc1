// The audit page: the opened record is checked at once, all records when somebody asks for it.
import { checkHead, digits } from "./head.js";
import { check } from "./panel.js";
import { watchWalking } from "./walking.js";

async function look() {
  const panel = document.getElementById("record");
  if (panel) {
    panel.querySelector("#check-again").addEventListener("click", () => check(panel));
    return check(panel);
  }
  const place = document.getElementById("head-said");
  if (!place || !globalThis.crypto?.subtle) return;
  const { checks, head } = await checkHead();
  const wrong = checks.find((one) => one.state === "bad");
  place.hidden = false;
  place.classList.toggle("hot", Boolean(wrong));
  place.textContent = wrong ? `${wrong.title}. ${wrong.text}` : `checkpoint ${digits(head.size)} checked by this browser`;
}

const quietly = () => look().catch((error) => console.warn(`not checked: ${error.message}`));
document.addEventListener("htmx:afterSwap", quietly);
watchWalking();
quietly();
