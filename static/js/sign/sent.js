// The digest of what this tab has sent, kept across the reload, so that the receipt can be held against it.
import { bytesOf, hex, sha256 } from "./encoding.js";

const name = (request) => `countersign.sent.${request}`;

// A sidecar in its one form: members in order, no spaces. Its texts are base64 and ids, so this is what the server keeps.
const canonical = (sidecar) => JSON.stringify(Object.fromEntries(Object.entries(sidecar).sort(([one], [other]) => (one < other ? -1 : 1))));

export async function keepSent(request, sidecar) {
  try {
    sessionStorage.setItem(name(request), hex(await sha256(bytesOf(canonical(sidecar)))));
  } catch {
    // Without storage the receipt is held against the server's digest alone, and says so.
  }
}

export function sentBefore(request) {
  try {
    return sessionStorage.getItem(name(request));
  } catch {
    return null;
  }
}
