// The way from a record up to the root, as a small tree; only the topmost levels are drawn.
const SVG = "http://www.w3.org/2000/svg";
const LEVELS = 3;
const HEIGHT = 21;

function make(name, attributes, text = "") {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

// Whether the path comes from the right (1) or from the left (0), level by level from the bottom.
export function turns(index, size) {
  const found = [];
  let [place, last] = [index, size - 1];
  while (last > 0) {
    const right = place % 2 === 1 || place === last;
    if (right && place % 2 === 0) {
      while (place && place % 2 === 0) [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
      if (!place) break;
    }
    found.push(right ? 1 : 0);
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return found;
}

const across = (level, at) => `${(((at + 0.5) / 2 ** level) * 100).toFixed(2)}%`;

export function drawPath({ seq, size }, digits) {
  const way = turns(seq, size).slice(-LEVELS).reverse();
  const depth = way.length;
  const svg = make("svg", { role: "img", "aria-label": `Path from record ${seq} up to checkpoint ${size}` });
  const down = (level) => 19 + level * HEIGHT;
  const on = [0];
  for (const turn of way) on.push(on.at(-1) * 2 + turn);
  for (let level = 1; level <= depth; level++) {
    for (let at = 0; at < 2 ** level; at++) {
      const taken = on[level] === at;
      svg.append(make("line", { class: taken ? "pth" : "e", x1: across(level, at), y1: down(level), x2: across(level - 1, Math.floor(at / 2)), y2: down(level - 1) }));
    }
  }
  for (let level = 0; level <= depth; level++) {
    for (let at = 0; at < 2 ** level; at++) {
      const taken = on[level] === at;
      svg.append(make("circle", { class: taken ? "nd-p" : "nd", cx: across(level, at), cy: down(level), r: taken ? 4.5 : 3 }));
      if (!taken && level && (on[level] ^ 1) === at) svg.append(make("circle", { class: "nd-p", cx: across(level, at), cy: down(level), r: 1.5 }));
    }
  }
  svg.append(make("text", { x: "50%", y: 9, "text-anchor": "middle" }, `checkpoint ${digits(size)}`));
  svg.append(make("text", { x: across(depth, on[depth]), y: down(depth) + 17, "text-anchor": "middle" }, digits(seq)));
  const figure = document.createElement("figure");
  figure.className = "proof";
  figure.append(svg);
  return figure;
}
