// After a decision the page is loaded anew and shown from its top, where it says what became of it.
const FLAG = "countersign.top";

export function again() {
  try {
    sessionStorage.setItem(FLAG, "yes");
  } catch {
    // Without storage the page stays where it was; what it says stands above.
  }
  location.reload();
}

export function fromTheTop() {
  const wanted = sessionStorage.getItem(FLAG);
  history.scrollRestoration = wanted ? "manual" : "auto";
  if (!wanted) return;
  sessionStorage.removeItem(FLAG);
  scrollTo(0, 0);
}
