// What stands around the live part and follows it: how many incidents are open, and the tab's title.
document.addEventListener("htmx:afterSwap", () => {
  const { open, title } = document.getElementById("main")?.dataset ?? {};
  for (const count of open === undefined ? [] : document.querySelectorAll(".nav .count, .tabs .count")) {
    count.textContent = open;
    count.hidden = open === "0";
  }
  if (title) document.title = `${title} · Countersign`;
});
