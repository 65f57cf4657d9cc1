// One record, from its bytes up to the signed head; each check says what it found.
import { concat, hex, sha256, textOf } from "./bytes.js";
import { checkErased } from "./erased.js";
import { checkHead, digits, short } from "./head.js";
import { leafHash, verifyInclusion } from "./merkle.js";
import { fetchRecord } from "./source.js";
import { checkSignatures } from "./votes.js";

const good = (title, text) => ({ state: "good", title, text });
const bad = (title, text, more = {}) => ({ state: "bad", title, text, ...more });

async function content(stored) {
  const computed = hex(await leafHash(stored.body));
  if (computed === stored.leaf_hash) return good("Content matches its hash", `${short(computed)}, recomputed`);
  return bad("Content does not match its hash", "Its bytes are not those that were hashed.", { expected: stored.leaf_hash, found: computed });
}

async function facts(stored, body, head, signal) {
  if (!stored.facts.length && !stored.salt.length && stored.erased_by !== null) return checkErased(body, stored.erased_by, head, signal);
  const computed = hex(await sha256(concat(stored.salt, stored.facts)));
  if (computed !== body.facts_commitment) return bad("Its facts were changed", "They are not those that the record commits to.", { expected: body.facts_commitment, found: computed });
  const names = ["uid", "at", "actor", "verb", "subject"].filter((name) => stored.shown[name] !== body[name]);
  if (!names.length) return good("What is shown is what it says", "verb, actor, subject, time and facts are those of its bytes");
  const said = (from) => names.map((name) => `${name} ${from[name]}`).join(", ");
  return bad("The list shows something else than the record", "Its columns were changed; the record itself says otherwise.", { expected: said(body), found: said(stored.shown) });
}

async function place(stored, head) {
  const { seq, path } = stored;
  if (seq >= head.size) return { state: "new", title: "Not yet under a checkpoint", text: `the newest is of ${digits(head.size)} records; look again in a moment` };
  const holds = await verifyInclusion(seq, head.size, await leafHash(stored.body), path, head.root);
  const text = `${path.length} ${path.length === 1 ? "hash leads" : "hashes lead"} from the record to the root, drawn shortened`;
  if (holds) return { ...good(`Part of checkpoint ${digits(head.size)}`, text), drawn: { seq, size: head.size } };
  return bad(`Not in the tree of checkpoint ${digits(head.size)}`, "This record, or one beside it, is not the one that was signed. Verify all: the walk names the first that differs.");
}

function parsed(stored) {
  try {
    return JSON.parse(textOf(stored.body));
  } catch {
    return {};
  }
}

// All checks of a record in the order of the page.
export async function checkRecord(seq, signal) {
  const top = await checkHead(signal);
  const stored = await fetchRecord(seq, top.head.size, signal);
  const body = parsed(stored);
  const checks = [await content(stored), await facts(stored, body, top.head, signal), await place(stored, top.head), ...top.checks];
  checks.push(...(await checkSignatures(body, top.head, signal)));
  return { checks, ownKey: top.ownKey };
}
