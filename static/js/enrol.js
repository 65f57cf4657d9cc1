// Enrol a passkey: options from the server, the browser's ceremony, the server's answer.
import { base64url, fromBase64url } from "./sign/encoding.js";

const form = document.getElementById("enrol-form");
const said = document.getElementById("enrol-said");
const tell = (text, bad = false) => {
  said.textContent = text;
  said.classList.toggle("lit", bad);
};

async function post(path, body) {
  const token = form.querySelector("input[name=csrfmiddlewaretoken]").value;
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.detail ?? `The server answered ${response.status}.`);
  return answer;
}

const withBytes = (list) => (list ?? []).map((one) => ({ ...one, id: fromBase64url(one.id) }));

async function create(options) {
  const publicKey = {
    ...options,
    challenge: fromBase64url(options.challenge),
    user: { ...options.user, id: fromBase64url(options.user.id) },
    excludeCredentials: withBytes(options.excludeCredentials),
  };
  const made = await navigator.credentials.create({ publicKey });
  return {
    id: made.id,
    rawId: base64url(made.rawId),
    type: made.type,
    response: {
      attestationObject: base64url(made.response.attestationObject),
      clientDataJSON: base64url(made.response.clientDataJSON),
      transports: made.response.getTransports?.() ?? [],
    },
    clientExtensionResults: made.getClientExtensionResults(),
  };
}

async function enrol(event) {
  event.preventDefault();
  tell("Waiting for your passkey. Not enrolled yet.");
  try {
    const options = await post("/api/v1/keys/registration-options/", {});
    const credential = await create(options.publicKey ?? options);
    await post("/api/v1/keys/", { credential, label: form.label.value.trim() });
    tell("Enrolled.");
    const next = form.dataset.next;
    location.assign(next.startsWith("/approvals/") ? next : "/keys/");
  } catch (error) {
    const known = { NotAllowedError: "The passkey did not answer, or you said no.", InvalidStateError: "This device already holds a passkey of yours." };
    tell(`Not enrolled. ${known[error.name] ?? error.message}`, true);
  }
}

form?.addEventListener("submit", enrol);
