// Ages, spans and deadlines tick in the browser; the words are those of console/phrases.py.

const pad = (number) => String(number).padStart(2, "0");

const age = (s) =>
  s < 60 ? `${s} s` : s < 3600 ? `${Math.floor(s / 60)} m` : s < 86400
    ? `${Math.floor(s / 3600)} h ${pad(Math.floor((s % 3600) / 60))}` : `${Math.floor(s / 86400)} d`;

const span = (s) =>
  s < 60 ? `${s} s` : s < 3600 ? `${Math.floor(s / 60)} m ${s % 60} s` : s < 86400
    ? `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} m` : `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;

const words = { age, span, left: (s) => span(-s) };

function tick() {
  for (const element of document.querySelectorAll("time[data-ticks]")) {
    const passed = Math.floor((Date.now() - Date.parse(element.dateTime)) / 1000);
    const counts = element.dataset.ticks === "left" ? Math.min(0, passed) : Math.max(0, passed);
    const text = words[element.dataset.ticks](counts);
    if (element.textContent !== text) element.textContent = text;
  }
}

setInterval(tick, 1_000);
