// Buttons with data-open="id" open that dialog; a click beside a dialog closes it.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
  event.target.closest("[data-close]")?.closest("dialog").close();
  if (event.target.tagName === "DIALOG") event.target.close();
});
// A form that ends in a download leaves its dialog behind.
document.addEventListener("submit", (event) => event.target.matches("form[data-download]") && event.target.closest("dialog")?.close());
