// Bytes and their one spelling as text, as in proof/binary.py. Everything here works on what was received, as it was.
import { base64 as toBase64, base64url as toBase64url } from "../sign/encoding.js";

export { bytesOf, pae } from "../sign/encoding.js";

export class Malformed extends Error {}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function unhex(text) {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Malformed("This is not lower-case hex.");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function decoded(text) {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    throw new Malformed("This is not base64.");
  }
}

export function unb64(text) {
  const bytes = decoded(text);
  if (toBase64(bytes) !== text) throw new Malformed("This base64 is not in its one form.");
  return bytes;
}

export function unb64url(text) {
  const bytes = decoded(text.replaceAll("-", "+").replaceAll("_", "/"));
  if (toBase64url(bytes) !== text) throw new Malformed("This URL-safe base64 is not in its one form.");
  return bytes;
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const equal = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

export const digest = async (bytes, hash = "SHA-256") => new Uint8Array(await crypto.subtle.digest(hash, bytes));

export const sha256 = (bytes) => digest(bytes);

export const textOf = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

export function uint(number, width) {
  const bytes = new Uint8Array(width);
  let rest = BigInt(number);
  for (let at = width - 1; at >= 0; at--, rest >>= 8n) bytes[at] = Number(rest & 255n);
  return bytes;
}

// A reader of length-prefixed strings (RFC 4251, 5).
export function strings(data) {
  let at = 0;
  const take = (size) => {
    if (at + size > data.length) throw new Malformed("The bytes end too early.");
    return data.subarray(at, (at += size));
  };
  const next = () => {
    const head = take(4);
    return take(head[0] * 2 ** 24 + head[1] * 2 ** 16 + head[2] * 2 ** 8 + head[3]);
  };
  return { take, next, rest: () => data.subarray(at) };
}

export const string = (bytes) => concat(uint(bytes.length, 4), bytes);
