// A form that acts once: after sending, its button says that it is at work, and it does not send again.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-busy]");
  if (!form) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  const button = event.submitter ?? form.querySelector("button:not([type=button])");
  button?.setAttribute("aria-disabled", "true");
  button?.setAttribute("aria-busy", "true");
  document.getElementById("say").textContent = "Sent, waiting for the answer";
});
