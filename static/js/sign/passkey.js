// One passkey over exact bytes: the challenge is SHA-256 of their encoding with their type, as in proof/webauthn.py.
import { base64, base64url, fromBase64url, pae, sha256 } from "./encoding.js";

const TIMEOUT_MS = 120_000;

// The members that every signature by a passkey has, in a sidecar or in a file of signatures.
export async function assertion({ payload, payloadType, credential, signal }) {
  const found = await navigator.credentials.get({
    publicKey: {
      challenge: await sha256(pae(payloadType, payload)),
      allowCredentials: [{ type: "public-key", id: fromBase64url(credential) }],
      userVerification: "required",
      timeout: TIMEOUT_MS,
    },
    signal,
  });
  return {
    authenticator_data: base64url(found.response.authenticatorData),
    client_data_json: base64url(found.response.clientDataJSON),
    credential_id: base64url(found.rawId),
    signature: base64url(found.response.signature),
  };
}

// A statement or an act with its signature, in one document.
export async function sidecar({ payload, payloadType, key, signal }) {
  return {
    _type: "urn:countersign:webauthn-signature:v1",
    ...(await assertion({ payload, payloadType, credential: key.credential, signal })),
    key_id: key.id,
    payload: base64(payload),
    payload_type: payloadType,
  };
}
