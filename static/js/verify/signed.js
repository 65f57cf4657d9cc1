// Signed statements and acts (sidecars), checked from their bytes: passkey, SSH key or service, as proof/signatures.py.
import { Malformed, bytesOf, concat, digest, equal, pae, sha256, string, strings, textOf, unb64, unb64url } from "./bytes.js";
import { fromDer, fromSshPair, readPublic, sshBlob, verifyRaw } from "./keys.js";

const WEBAUTHN = "urn:countersign:webauthn-signature:v1";
const SSH = "urn:countersign:ssh-signature:v1";
const ACT = "application/vnd.countersign.act+json";
const OVERRIDE = "urn:countersign:override:v1";
const ARMOR = ["-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----"];
const MAGIC = bytesOf("SSHSIG");
const [PRESENT, VERIFIED] = [1, 4];

const require = (holds, otherwise) => {
  if (!holds) throw new Malformed(otherwise);
};

// What a sidecar says, not believed yet: { payload, payloadType, keyId, sidecar }.
export function readSidecar(bytes) {
  const sidecar = JSON.parse(textOf(bytes));
  if (sidecar._type === WEBAUTHN || sidecar._type === SSH) {
    return { sidecar, payload: unb64(sidecar.payload), payloadType: sidecar.payload_type, keyId: sidecar.key_id };
  }
  require(sidecar.payloadType && sidecar.signatures?.length === 1, "This is not a signed statement.");
  return { sidecar, payload: unb64(sidecar.payload), payloadType: sidecar.payloadType, keyId: sidecar.signatures[0].keyid };
}

// The namespace in which an SSH key signs this, by what it is for.
function namespaceOf(payloadType, payload) {
  const said = JSON.parse(textOf(payload));
  if (payloadType === ACT) return said.kind === "revoke-key" ? "countersign-revoke-v1" : "countersign-act-v1";
  return said.predicateType === OVERRIDE ? "countersign-override-v1" : "countersign-decision-v1";
}

async function webauthn(found, key) {
  const { sidecar } = found;
  const [data, client, signature] = [sidecar.authenticator_data, sidecar.client_data_json, sidecar.signature].map(unb64url);
  const said = JSON.parse(textOf(client));
  const challenge = unb64url(said.challenge ?? "");
  require(said.type === "webauthn.get", "The ceremony was not one of signing.");
  require(equal(challenge, await sha256(pae(found.payloadType, found.payload))), "The passkey signed something else.");
  require(key.origins.includes(said.origin) && !said.crossOrigin, "The ceremony took place on another site than the key is for.");
  require(equal(data.subarray(0, 32), await sha256(bytesOf(key.rp_id))), "The passkey answered for another site.");
  require(data[32] & PRESENT && data[32] & VERIFIED, "The passkey did not check who used it.");
  const kept = readPublic(key.public);
  const raw = kept.algorithm === "P-256" ? fromDer(signature) : signature;
  require(await verifyRaw(kept, raw, concat(data, await sha256(client))), "The passkey's signature is wrong.");
  return "passkey";
}

async function ssh(found, key) {
  const text = found.sidecar.signature.trim();
  require(text.startsWith(ARMOR[0]) && text.endsWith(ARMOR[1]), "This is not an armored SSH signature.");
  const data = unb64(text.slice(ARMOR[0].length, -ARMOR[1].length).replaceAll("\n", ""));
  const read = strings(data);
  require(equal(read.take(6), MAGIC) && equal(read.take(4), Uint8Array.of(0, 0, 0, 1)), "This is not version 1 of an SSH signature.");
  const [blob, space, reserved, hash, signature] = [read.next(), read.next(), read.next(), read.next(), read.next()];
  require(!reserved.length && !read.rest().length, "The SSH signature has bytes left over.");
  require(equal(blob, sshBlob(key.public)), "The signature is by another SSH key.");
  require(textOf(space) === namespaceOf(found.payloadType, found.payload), "The SSH signature is for another purpose.");
  const name = { sha256: "SHA-256", sha512: "SHA-512" }[textOf(hash)];
  require(name, "The SSH signature is of a hash that is not taken.");
  const hashed = await digest(pae(found.payloadType, found.payload), name);
  const signed = concat(MAGIC, string(space), string(new Uint8Array()), string(hash), string(hashed));
  return sshRaw(readPublic(key.public), signature, signed);
}

async function sshRaw(kept, signature, signed) {
  const part = strings(signature);
  require(textOf(part.next()) === kept.kind, "The SSH signature is of another kind than its key.");
  const made = part.next();
  const raw = kept.algorithm === "P-256" ? fromSshPair(made) : made;
  const rest = part.rest();
  require(rest.length === (kept.application ? 5 : 0), "The SSH signature is malformed.");
  const message = kept.application ? concat(await sha256(kept.application), rest, await sha256(signed)) : signed;
  require(await verifyRaw(kept, raw, message), "The SSH signature is wrong.");
  if (!kept.application) return "SSH key in a file";
  require(rest[0] & PRESENT, "Nobody touched the security key.");
  return rest[0] & VERIFIED ? "SSH security key, touch and PIN" : "SSH security key, touch";
}

async function service(found, key) {
  const signature = unb64(found.sidecar.signatures[0].sig);
  const right = await verifyRaw(readPublic(key.public), signature, pae(found.payloadType, found.payload));
  require(right, "The service's signature is wrong.");
  return "service key";
}

// How the key signed, in words; throws what is wrong, or Uncheckable where this browser cannot tell.
export async function verifySidecar(found, key) {
  if (found.sidecar._type === WEBAUTHN) {
    require(key.class === "webauthn" && found.sidecar.credential_id === key.credential_id, "The passkey is registered under another credential.");
    return webauthn(found, key);
  }
  if (found.sidecar._type === SSH) {
    require(key.class.startsWith("ssh-"), "The signature is of another kind than its key.");
    return ssh(found, key);
  }
  require(key.class === "service", "The signature is of another kind than its key.");
  return service(found, key);
}
