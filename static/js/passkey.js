// Passkeys for signing in: ask the server for options, the browser for a passkey, the server for its answer.
import { base64url, fromBase64url } from "./sign/encoding.js";

const form = document.getElementById("passkey-form");
const said = document.getElementById("passkey-said");
const KNOWN = {
  NotAllowedError: "The passkey did not answer, or you said no.",
  InvalidStateError: "This device already holds such a passkey of yours.",
  SecurityError: "Passkeys do not work at this address.",
};

const list = (found) => (found ?? []).map((one) => ({ ...one, id: fromBase64url(one.id) }));
const bytes = (value) => (value ? base64url(value) : null);

export function tell(text, bad = false) {
  said.textContent = text;
  said.classList.toggle("lit", bad);
}

export const explain = (error) => tell(`${KNOWN[error.name] ?? error.message}`, true);

export async function post(path, body) {
  const token = form.querySelector("input[name=csrfmiddlewaretoken]").value;
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const answer = await response.json().catch(() => ({}));
  if (answer.confirm_at) location.assign(answer.confirm_at);
  if (!response.ok) throw new Error(answer.detail ?? `The server answered ${response.status}.`);
  return answer;
}

export async function get(options, more = {}) {
  const publicKey = { ...options, challenge: fromBase64url(options.challenge), allowCredentials: list(options.allowCredentials) };
  const found = await navigator.credentials.get({ publicKey, ...more });
  return {
    id: found.id,
    rawId: base64url(found.rawId),
    type: found.type,
    response: {
      authenticatorData: base64url(found.response.authenticatorData),
      clientDataJSON: base64url(found.response.clientDataJSON),
      signature: base64url(found.response.signature),
      userHandle: bytes(found.response.userHandle),
    },
    clientExtensionResults: found.getClientExtensionResults(),
  };
}

export async function create(options) {
  const user = { ...options.user, id: fromBase64url(options.user.id) };
  const excludeCredentials = list(options.excludeCredentials);
  const publicKey = { ...options, challenge: fromBase64url(options.challenge), user, excludeCredentials };
  const made = await navigator.credentials.create({ publicKey });
  return {
    id: made.id,
    rawId: base64url(made.rawId),
    type: made.type,
    response: {
      attestationObject: base64url(made.response.attestationObject),
      clientDataJSON: base64url(made.response.clientDataJSON),
      transports: made.response.getTransports?.() ?? [],
    },
    clientExtensionResults: made.getClientExtensionResults(),
  };
}

export function onSubmit(deed) {
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    tell("Waiting for your passkey.");
    try {
      await deed(form);
    } catch (error) {
      explain(error);
    }
  });
}

export { form };
