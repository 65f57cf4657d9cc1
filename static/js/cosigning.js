// Co-sign a draft: the exact bytes are fetched and hashed here, and the passkey signs those.
import { bytes, get, post, reason, Refused } from "./sign/calls.js";
import { sixWords } from "./sign/bytes.js";
import { hex, sha256 } from "./sign/encoding.js";
import { assertion } from "./sign/passkey.js";

const main = document.getElementById("main");
const { draft, digest, words } = main.dataset;
const said = document.getElementById("cosign-said");
const path = `/api/v1/registry/drafts/${draft}`;

function tell(text, bad = false) {
  said.textContent = text;
  said.classList.toggle("lit", bad);
}

async function document_() {
  const payload = await bytes(`${path}/document/`);
  const found = hex(await sha256(payload));
  if (found !== digest) throw new Refused("The server sent other bytes than this page shows. Do not sign. Load it again.");
  return payload;
}

async function show() {
  const payload = await document_();
  const found = hex(await sha256(payload));
  document.getElementById("words").textContent = (await sixWords(found, words)).join(" ");
  document.getElementById("hex").textContent = `sha-256 ${found.match(/.{4}/g).join(" ")}`;
}

async function cosign(event) {
  event.preventDefault();
  const chosen = document.getElementById("key").selectedOptions[0];
  tell("Waiting for your passkey. Not signed yet.");
  try {
    const payload = await document_();
    const { payload_type: payloadType } = await get(`${path}/`);
    const made = await assertion({ payload, payloadType, credential: chosen.dataset.credential });
    const answer = await post(`${path}/signatures/`, { signature: { kind: "webauthn", key_id: chosen.value, ...made } });
    tell(answer.state === "PUBLISHED" ? "Signed, and published." : "Signed.");
    location.reload();
  } catch (error) {
    tell(`Not signed. ${reason(error)}`, true);
  }
}

if (digest) show().catch((error) => (document.getElementById("words").textContent = reason(error)));
document.getElementById("cosign-form")?.addEventListener("submit", cosign);
