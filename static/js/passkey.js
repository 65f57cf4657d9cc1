// The form of a page that asks for a passkey: what it says, what it sends.

const form = document.getElementById("passkey-form");
const said = document.getElementById("passkey-said");
const KNOWN = {
  NotAllowedError: "The passkey did not answer, or you said no.",
  InvalidStateError: "This device already holds such a passkey of yours.",
  SecurityError: "Passkeys do not work at this address.",
};

export function tell(text, bad = false) {
  said.textContent = text;
  said.classList.toggle("lit", bad);
}

export const explain = (error) => tell(`${KNOWN[error.name] ?? error.message}`, true);

export async function post(path, body) {
  const token = form.querySelector("input[name=csrfmiddlewaretoken]").value;
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const answer = await response.json().catch(() => ({}));
  if (answer.confirm_at) location.assign(answer.confirm_at);
  if (!response.ok) throw new Error(answer.detail ?? `The server answered ${response.status}.`);
  return answer;
}

export function onSubmit(deed) {
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    tell("Waiting for your passkey.");
    try {
      await deed(form);
    } catch (error) {
      explain(error);
    }
  });
}

export { form };
