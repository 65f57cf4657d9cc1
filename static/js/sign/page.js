// The signing page's own state, and how it says that something is wrong.

const $ = (id) => document.getElementById(id);

export const setState = (state) => (document.body.dataset.state = state);
export const say = (text) => ($("say").textContent = text);

// Something does not agree: say it above everything and take the verbs away.
export function lock(title, sentence) {
  trouble(title, sentence);
  document.body.dataset.locked = "";
  for (const id of ["approve", "reject-open", "reject-go"]) $(id)?.setAttribute("aria-disabled", "true");
}

export const isLocked = () => "locked" in document.body.dataset;

export function trouble(title, sentence) {
  $("trouble-h").textContent = title;
  $("trouble-p").textContent = sentence;
  $("trouble").hidden = false;
  scrollTo({ top: 0 });
}

export const calm = () => ($("trouble").hidden = true);

export function showWords(words, hexadecimal) {
  $("words").replaceChildren(...words.map((word) => Object.assign(document.createElement("span"), { textContent: word })));
  $("hex").textContent = `sha-256 ${hexadecimal.match(/.{4}/g).join(" ")}`;
  for (const element of document.querySelectorAll("[data-words-short]")) element.textContent = `${words.slice(0, 3).join(" ")} …`;
}
