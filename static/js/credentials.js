// Ask the browser to make a passkey or to use one, in the shape that the server reads (WebAuthn level 3, 5.1).
import { base64url, fromBase64url } from "./sign/encoding.js";

const list = (found) => (found ?? []).map((one) => ({ ...one, id: fromBase64url(one.id) }));
const bytes = (value) => (value ? base64url(value) : null);

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
