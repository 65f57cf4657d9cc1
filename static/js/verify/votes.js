// The signatures that a record names: who signed which exact bytes, by the key that the registry lists for them.
import { Malformed, hex, sha256, textOf } from "./bytes.js";
import { Uncheckable, keyId } from "./keys.js";
import { leafHash, verifyInclusion } from "./merkle.js";
import { readSidecar, verifySidecar } from "./signed.js";
import { Unanswered, fetchDocument, fetchRecord } from "./source.js";

const CHANGE = "urn:countersign:change:v1";

export async function documentOf(digest, signal) {
  const bytes = await fetchDocument(digest, signal);
  if (hex(await sha256(bytes)) !== digest) throw new Malformed("A document is not the one that the record names.");
  return bytes;
}

function typeOf(bytes) {
  try {
    return JSON.parse(textOf(bytes));
  } catch {
    return {};
  }
}

const isSidecar = (said) => Boolean(said._type?.endsWith("-signature:v1") && said.payload) || Boolean(said.payloadType && said.signatures);

function keyIn(registry, id) {
  for (const person of registry.persons) {
    const key = person.keys.find((one) => one.key_id === id);
    if (key) return { ...key, who: person.person_id };
  }
  const service = registry.services.find((one) => one.key_id === id);
  return service ? { ...service, class: "service", who: service.name } : null;
}

// The registry as the newest record `registry.published` names it, that record being in the signed tree.
export async function registryOf(head, signal) {
  const { registry } = document.getElementById("record").dataset;
  if (!registry) return null;
  const stored = await fetchRecord(Number(registry), head.size, signal);
  const body = JSON.parse(textOf(stored.body));
  const holds = await verifyInclusion(stored.seq, head.size, await leafHash(stored.body), stored.path, head.root);
  const named = body.documents.find((one) => one.name === "registry");
  if (!holds || body.verb !== "registry.published" || !named) throw new Malformed("The record that names the registry is not in the signed tree.");
  return JSON.parse(textOf(await documentOf(named.sha256, signal)));
}

// Who signed what, by a key of the registry; throws what is wrong.
export async function signerOf(bytes, registry) {
  const found = readSidecar(bytes);
  const key = keyIn(registry, found.keyId);
  if (!key) throw new Malformed(`No key ${found.keyId.slice(0, 12)} is in the registry.`);
  const how = await verifySidecar(found, key);
  if ((await keyId(key.public)) !== found.keyId) throw new Malformed("The key's id is not that of the key.");
  return { how, who: key.who, said: JSON.parse(textOf(found.payload)) };
}

async function oneSignature(bytes, registry) {
  const { how, who, said } = await signerOf(bytes, registry);
  const about = said.subject?.[0]?.digest?.sha256 ?? "";
  return { how, about, who, decision: said.predicate?.decision ?? said.kind ?? "", registry: registry.version };
}

const names = () => JSON.parse(document.getElementById("record").dataset.people || "{}");

function told(found, changes) {
  const known = names();
  const who = found.map((one) => `${known[one.who] ?? one.who} (${one.decision}, ${one.how})`).join(", ");
  const other = found.filter((one) => one.about && changes.length && !changes.includes(one.about));
  if (other.length) return { state: "bad", title: "A signature is over another change", text: who };
  const title = found.length === 1 ? "The signature is right" : `${found.length} signatures are right`;
  return { state: "good", title, text: `${who}, by the keys of registry ${found[0].registry}` };
}

async function read(body, signal) {
  const found = [];
  for (const { name, sha256: digest } of body.documents ?? []) {
    const bytes = await documentOf(digest, signal);
    found.push({ name, digest, bytes, said: typeOf(bytes) });
  }
  return found;
}

// Checks of what a record names, or none where it names nothing that is signed.
export async function checkSignatures(body, head, signal) {
  let documents;
  let registry;
  try {
    documents = await read(body, signal);
    if (documents.some((one) => isSidecar(one.said))) registry = await registryOf(head, signal);
  } catch (error) {
    if (error instanceof Unanswered) return [{ state: "new", title: "Its documents were not handed out", text: `${error.message} Their signatures are not checked here` }];
    if (error instanceof Malformed) return [{ state: "bad", title: "A document is not the one that was named", text: error.message }];
    throw error;
  }
  const sidecars = documents.filter((one) => isSidecar(one.said));
  const changes = documents.filter((one) => one.said._type === CHANGE).map((one) => one.digest);
  if (!sidecars.length || !registry) return [];
  const checks = [];
  const right = [];
  for (const one of sidecars) {
    try {
      right.push(await oneSignature(one.bytes, registry));
    } catch (error) {
      if (error instanceof Uncheckable) checks.push({ state: "new", title: "A signature was not checked", text: error.message });
      else if (error instanceof Malformed || error instanceof SyntaxError) checks.push({ state: "bad", title: "A signature is wrong", text: error.message });
      else throw error;
    }
  }
  if (right.length) checks.unshift(told(right, changes));
  if (body.verb === "run.intended" && right.length && changes.length && checks.every((one) => one.state === "good")) {
    checks.push({ state: "good", title: "What ran is what was signed", text: `the run names ${changes[0].slice(0, 16)}…, and so does every signature` });
  }
  return checks;
}
