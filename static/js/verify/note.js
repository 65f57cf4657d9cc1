// Signed notes and the checkpoints in them (c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature), as in
// proof/note.py and proof/checkpoint.py. What a browser cannot check it names; it never takes it for right.
import { Malformed, bytesOf, concat, equal, hex, sha256, uint, unb64, unhex } from "./bytes.js";

export const ED25519 = 1;
const COSIGNED_ED25519 = 4;
const COSIGNED_ML_DSA = 6;
const SIZES = { [ED25519]: 32, [COSIGNED_ED25519]: 32, [COSIGNED_ML_DSA]: 1312 };
const LINE = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/;
const NAMES = { [ED25519]: "Ed25519", [COSIGNED_ED25519]: "Ed25519", [COSIGNED_ML_DSA]: "ML-DSA-44" };

const hintOf = async (name, key) => (await sha256(concat(bytesOf(`${name}\n`), key))).subarray(0, 4);

// A key as `name+hint+base64`.
export async function readKey(text) {
  const [name, hint, ...rest] = text.split("+");
  const key = unb64(rest.join("+"));
  const kind = key[0];
  if (!name || /\s/.test(name) || key.length - 1 !== SIZES[kind]) throw new Malformed("This is not a verifier key that we know.");
  if (hex(await hintOf(name, key)) !== hint) throw new Malformed(`The verifier key of ${name} is damaged.`);
  return { name, kind, hint: unhex(hint), public: key.subarray(1), text, algorithm: NAMES[kind] };
}

export function splitNote(note) {
  const at = note.lastIndexOf("\n\n");
  if (at < 0 || !note.endsWith("\n")) throw new Malformed("The note has no signatures.");
  const text = note.slice(0, at + 1);
  if ([...text].some((sign) => sign < " " && sign !== "\n")) throw new Malformed("The note holds control characters.");
  const lines = note.slice(at + 2, -1).split("\n").map((line) => {
    const found = LINE.exec(line);
    const data = found ? unb64(found[2]) : new Uint8Array();
    if (data.length < 5) throw new Malformed("A signature line of the note is malformed.");
    return { name: found[1], hint: data.subarray(0, 4), signature: data.subarray(4) };
  });
  return { text, lines };
}

// Origin, size and root of a checkpoint's text.
export function readCheckpoint(text) {
  const found = /^([^\n]+)\n(0|[1-9][0-9]{0,14})\n([A-Za-z0-9+/]{43}=)\n$/.exec(text);
  if (!found) throw new Malformed("This is not a checkpoint of three lines: origin, size, root.");
  return { origin: found[1], size: Number(found[2]), root: unb64(found[3]) };
}

async function verifyWith(algorithm, format, raw, signature, message) {
  let key;
  try {
    key = await crypto.subtle.importKey(format, raw, { name: algorithm }, false, ["verify"]);
  } catch {
    return "unchecked";
  }
  return (await crypto.subtle.verify({ name: algorithm }, key, signature, message)) ? "right" : "wrong";
}

function cosigned(key, text, signature) {
  const time = signature.subarray(0, 8);
  const raw = signature.subarray(8);
  const seconds = time.reduce((whole, byte) => whole * 256n + BigInt(byte), 0n);
  if (key.kind === COSIGNED_ED25519) return { raw, message: bytesOf(`cosignature/v1\ntime ${seconds}\n${text}`) };
  const head = readCheckpoint(text);
  const opaque = (words) => concat(uint(bytesOf(words).length, 1), bytesOf(words));
  const sizes = concat(uint(0, 8), uint(head.size, 8));
  return { raw, message: concat(bytesOf("subtree/v1\n\0"), opaque(key.name), time, opaque(head.origin), sizes, head.root) };
}

async function state(key, text, signature) {
  if (key.kind === ED25519) return verifyWith("Ed25519", "raw", key.public, signature, bytesOf(text));
  const { raw, message } = cosigned(key, text, signature);
  if (key.kind === COSIGNED_ED25519) return verifyWith("Ed25519", "raw", key.public, raw, message);
  return verifyWith("ML-DSA-44", "raw-public", key.public, raw, message);
}

// The checkpoint in a note, and for each known key: right, wrong, missing, or unchecked by this browser.
export async function openNote(note, keys) {
  const { text, lines } = splitNote(note);
  const head = readCheckpoint(text);
  const signers = [];
  for (const key of keys) {
    const line = lines.find((one) => one.name === key.name && equal(one.hint, key.hint));
    signers.push({ key, state: line ? await state(key, text, line.signature) : "missing" });
  }
  return { head, signers };
}

// Whether a head may be believed: a right Ed25519 line of the log, and nothing wrong or missing of the log's own.
export function isSigned({ head, signers }) {
  const own = signers.filter((one) => one.key.name === head.origin);
  const wrong = signers.some((one) => one.state === "wrong") || own.some((one) => one.state === "missing");
  return !wrong && own.some((one) => one.state === "right");
}
