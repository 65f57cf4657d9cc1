// Confirm that it is you, then go back.
import { get } from "./credentials.js";
import { form, onSubmit, post } from "./passkey.js";

onSubmit(async () => {
  const options = await post("/step-up/passkey/options/", {});
  const credential = await get(options);
  const answer = await post("/step-up/passkey/", { credential, next: form.dataset.next });
  location.assign(answer.next);
});
