// "Sent, not yet recorded", until this browser has checked the proof that the signed log holds this very signature.
import { Malformed, textOf, unb64, unhex } from "../verify/bytes.js";
import { leafHash, verifyInclusion } from "../verify/merkle.js";
import { isSigned, openNote, readKey } from "../verify/note.js";
import { sentBefore } from "./sent.js";

const SOON_MS = 1_500;
const LATER_MS = 10_000;
const QUICK_TRIES = 40;

const place = () => document.getElementById("receipt");
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");

function tell(state, text, seq = null) {
  const span = place();
  span.dataset.recorded = state;
  span.textContent = text;
  if (seq === null) return;
  const link = Object.assign(document.createElement("a"), { href: `/audit/?record=${seq}`, className: "mono", textContent: grouped(seq) });
  span.replaceChildren("It is record ", link, text);
}

// Throws where the proof does not hold; false as long as there is none.
async function proven({ record, head, signature }, request) {
  if (!record || !head) return false;
  const opened = await openNote(head.note, await Promise.all(head.keys.map(readKey)));
  const body = unb64(record.body);
  const holds = await verifyInclusion(record.seq, opened.head.size, await leafHash(body), record.path.map(unhex), opened.head.root);
  if (opened.head.size !== head.size) return false;
  const named = JSON.parse(textOf(body)).documents.map((one) => one.sha256);
  const wanted = sentBefore(request) ?? signature;
  if (!holds || !isSigned(opened)) throw new Malformed("The proof of the record does not hold.");
  if (!named.includes(wanted)) throw new Malformed("The record does not hold the signature that this browser sent.");
  return true;
}

export function watchReceipt(request) {
  if (!place() || !globalThis.crypto?.subtle) return;
  let tries = 0;
  const look = async () => {
    const answer = await fetch(`/approvals/${request}/receipt/`, { cache: "no-store" }).then((response) => response.json()).catch(() => null);
    try {
      if (answer && (await proven(answer, request))) {
        const ours = sentBefore(request) ? ", the one that this browser sent" : "";
        return tell("proven", `. This browser checked the proof${ours}.`, answer.record.seq);
      }
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      return tell("wrong", `${error.message} Do not rely on it; tell whoever runs this console.`);
    }
    setTimeout(look, tries++ < QUICK_TRIES ? SOON_MS : LATER_MS);
  };
  look();
}
