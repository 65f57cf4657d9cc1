// Sign an act with a passkey: the server's bytes as they came, checked against what was asked for, never made anew.
import { get, post, Refused } from "./sign/calls.js";
import { bytesOf } from "./sign/encoding.js";
import { sidecar } from "./sign/passkey.js";

export { Refused, reason } from "./sign/calls.js";

// Every member that says what is done must be what this page asked for.
function requireAsked(text, { kind, subject, particulars, key }) {
  const act = JSON.parse(text);
  const said = Object.fromEntries(act.particulars.map(({ name, value }) => [name, value]));
  const names = new Set([...Object.keys(said), ...Object.keys(particulars)]);
  const differs = [...names].some((name) => said[name] !== particulars[name]);
  if (act.kind !== kind || act.subject !== subject || act.key_id !== key.id || differs) {
    throw new Refused("The server handed out something else than was asked for. Nothing was signed.");
  }
}

export async function signAct({ kind, subject, particulars = {}, key, signal }) {
  const template = await post("/api/v1/acts/templates/", { kind, subject, particulars, key_id: key.id });
  requireAsked(template.statement, { kind, subject, particulars, key });
  const payload = bytesOf(template.statement);
  const signed = await sidecar({ payload, payloadType: template.payload_type, key, signal });
  return post("/api/v1/acts/", { sidecar: signed });
}

// The passkeys of whoever is signed in that can sign on this page.
export async function ownPasskeys() {
  const { results } = await get("/api/v1/keys/");
  const here = results.filter((key) => key.class === "webauthn" && !key.revoked_at && key.origins.includes(location.origin));
  return here.map((key) => ({ id: key.key_id, credential: key.credential_id, label: key.label }));
}
