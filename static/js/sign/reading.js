// HIGH and CRITICAL: signing is offered once every part has been on the screen. The button says what it does.

const parts = [...document.querySelectorAll("[data-part]")];
const seen = new Set();
const opened = performance.now();
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export const sectionsSeen = () => parts.filter((_, at) => seen.has(at)).map((part) => part.dataset.part);
export const viewedMs = () => Math.round(performance.now() - opened);
const light = document.body.dataset.friction === "light";

// Below HIGH one may sign without having had every part on the screen; it is still counted and signed what was.
export const allRead = () => light || seen.size === parts.length;

function look() {
  const bottom = innerHeight - document.getElementById("act").offsetHeight + 12;
  parts.forEach((part, at) => {
    const box = part.getBoundingClientRect();
    if (box.height && box.bottom < bottom) seen.add(at);
  });
  const marks = document.getElementById("segs");
  if (!marks) return;
  [...marks.children].forEach((mark, at) => mark.classList.toggle("on", seen.has(at)));
  const text = seen.size === parts.length ? "all read" : `${seen.size} of ${parts.length} read`;
  if (document.getElementById("seen").textContent !== text) document.getElementById("seen").textContent = text;
  document.body.toggleAttribute("data-read", allRead());
}

export function watchReading() {
  document.getElementById("segs")?.append(...parts.map(() => document.createElement("i")));
  document.getElementById("read-on")?.addEventListener("click", () => {
    const next = parts.find((_, at) => !seen.has(at));
    next?.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "end" });
  });
  addEventListener("scroll", look, { passive: true });
  addEventListener("resize", look);
  look();
}
