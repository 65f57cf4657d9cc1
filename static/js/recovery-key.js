// The recovery key in the browser: 32 random bytes as 24 words (BIP-39), an Ed25519 key; only its public half leaves.
import { base64, fromBase64url, hex, pae, sha256 } from "./sign/encoding.js";

const BITS = 11;
const SPKI_HEAD = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const PKCS8_HEAD = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

const list = async (url) => (await fetch(url)).json();

export const newSeed = () => crypto.getRandomValues(new Uint8Array(32));

export async function wordsOf(seed, url) {
  const sum = new Uint8Array(await sha256(seed))[0];
  const bits = [...seed, sum].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const words = await list(url);
  return Array.from({ length: 24 }, (_, at) => words[parseInt(bits.slice(at * BITS, (at + 1) * BITS), 2)]);
}

export async function seedOf(text, url) {
  const words = await list(url);
  const places = text.toLowerCase().split(/\s+/).filter(Boolean).map((word) => words.indexOf(word));
  if (places.length !== 24) throw new Error(`These are ${places.length} words, not 24.`);
  if (places.includes(-1)) throw new Error("One of these is not a word of the list.");
  const bits = places.map((place) => place.toString(2).padStart(BITS, "0")).join("");
  const bytes = Uint8Array.from({ length: 33 }, (_, at) => parseInt(bits.slice(at * 8, at * 8 + 8), 2));
  const seed = bytes.slice(0, 32);
  if (new Uint8Array(await sha256(seed))[0] !== bytes[32]) {
    throw new Error("These words do not belong together: one of them is wrong, or their order is.");
  }
  return seed;
}

const privateKey = (seed) =>
  crypto.subtle.importKey("pkcs8", Uint8Array.from([...PKCS8_HEAD, ...seed]), { name: "Ed25519" }, true, ["sign"]);

async function spki(seed) {
  const { x } = await crypto.subtle.exportKey("jwk", await privateKey(seed));
  return Uint8Array.from([...SPKI_HEAD, ...fromBase64url(x)]);
}

// The public half as PEM, in its one form, and its id.
export async function publicOf(seed) {
  const der = await spki(seed);
  const pem = `-----BEGIN PUBLIC KEY-----\n${base64(der)}\n-----END PUBLIC KEY-----\n`;
  return { pem, id: hex(await sha256(der)) };
}

export async function signatureOf(seed, payloadType, payload) {
  const made = await crypto.subtle.sign({ name: "Ed25519" }, await privateKey(seed), pae(payloadType, payload));
  return { kind: "ed25519", key_id: (await publicOf(seed)).id, signature: base64(made) };
}

