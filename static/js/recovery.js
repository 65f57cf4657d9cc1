// Hand the root to people: make the recovery key here, show it once, have it typed again, ask for the draft.
import { get, post, reason } from "./sign/calls.js";
import { newSeed, publicOf, seedOf, wordsOf } from "./recovery-key.js";

const url = document.getElementById("main").dataset.words;
const form = document.getElementById("hand-over");
const once = document.getElementById("recovery-once");
let made = null;

function tell(where, text, bad = false) {
  const said = where.querySelector("[data-said]");
  said.textContent = text;
  said.classList.toggle("lit", bad);
}

async function ask(recovery) {
  const draft = await post("/api/v1/registry/drafts/", { change: "threshold", recovery });
  location.assign(`/keys/drafts/${draft.id}/`);
}

async function begin(event) {
  event.preventDefault();
  try {
    if (!form.recovery.checked) return await ask("");
    made = newSeed();
    const items = (await wordsOf(made, url)).map((word) => Object.assign(document.createElement("li"), { textContent: word }));
    document.getElementById("recovery-words").replaceChildren(...items);
    once.hidden = false;
    tell(form, "Shown once. Nothing is asked for until you have typed them again.");
  } catch (error) {
    tell(form, `Not asked for. ${reason(error)}`, true);
  }
}

async function confirm() {
  try {
    const typed = await seedOf(document.getElementById("retyped").value, url);
    if (String(typed) !== String(made)) throw new Error("These are not the words that were shown.");
    const { pem } = await publicOf(typed);
    document.getElementById("recovery-words").replaceChildren();
    document.getElementById("retyped").value = "";
    made = null;
    once.hidden = true;
    await ask(pem);
  } catch (error) {
    tell(form, `Not asked for. ${reason(error)}`, true);
  }
}

async function prove(event) {
  event.preventDefault();
  const readable = event.target;
  try {
    const { id } = await publicOf(await seedOf(readable.words.value, url));
    readable.words.value = "";
    const { root } = await get("/api/v1/registry/");
    const fits = root.some((key) => key.kind === "recovery" && key.key_id === id);
    tell(readable, fits ? "Readable: these words are the recovery key of the root." : "These words are another key than the root's.", !fits);
  } catch (error) {
    tell(readable, reason(error), true);
  }
}

form?.addEventListener("submit", begin);
document.getElementById("recovery-confirm")?.addEventListener("click", confirm);
document.getElementById("readable")?.addEventListener("submit", prove);
