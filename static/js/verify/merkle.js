// The Merkle tree of RFC 6962 and RFC 9162, as in proof/merkle.py. Sizes stay below 2^53, so numbers do.
import { concat, equal, sha256 } from "./bytes.js";

const ZERO = new Uint8Array([0]);
const ONE = new Uint8Array([1]);
const half = (number) => Math.floor(number / 2);
const odd = (number) => number % 2 === 1;

export const leafHash = (body) => sha256(concat(ZERO, body));
export const nodeHash = (left, right) => sha256(concat(ONE, left, right));

const digests = (...items) => items.every((item) => item instanceof Uint8Array && item.length === 32);

// The heads of the full subtrees, largest first: the least one must remember of a tree to append to it.
export class CompactRange {
  constructor(size = 0, hashes = []) {
    let ones = 0;
    for (let rest = size; rest > 0; rest = half(rest)) ones += rest % 2;
    if (!Number.isSafeInteger(size) || size < 0 || hashes.length !== ones || !digests(...hashes)) {
      throw new RangeError(`These hashes are not the full subtrees of a tree of ${size} leaves.`);
    }
    this.size = size;
    this.hashes = [...hashes];
  }

  async append(item) {
    for (let rest = this.size; odd(rest); rest = half(rest)) item = await nodeHash(this.hashes.pop(), item);
    this.hashes.push(item);
    this.size += 1;
  }

  async root() {
    if (!this.hashes.length) return sha256(new Uint8Array());
    let head = this.hashes.at(-1);
    for (const left of this.hashes.slice(0, -1).reverse()) head = await nodeHash(left, head);
    return head;
  }
}

// Whether a leaf hash stands at `index` in the tree of `size` leaves with this head (RFC 9162, 2.1.3.2).
export async function verifyInclusion(index, size, item, proof, head) {
  if (!(index >= 0 && index < size) || !digests(item, head, ...proof)) return false;
  let [place, last] = [index, size - 1];
  for (const other of proof) {
    if (last === 0) return false;
    if (odd(place) || place === last) {
      item = await nodeHash(other, item);
      while (!odd(place) && place) [place, last] = [half(place), half(last)];
    } else item = await nodeHash(item, other);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && equal(item, head);
}

// Whether the newer tree begins with all of the older one (RFC 9162, 2.1.4.2). The empty tree never passes.
export async function verifyConsistency(oldSize, newSize, oldRoot, newRoot, proof) {
  if (oldSize === newSize) return oldSize > 0 && !proof.length && equal(oldRoot, newRoot);
  if (!(oldSize > 0 && oldSize < newSize) || !proof.length || !digests(oldRoot, newRoot, ...proof)) return false;
  const path = Number.isInteger(Math.log2(oldSize)) ? [oldRoot, ...proof] : [...proof];
  let [place, last] = [oldSize - 1, newSize - 1];
  while (odd(place)) [place, last] = [half(place), half(last)];
  let [older, newer] = [path[0], path[0]];
  for (const other of path.slice(1)) {
    if (last === 0) return false;
    if (odd(place) || place === last) {
      [older, newer] = [await nodeHash(other, older), await nodeHash(other, newer)];
      while (!odd(place) && place) [place, last] = [half(place), half(last)];
    } else newer = await nodeHash(newer, other);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && equal(older, oldRoot) && equal(newer, newRoot);
}
