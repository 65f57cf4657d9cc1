// A walk over the records: every body hashed again, the tree built from them, every signed head on the way compared.
import { equal, hex, unhex } from "./bytes.js";
import { CompactRange, leafHash } from "./merkle.js";
import { isSigned, openNote } from "./note.js";
import { fetchBatch, fetchTree } from "./source.js";

export class Broken extends Error {
  constructor(sentence, facts) {
    super(sentence);
    Object.assign(this, facts);
  }
}

const nothing = { seq: null };

function neighbours(records, at, before) {
  return { before: records[at - 1] ?? before ?? nothing, here: records[at] ?? nothing, after: records[at + 1] ?? nothing };
}

async function hashed(records, tree, before) {
  const hashes = [];
  for (const [at, record] of records.entries()) {
    const expected = tree.size + at;
    if (record.seq !== expected) {
      const around = { before: records[at - 1] ?? before ?? nothing, here: { seq: expected }, after: record };
      throw new Broken(`Record ${expected} is missing`, { ...around, expected: `record ${expected}`, found: `record ${record.seq}` });
    }
    const computed = await leafHash(record.body);
    if (hex(computed) !== record.leaf_hash) {
      const around = neighbours(records, at, before);
      throw new Broken(`Record ${record.seq} was changed`, { ...around, expected: record.leaf_hash, found: hex(computed), why: "Its bytes are not those that were hashed." });
    }
    hashes.push(computed);
  }
  return hashes;
}

async function compare(head, tree, keys, records, sealed, before) {
  const opened = await openNote(head.note, keys);
  const at = records.findIndex((one) => one.seq === head.size - 1);
  const around = neighbours(records, at, before);
  if (!isSigned(opened)) throw new Broken(`The checkpoint of ${head.size} records is not signed`, { ...around, expected: "a signature by the log", found: "another" });
  const root = await tree.root();
  if (opened.head.size !== head.size || !equal(opened.head.root, root)) {
    const why = `The signed head over ${sealed} records fits, that over ${head.size} does not: the break is among records ${sealed} to ${head.size - 1}.`;
    const first = records.find((one) => one.seq >= sealed) ?? nothing;
    const place = neighbours(records, records.indexOf(first), before);
    throw new Broken(head.size - sealed === 1 ? `Record ${sealed} is not the one that was signed` : `Records ${sealed} to ${head.size - 1} are not those that were signed`, {
      ...place, expected: `root ${hex(opened.head.root)}`, found: `root ${hex(root)}`, why, needsEveryHead: head.size - sealed > 1,
    });
  }
  return head.size;
}

async function step(tree, found, context) {
  const hashes = await hashed(found.records, tree, context.before);
  const heads = [...found.heads];
  for (const item of hashes) {
    await tree.append(item);
    if (heads[0]?.size === tree.size) context.sealed = await compare(heads.shift(), tree, context.keys, found.records, context.sealed, context.before);
  }
}

// Walks from `start` until `end` is under a signed head that fits. `known` may give a tree that was walked before; a
// tree that the server gives for the start is proven by the first signed head that fits what was appended to it.
export async function walk({ start, end, head, keys, known, progress, signal }) {
  const hashes = known?.size === start ? known.hashes.map(unhex) : start ? await fetchTree(start, signal) : [];
  const tree = new CompactRange(start, hashes);
  const context = { keys, sealed: start, before: null };
  while (tree.size < head.size && context.sealed < end) {
    const [size, kept, sealed] = [tree.size, tree.hashes.slice(), context.sealed];
    const found = trimmed(await fetchBatch(size, false, signal), head.size);
    if (!found.records.length) throw new Broken(`Record ${size} is missing`, { ...neighbours([], 0, context.before), here: { seq: size }, expected: `${head.size} records`, found: `${size} records` });
    try {
      await step(tree, found, context);
    } catch (error) {
      if (!(error instanceof Broken) || !error.needsEveryHead) throw error;
      await step(new CompactRange(size, kept), trimmed(await fetchBatch(size, true, signal), head.size), { ...context, sealed });
      throw error;
    }
    context.before = found.records.at(-1);
    progress(tree.size);
  }
  if (tree.size === head.size && !equal(await tree.root(), head.root)) {
    throw new Broken(`Records ${context.sealed} to ${head.size - 1} are not those that were signed`, { ...neighbours([], 0, context.before), expected: `root ${hex(head.root)}`, found: `root ${hex(await tree.root())}` });
  }
  return { size: tree.size, hashes: tree.hashes.map(hex) };
}

const trimmed = ({ records, heads }, size) => ({ records: records.filter((one) => one.seq < size), heads: heads.filter((one) => one.size <= size) });
