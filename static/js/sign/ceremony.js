// One signature: the server's statement, the passkey over it, the server's answer. Nothing is believed before that.
import { post, Refused } from "./calls.js";
import { bytesOf } from "./encoding.js";
import { sidecar } from "./passkey.js";
import { keepSent } from "./sent.js";

export { Refused } from "./calls.js";

// Only these fields are ours, and they are claims: put in as text, so that every other byte stays the server's.
export function filled(statement, viewedMs, sectionsSeen) {
  const one = (text, name, blank, value) => {
    const place = `"${name}":${blank}`;
    if (text.split(place).length !== 2) throw new Refused(`The statement has no single place for ${name}.`);
    return text.replace(place, () => `"${name}":${value}`);
  };
  const seen = JSON.stringify(sectionsSeen);
  return one(one(statement, "viewed_ms", "0", viewedMs), "sections_seen", "[]", seen);
}

export async function sign({ request, digest, decision, comment, delegation, key, viewedMs, sectionsSeen, signal }) {
  const path = `/api/v1/approval-requests/${request}`;
  const template = await post(`${path}/statements/`, { decision, key_id: key.id, comment, delegation });
  const text = filled(template.statement, viewedMs, sectionsSeen);
  const statement = JSON.parse(text);
  const said = statement.predicate;
  if (statement.subject[0].digest.sha256 !== digest || said.decision !== decision || said.key_id !== key.id || said.delegation !== delegation) {
    throw new Refused("The server handed out a statement about something else. Nothing was signed.");
  }
  const signed = await sidecar({ payload: bytesOf(text), payloadType: template.payload_type, key, signal });
  await keepSent(request, signed);
  return post(`${path}/decisions/`, { comment, sidecar: signed });
}

const OVERRIDE = "urn:countersign:override:v1";

// One person takes it on themselves: the same bytes of the change, another predicate, the reason committed to.
export async function override({ request, digest, reason, key, viewedMs, sectionsSeen, signal }) {
  const path = `/api/v1/approval-requests/${request}`;
  const template = await post(`${path}/override-statements/`, { key_id: key.id, reason });
  const text = filled(template.statement, viewedMs, sectionsSeen);
  const statement = JSON.parse(text);
  if (statement.subject[0].digest.sha256 !== digest || statement.predicateType !== OVERRIDE || statement.predicate.key_id !== key.id) {
    throw new Refused("The server handed out a statement about something else. Nothing was signed.");
  }
  const signed = await sidecar({ payload: bytesOf(text), payloadType: template.payload_type, key, signal });
  return post(`${path}/overrides/`, { reason, sidecar: signed });
}
