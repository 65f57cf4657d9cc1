// Verify all: the dialog that walks the records, shows how far it is, and names the first break with its neighbours.
import { Malformed, textOf } from "./bytes.js";
import { checkHead, digits } from "./head.js";
import { checkLine, made } from "./marks.js";
import { rememberWalk, remembered } from "./memory.js";
import { Unanswered } from "./source.js";
import { Broken, walk } from "./walk.js";

const $ = (id) => document.getElementById(id);
let attempt = null;
let top = null;

function told(record) {
  if (record.seq === null) return ["", "none", ""];
  if (!record.body) return [digits(record.seq), "missing", ""];
  try {
    const said = JSON.parse(textOf(record.body));
    return [digits(record.seq), `${said.verb} of ${said.subject}, ${said.at.slice(0, 19).replace("T", " ")} UTC, by ${said.actor}`, record.leaf_hash];
  } catch {
    return [digits(record.seq), "its bytes cannot be read", record.leaf_hash];
  }
}

function neighbours({ before, here, after }) {
  const table = made("table", "", "around");
  for (const [name, record] of [["Before", before], ["Here", here], ["After", after]]) {
    const [seq, words, hash] = told(record);
    const row = made("tr", "", name === "Here" ? "hot" : "");
    const about = made("td", words);
    if (hash) about.append(made("code", hash));
    row.append(made("th", name), made("td", seq, "seq"), about);
    table.append(row);
  }
  return table;
}

function end(state, title, text, ...more) {
  $("walk-out").replaceChildren(checkLine({ state, title, text }), ...more);
  $("walk").dataset.found = state;
  $("walk-go").hidden = false;
  $("walk-cancel").hidden = true;
  $("walk-bar").hidden = true;
  $("say").textContent = title;
}

function broken(error) {
  const both = made("dl", "", "both");
  for (const [term, value] of [["Expected", error.expected], ["Found", error.found]]) both.append(made("dt", term), made("dd", value, "mono"));
  const item = made("li", "", "is-wide");
  item.append(both, neighbours(error));
  item.append(made("p", "This page never repairs. Keep the database as it is, restore a copy beside it, and run ./manage.py audit fsck on both; whoever holds an older export or checkpoint can show what stood here."));
  end("bad", error.message, error.why ?? "The first record that differs, with its neighbours.", item);
}

async function go() {
  attempt = new AbortController();
  $("walk").dataset.found = "";
  $("walk-out").replaceChildren();
  $("walk-go").hidden = true;
  $("walk-cancel").hidden = false;
  $("walk-bar").hidden = false;
  const began = performance.now();
  try {
    top = await checkHead(attempt.signal);
    const wrong = top.checks.find((one) => one.state === "bad");
    const [start, until] = range(top.head.size);
    const progress = (size) => {
      $("walk-bar").max = until - start;
      $("walk-bar").value = Math.min(size, until) - start;
      $("walk-far").textContent = `${digits(size)} of ${digits(top.head.size)}`;
    };
    progress(start);
    const known = remembered()?.walked;
    const found = await walk({ start, end: until, head: top.head, keys: top.keys, known, progress, signal: attempt.signal });
    if (wrong) return end("bad", wrong.title, wrong.text);
    const at = new Date().toISOString();
    if (start === 0 || known?.size === start) rememberWalk({ size: found.size, hashes: found.hashes, at });
    const whose = top.ownKey ? ", by this computer's own key" : "";
    const took = ((performance.now() - began) / 1000).toFixed(1);
    end("good", `Records ${digits(start)} to ${digits(found.size - 1)} are intact${whose}`, `Each was hashed again in this browser, at ${at.slice(11, 19)} UTC in ${took} s, and the tree over them is the one that was signed.`);
    summary();
  } catch (error) {
    if (error instanceof Broken) broken(error);
    else if (error.name === "AbortError") end("new", "Cancelled", `Nothing was found up to ${$("walk-far").textContent}.`);
    else if (error instanceof Unanswered || error instanceof Malformed) end("new", "Not finished", error.message);
    else throw error;
  }
}

function range(size) {
  const number = (id, otherwise) => (/^\d+$/.test($(id).value.trim()) ? Number($(id).value) : otherwise);
  const start = Math.max(0, Math.min(number("walk-from", 0), size - 1));
  return [start, Math.max(start + 1, Math.min(number("walk-to", size - 1) + 1, size))];
}

function summary() {
  const walked = remembered()?.walked;
  $("walk-known").hidden = !walked;
  if (walked) $("walk-known-words").textContent = `This browser walked ${digits(walked.size)} records at ${walked.at.slice(0, 19).replace("T", " ")} UTC.`;
}

export function watchWalking() {
  if (!$("walk")) return;
  summary();
  $("walk-go").addEventListener("click", go);
  $("walk-cancel").addEventListener("click", () => attempt?.abort());
  $("walk").addEventListener("close", () => attempt?.abort());
  $("walk-new").addEventListener("click", () => {
    $("walk-from").value = remembered()?.walked?.size ?? 0;
    $("walk-to").value = "";
  });
}
