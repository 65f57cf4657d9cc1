// Calls of our own API from a page, with the form's token; what the server refuses is said in its own sentence.

export class Refused extends Error {}

const token = () => document.querySelector("input[name=csrfmiddlewaretoken]").value;

async function answerOf(response) {
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(answer.detail ?? `The server answered ${response.status}.`);
  return answer;
}

async function call(path, options) {
  try {
    return await fetch(path, { cache: "no-store", ...options });
  } catch (error) {
    throw new TypeError("connection lost", { cause: error });
  }
}

export const get = async (path) => answerOf(await call(path));

export async function bytes(path) {
  const response = await call(path);
  if (!response.ok) return answerOf(response);
  return new Uint8Array(await response.arrayBuffer());
}

export async function post(path, body) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token() };
  return answerOf(await call(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

// What went wrong, for people: the browser's own names for it say little.
export function reason(error) {
  const known = {
    AbortError: "Cancelled. Nothing was signed.",
    InvalidStateError: "This device already holds a passkey of yours.",
    NotAllowedError: "The passkey did not answer, or you said no. Nothing was sent.",
    SecurityError: "This page may not use passkeys of that site.",
    TypeError: "The connection was lost. Load the page again to see what the server has.",
  };
  return error instanceof Refused ? error.message : (known[error.name] ?? error.message);
}
