// The panel beside an opened record: what this browser found when it checked the bytes itself.
import { Malformed } from "./bytes.js";
import { drawPath } from "./draw.js";
import { digits } from "./head.js";
import { checkLine, icon, made } from "./marks.js";
import { forget } from "./memory.js";
import { checkRecord } from "./record.js";
import { Unanswered } from "./source.js";

const clock = () => new Date().toISOString().slice(11, 19);

function headline(seq, checks, ownKey) {
  const name = `Record ${digits(seq)}`;
  if (checks.some((one) => one.state === "bad")) return ["bad", `${name} is not what was signed`];
  const open = checks.find((one) => one.state === "new" && one.title.startsWith("Not yet"));
  if (open) return ["new", `${name}: not yet under a checkpoint`];
  return ["good", ownKey ? `${name} is intact, by this computer's own key` : `${name} is intact`];
}

function show(panel, seq, { checks, ownKey }, took) {
  const [state, words] = headline(seq, checks, ownKey);
  const title = panel.querySelector("h2");
  const mark = made("span", "", state === "bad" ? "hot" : state === "good" ? "ver-ok" : "");
  mark.append(icon(state === "good" ? "shield" : state));
  title.replaceChildren(mark, words);
  const said = `Checked in this browser at ${clock()} UTC, in ${Math.round(took)} ms, from the bytes that it received.`;
  panel.querySelector("#checked").textContent = state === "bad" ? `${said} Trust nothing here until it is explained.` : said;
  panel.dataset.checked = state;
  const lines = checks.map((check) => {
    const line = checkLine(check);
    if (check.drawn) line.lastElementChild.append(drawPath(check.drawn, digits));
    if (check.forgettable) line.lastElementChild.append(forgetting(panel));
    return line;
  });
  panel.querySelector("#checks").replaceChildren(...lines);
  document.getElementById("say").textContent = words;
}

function forgetting(panel) {
  const button = made("button", "Forget what this browser remembers", "btn btn-sm");
  button.type = "button";
  button.addEventListener("click", () => {
    forget();
    check(panel);
  });
  return button;
}

function fail(panel, title, text) {
  panel.dataset.checked = "unknown";
  panel.querySelector("#checked").textContent = "Not checked in this browser.";
  panel.querySelector("#checks").replaceChildren(checkLine({ state: "new", title, text }));
}

export async function check(panel) {
  const seq = Number(panel.dataset.seq);
  if (!globalThis.crypto?.subtle) {
    return fail(panel, "This browser cannot check at this address", "It offers its cryptography over HTTPS or on localhost alone. Export and run python -m proof.");
  }
  const began = performance.now();
  try {
    show(panel, seq, await checkRecord(seq), performance.now() - began);
  } catch (error) {
    if (error instanceof Unanswered) fail(panel, "Not checked", error.message);
    else if (error instanceof Malformed) show(panel, seq, { checks: [{ state: "bad", title: "What the server sent is malformed", text: error.message }] }, performance.now() - began);
    else throw error;
  }
}
