// Public keys and their signatures by WebCrypto: Ed25519 and P-256, from PEM or an OpenSSH line (proof/keys.py).
import { Malformed, concat, hex, sha256, strings, textOf, unb64, unhex } from "./bytes.js";

const HEAD = "-----BEGIN PUBLIC KEY-----\n";
const TAIL = "-----END PUBLIC KEY-----\n";
const ED25519_SPKI = unhex("302a300506032b6570032100");
const P256_SPKI = unhex("3059301306072a8648ce3d020106082a8648ce3d030107034200");
const P256 = { name: "ECDSA", namedCurve: "P-256" };

export class Uncheckable extends Error {}

const begins = (bytes, head) => head.every((byte, at) => bytes[at] === byte);

// { algorithm, spki } of SPKI PEM text; ML-DSA and others are named as not checkable here.
function fromPem(text) {
  if (!text.startsWith(HEAD) || !text.endsWith(TAIL)) throw new Malformed("This is not a public key in PEM.");
  const spki = unb64(text.slice(HEAD.length, -TAIL.length).replaceAll("\n", ""));
  if (begins(spki, ED25519_SPKI) && spki.length === 44) return { algorithm: "Ed25519", spki };
  if (begins(spki, P256_SPKI) && spki.length === 91) return { algorithm: "P-256", spki };
  throw new Uncheckable("ML-DSA or another kind of key: not checked by this browser");
}

// The key in an SSH wire blob, and of a security key its application.
export function fromSshBlob(blob) {
  const read = strings(blob);
  const kind = textOf(read.next());
  const ed25519 = kind === "ssh-ed25519" || kind === "sk-ssh-ed25519@openssh.com";
  if (!ed25519 && kind !== "ecdsa-sha2-nistp256" && kind !== "sk-ecdsa-sha2-nistp256@openssh.com") {
    throw new Malformed("Only Ed25519 and P-256 SSH keys are taken.");
  }
  if (!ed25519 && textOf(read.next()) !== "nistp256") throw new Malformed("Only points of P-256 are taken.");
  const point = read.next();
  const application = kind.startsWith("sk-") ? read.next() : null;
  if (point.length !== (ed25519 ? 32 : 65) || read.rest().length) throw new Malformed("The SSH key is malformed.");
  const spki = concat(ed25519 ? ED25519_SPKI : P256_SPKI, point);
  return { kind, algorithm: ed25519 ? "Ed25519" : "P-256", spki, application };
}

export function sshBlob(line) {
  const [kind, encoded] = line.trim().split(" ");
  const blob = unb64(encoded ?? "");
  if (textOf(strings(blob).next()) !== kind) throw new Malformed("This OpenSSH public key is malformed.");
  return blob;
}

export const readPublic = (text) => (text.startsWith("-----") ? fromPem(text) : fromSshBlob(sshBlob(text)));

// The id of a key: SHA-256 of its SPKI, or for security keys of the SSH wire blob.
export async function keyId(text) {
  if (text.startsWith("sk-")) return hex(await sha256(sshBlob(text)));
  return hex(await sha256(readPublic(text).spki));
}

async function imported(key) {
  try {
    return await crypto.subtle.importKey("spki", key.spki, key.algorithm === "P-256" ? P256 : { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    if (key.algorithm === "Ed25519" && error.name === "NotSupportedError") throw new Uncheckable("Ed25519: not checked by this browser");
    throw new Malformed("The public key is malformed.");
  }
}

// Whether a raw signature (64 bytes for both kinds) is that of the key over the message.
export async function verifyRaw(key, signature, message) {
  const made = key.algorithm === "P-256" ? { name: "ECDSA", hash: "SHA-256" } : { name: "Ed25519" };
  return crypto.subtle.verify(made, await imported(key), signature, message);
}

function integer(bytes) {
  const short = bytes[0] === 0 ? bytes.subarray(1) : bytes;
  if (!bytes.length || short.length > 32 || bytes[0] & 0x80 || (bytes[0] === 0 && !(bytes[1] & 0x80))) {
    throw new Malformed("An integer of the signature is not in its one form.");
  }
  return concat(new Uint8Array(32 - short.length), short);
}

// An ECDSA signature in DER, as passkeys make it, and as SSH writes it, as the 64 bytes that WebCrypto takes.
export function fromDer(der) {
  const length = der[3];
  const second = 4 + length;
  const whole = der[0] === 0x30 && der[1] === der.length - 2 && der[2] === 2 && der[second] === 2;
  if (!whole || der[second + 1] !== der.length - second - 2) throw new Malformed("The ECDSA signature is malformed.");
  return concat(integer(der.subarray(4, second)), integer(der.subarray(second + 2)));
}

export function fromSshPair(raw) {
  const read = strings(raw);
  const pair = concat(integer(read.next()), integer(read.next()));
  if (read.rest().length) throw new Malformed("The ECDSA signature has bytes left over.");
  return pair;
}
