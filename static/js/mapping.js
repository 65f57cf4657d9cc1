// The mapping page: a click on a value of the payload takes its path into the field that was used last.
const SEVERAL = new Set(["title", "fingerprint"]);
let last = document.getElementById("m-title");

document.addEventListener("focusin", (event) => {
  if (event.target.matches(".mapl input")) last = event.target;
});

document.addEventListener("click", (event) => {
  const taken = event.target.closest("[data-path]");
  if (!taken || !last) return;
  const { path, into } = taken.dataset;
  const field = into ? document.getElementById(`m-${into}`) : last;
  const parts = field.value.split(",").map((part) => part.trim()).filter(Boolean);
  if (SEVERAL.has(field.name) && !parts.includes(path)) field.value = [...parts, path].join(", ");
  else if (!SEVERAL.has(field.name)) field.value = path;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  document.getElementById("say").textContent = `${path} taken into ${field.labels[0].firstElementChild.textContent}`;
});
