// Lines of checks on the page. Their icons stand in the page as templates; words always stand beside them.
export function icon(state) {
  return document.getElementById(`mark-${state}`).content.cloneNode(true);
}

export function made(name, text = "", className = "") {
  const element = document.createElement(name);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

function hashes(check) {
  const list = made("dl", "", "both");
  for (const [term, value] of [["Expected", check.expected], ["Found", check.found]]) list.append(made("dt", term), made("dd", value, "mono"));
  return list;
}

export function checkLine(check) {
  const line = made("li", "", `is-${check.state}`);
  const body = made("div");
  body.append(made("b", check.title), made("p", check.text));
  if (check.expected !== undefined) body.append(hashes(check));
  line.append(icon(check.state), body);
  return line;
}
