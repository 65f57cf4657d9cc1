// Add a passkey for signing in.
import { create } from "./credentials.js";
import { onSubmit, post } from "./passkey.js";

onSubmit(async (form) => {
  const options = await post("/account/passkeys/options/", {});
  const credential = await create(options);
  await post("/account/passkeys/", { credential, label: form.label.value.trim() });
  location.assign("/account/");
});
