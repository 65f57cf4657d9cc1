// Sign in with a passkey: offered in the field's own list where the browser can, and by the button everywhere.
import { get } from "./credentials.js";
import { explain, form, onSubmit, post } from "./passkey.js";

let offer = null;

async function enter(more) {
  const options = await post("/sign-in/passkey/options/", {});
  const credential = await get(options, more);
  const answer = await post("/sign-in/passkey/", { credential, next: form.dataset.next });
  location.assign(answer.next);
}

async function offerInField() {
  if (!form || !(await PublicKeyCredential?.isConditionalMediationAvailable?.())) return;
  offer = new AbortController();
  enter({ mediation: "conditional", signal: offer.signal }).catch((error) => {
    if (error.name !== "AbortError") explain(error);
  });
}

onSubmit(async () => {
  offer?.abort();
  await enter({});
});
offerInField();
