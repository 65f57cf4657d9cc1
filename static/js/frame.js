// What stands around the live part and follows it: how many incidents are open, and the tab's title.
document.addEventListener("htmx:afterSwap", () => {
  const { open, approvals, title } = document.getElementById("main")?.dataset ?? {};
  for (const [number, name] of [[open, "open"], [approvals, "approvals"]]) {
    for (const count of number === undefined ? [] : document.querySelectorAll(`[data-counts=${name}]`)) {
      count.textContent = number;
      count.hidden = number === "0";
    }
  }
  if (title) document.title = `${title} · Countersign`;
});
