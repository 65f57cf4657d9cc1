// A reviews, T takes over, on an incident's page.
import { onKey } from "./keyboard.js";

if (document.querySelector("[data-live=incident]")) {
  onKey({
    a: () => {
      const link = document.querySelector("[data-review-link]");
      if (!link) return false;
      link.click();
      return true;
    },
    t: () => {
      const button = document.querySelector("[data-open=take-over-ask]");
      if (!button) return false;
      button.click();
      return true;
    },
  });
}
