// Withdrawing the request as a whole: a reason, no key. Stopping is always easier than starting.
import { post, reason } from "./calls.js";

const $ = (id) => document.getElementById(id);

export function watchStopping(request) {
  $("wr-go")?.addEventListener("click", async () => {
    const why = $("wr-words").value.trim();
    const tell = (sentence) => {
      $("wr-missing").hidden = false;
      $("wr-missing-words").textContent = sentence;
    };
    if (why.length < 3) return tell("Say why in a sentence.");
    try {
      await post(`/api/v1/approval-requests/${request}/withdrawal/`, { why });
      location.reload();
    } catch (error) {
      tell(reason(error));
    }
  });
}
