// What this browser remembers of the log from visit to visit: its name, its keys, the last head, how far it was walked.
const KEY = "countersign.log";

export function remembered() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    return kept && typeof kept.origin === "string" && Number.isSafeInteger(kept.size) ? kept : null;
  } catch {
    return null;
  }
}

function keep(values) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...remembered(), ...values }));
  } catch {
    // A browser without storage remembers nothing, and the page says "first seen now" each time.
  }
}

export const rememberHead = ({ origin, size, root, keys }) =>
  keep({ origin, size, root, keys, since: remembered()?.since ?? new Date().toISOString(), at: new Date().toISOString() });

export const rememberWalk = ({ size, hashes, at }) => keep({ walked: { size, hashes, at } });

export function forget() {
  localStorage.removeItem(KEY);
}
