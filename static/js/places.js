// G then a letter goes to a place; / filters where there is a filter, Escape leaves it; ? lists the keys.
import { free, onKey } from "./keyboard.js";

const PLACES = { q: "/", a: "/approvals/", o: "/sources/", s: "/services/", v: "/audit/", k: "/keys/" };
let since = 0;

addEventListener("keydown", (event) => {
  if (!free(event)) return;
  const place = PLACES[event.key.toLowerCase()];
  if (place && Date.now() - since < 1_500) {
    event.preventDefault();
    location.assign(place);
  }
  since = event.key.toLowerCase() === "g" ? Date.now() : 0;
}, { capture: true });

const filter = () => document.getElementById("f");

onKey({
  "?": () => document.getElementById("keymap")?.showModal(),
  "/": () => (filter() ? (filter().focus(), true) : false),
});
addEventListener("keydown", (event) => event.key === "Escape" && event.target === filter() && event.target.blur());
