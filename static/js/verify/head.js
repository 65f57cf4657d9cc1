// The newest signed head, held against the one that this browser remembers: only ever longer, never other.
import { equal, hex, unhex } from "./bytes.js";
import { verifyConsistency } from "./merkle.js";
import { remembered, rememberHead } from "./memory.js";
import { isSigned, openNote } from "./note.js";
import { fetchConsistency, fetchHead } from "./source.js";

export const short = (bytes) => {
  const text = typeof bytes === "string" ? bytes : hex(bytes);
  return `${text.slice(0, 4)} ${text.slice(4, 8)} ${text.slice(8, 12)} ${text.slice(12, 16)} … ${text.slice(-4)}`;
};
export const digits = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");

const line = ({ key, state }) => {
  const words = { right: "right", wrong: "wrong", missing: "missing", unchecked: "not checked by this browser" };
  return `${key.algorithm}: ${words[state]}`;
};

function seenAlike(opened) {
  const others = opened.signers.filter((one) => one.key.name !== opened.head.origin);
  if (!others.length) return "No outside witness";
  return `Seen alike by ${others.filter((one) => one.state === "right").length} of ${others.length} witnesses`;
}

function signatures(opened) {
  const good = isSigned(opened);
  const ours = opened.signers.filter((one) => one.key.name === opened.head.origin);
  const own = ours[0]?.key;
  return {
    state: good ? "good" : "bad",
    title: good ? "Checkpoint signed" : "The checkpoint is not signed as it must be",
    text: `${ours.map(line).join(". ")}. ${seenAlike(opened)}. Key ${own ? hex(own.hint) : "unknown"} of ${opened.head.origin}`,
  };
}

const bad = (title, text, more = {}) => ({ state: "bad", title, text, ...more });

async function against(kept, head, keyTexts, signal) {
  const now = `${digits(head.size)} records, root ${short(head.root)}`;
  const before = `${digits(kept.size)} records, root ${short(kept.root)}`;
  const both = { expected: `remembered since ${kept.at.slice(0, 19).replace("T", " ")} UTC: ${before}`, found: `now: ${now}` };
  if (kept.origin !== head.origin) return bad("This is another log than this browser remembers here", `Remembered: ${kept.origin}. Now: ${head.origin}.`, { forgettable: true });
  if (kept.keys.join() !== keyTexts.join()) return bad("The log signs with other keys than this browser remembers", "Ask whoever runs it whether its keys were renewed, by another way than this page.", { forgettable: true });
  if (head.size < kept.size) return bad("The record went back", "It is shorter than what this browser has seen. Records that were signed are gone.", both);
  if (head.size === kept.size && !equal(head.root, unhex(kept.root))) return bad("The record was rewritten", "It is as long as what this browser has seen, and says something else.", both);
  if (head.size > kept.size) {
    const path = await fetchConsistency(kept.size, head.size, signal);
    const holds = await verifyConsistency(kept.size, head.size, unhex(kept.root), head.root, path);
    if (!holds) return bad("The record was rewritten", "It does not begin with the records that this browser has seen.", both);
  }
  const text = head.size === kept.size ? `the same as the last head this browser saw, ${digits(kept.size)}` : `begins with the last head this browser saw, ${digits(kept.size)}`;
  return { state: "good", title: "Nothing that was seen was taken back", text };
}

// { opened, checks, ownKey }: the head may be believed only if no check is bad.
export async function checkHead(signal) {
  const answer = await fetchHead(signal);
  const opened = await openNote(answer.note, answer.keys);
  const signed = signatures(opened);
  const kept = remembered();
  const seen = kept ? await against(kept, opened.head, answer.keyTexts, signal) : { state: "new", title: "First seen by this browser", text: "it remembers this head from now on, and will tell if the record ever goes back" };
  const checks = [signed, seen];
  if (checks.every((one) => one.state !== "bad")) {
    rememberHead({ origin: opened.head.origin, size: opened.head.size, root: hex(opened.head.root), keys: answer.keyTexts });
  }
  return { head: opened.head, keys: answer.keys, checks, ownKey: answer.ownKey };
}
