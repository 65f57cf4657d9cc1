// What is asked of the server: bytes, never judgements. Whatever comes back is checked by those who ask.
import { readKey } from "./note.js";
import { unb64, unhex } from "./bytes.js";

export class Unanswered extends Error {}

async function ask(path, signal) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", headers: { Accept: "application/json" }, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unanswered("The server did not answer.");
  }
  if (!response.ok) throw new Unanswered(`The server answered ${response.status}.`);
  return response;
}

const json = async (path, signal) => (await ask(path, signal)).json();

export async function fetchHead(signal) {
  const answer = await json("/audit/head/", signal);
  const keys = await Promise.all([...answer.keys, ...answer.witnesses].map(readKey));
  return { note: answer.note, keys, keyTexts: answer.keys, ownKey: answer.own_key };
}

const stored = (one) => ({ ...one, body: unb64(one.body) });

export async function fetchRecord(seq, size, signal) {
  const answer = await json(`/audit/records/${seq}/?size=${size}`, signal);
  return { ...stored(answer), facts: unb64(answer.facts), salt: unhex(answer.salt), path: answer.path.map(unhex) };
}

export async function fetchBatch(start, everyHead, signal) {
  const answer = await json(`/audit/records/?from=${start}${everyHead ? "&heads" : ""}`, signal);
  return { records: answer.records.map(stored), heads: answer.heads };
}

export async function fetchConsistency(from, to, signal) {
  return (await json(`/audit/consistency/?from=${from}&to=${to}`, signal)).path.map(unhex);
}

export async function fetchTree(size, signal) {
  return (await json(`/audit/tree/?size=${size}`, signal)).hashes.map(unhex);
}

export async function fetchDocument(digest, signal) {
  return new Uint8Array(await (await ask(`/evidence/${digest}/?raw`, signal)).arrayBuffer());
}
