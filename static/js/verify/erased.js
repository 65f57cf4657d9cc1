// Facts that are gone are missing, unless a record in the signed tree orders it: two people's acts over a list that
// names this very commitment (proof/erasure.py).
import { Malformed, textOf } from "./bytes.js";
import { leafHash, verifyInclusion } from "./merkle.js";
import { fetchRecord } from "./source.js";
import { documentOf, registryOf, signerOf } from "./votes.js";

const VERB = "person.erased";
const NEEDED = 2;

async function order(seq, head, signal) {
  const stored = await fetchRecord(seq, head.size, signal);
  const holds = await verifyInclusion(stored.seq, head.size, await leafHash(stored.body), stored.path, head.root);
  const body = JSON.parse(textOf(stored.body));
  if (!holds || body.verb !== VERB) throw new Malformed("The record that is said to order it is not in the signed tree.");
  return body;
}

async function signers(body, listed, head, signal) {
  const registry = await registryOf(head, signal);
  const people = new Set();
  for (const { name, sha256 } of body.documents) {
    if (!name.startsWith("act-")) continue;
    const found = await signerOf(await documentOf(sha256, signal), registry);
    const ordered = found.said.particulars?.some((one) => one.name === "commitments" && one.value === listed);
    if (found.said.kind === "erase" && ordered) people.add(found.who);
  }
  return people.size;
}

export async function checkErased(body, seq, head, signal) {
  try {
    const ordering = await order(seq, head, signal);
    const listed = ordering.documents.find((one) => one.name === "erasure")?.sha256 ?? "";
    const list = JSON.parse(textOf(await documentOf(listed, signal)));
    const named = list.entries.some((one) => one.uid === body.uid && one.commitment === body.facts_commitment);
    if (!named) throw new Malformed("The order does not name this record's commitment.");
    const count = await signers(ordering, listed, head, signal);
    if (count < NEEDED) throw new Malformed(`The order is signed by ${count} of ${NEEDED}.`);
    return { state: "good", title: "Its facts were erased by order", text: `record ${seq} orders it, signed by ${count} people; what is left is their commitment` };
  } catch (error) {
    if (!(error instanceof Malformed || error instanceof SyntaxError)) throw error;
    return { state: "bad", title: "Its facts are missing", text: `${error.message} Nothing shows that they may be gone.` };
  }
}
