// One signature: the server's statement, the passkey over it, the server's answer. Nothing is believed before that.
import { base64, base64url, bytesOf, fromBase64url, pae, sha256 } from "./encoding.js";

const token = () => document.querySelector("input[name=csrfmiddlewaretoken]").value;

export class Refused extends Error {}

async function post(path, body) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
      body: JSON.stringify(body),
    });
  } catch (error) {
    throw new TypeError("connection lost", { cause: error });
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(answer.detail ?? `The server answered ${response.status}.`);
  return answer;
}

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

export async function sign({ request, digest, decision, comment, key, viewedMs, sectionsSeen, signal }) {
  const path = `/api/v1/approval-requests/${request}`;
  const template = await post(`${path}/statements/`, { decision, key_id: key.id, comment });
  const text = filled(template.statement, viewedMs, sectionsSeen);
  const statement = JSON.parse(text);
  const said = statement.predicate;
  if (statement.subject[0].digest.sha256 !== digest || said.decision !== decision || said.key_id !== key.id) {
    throw new Refused("The server handed out a statement about something else. Nothing was signed.");
  }
  const payload = bytesOf(text);
  const challenge = await sha256(pae(template.payload_type, payload));
  const credential = await navigator.credentials.get({
    publicKey: {
      challenge,
      allowCredentials: [{ type: "public-key", id: fromBase64url(key.credential) }],
      userVerification: "required",
      timeout: 120_000,
    },
    signal,
  });
  return post(`${path}/decisions/`, {
    comment,
    sidecar: {
      _type: "urn:countersign:webauthn-signature:v1",
      authenticator_data: base64url(credential.response.authenticatorData),
      client_data_json: base64url(credential.response.clientDataJSON),
      credential_id: base64url(credential.rawId),
      key_id: key.id,
      payload: base64(payload),
      payload_type: template.payload_type,
      signature: base64url(credential.response.signature),
    },
  });
}
