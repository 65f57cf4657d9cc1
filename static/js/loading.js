// A thin line under the top bar while a fragment is on its way; the style waits 400 ms before it shows.
document.addEventListener("htmx:beforeRequest", () => document.body.toggleAttribute("data-loading", true));
for (const name of ["htmx:afterRequest", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => document.body.removeAttribute("data-loading"));
}

// Signed out meanwhile: the answer is the sign-in page, which must not be put into this one.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (new URL(event.detail.xhr.responseURL).pathname.startsWith("/sign-in/")) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});
