// The bytes that would be signed: fetched, hashed here, and held against what the page shows.
import { hex, sha256 } from "./encoding.js";

export async function fetchChange(digest) {
  const response = await fetch(`/api/v1/changes/${digest}/`, { cache: "no-store" });
  if (!response.ok) throw new Error(`The server answered ${response.status} when asked for the change.`);
  const bytes = await response.arrayBuffer();
  return { bytes, digest: hex(await sha256(bytes)) };
}

// Six words of 11 bits each from the front of the digest, as in proof/words.py.
export async function sixWords(digest, url) {
  const list = await (await fetch(url)).json();
  const bits = [...digest.slice(0, 18)].map((digit) => parseInt(digit, 16).toString(2).padStart(4, "0")).join("");
  return [0, 1, 2, 3, 4, 5].map((at) => list[parseInt(bits.slice(at * 11, at * 11 + 11), 2)]);
}

// Names of the fields that the page shows differently from the bytes; none, if all is well.
export function differing(bytes) {
  const change = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  const at = (path) => path.split(".").reduce((value, key) => value?.[key], change);
  const differs = [...document.querySelectorAll("[data-is]")].filter((shown) => shown.textContent !== String(at(shown.dataset.is)));
  const steps = document.querySelectorAll(".cmds > li").length;
  return [...differs.map((shown) => shown.dataset.is), ...(steps === change.steps.length ? [] : ["steps"])];
}
