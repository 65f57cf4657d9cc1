// The page's one socket. The server names what changed; `live:<topic>` on the body lets whoever shows it fetch it
// again, and `live:again` follows a reconnection, or the first connection of a page that shows something at work. A line
// that is silent for ten seconds is said to be not live.

const SILENCE_MS = 10_000;
const GATHER_MS = 250;
const LONGEST_WAIT_MS = 8_000;
const LEAVE_MS = 1_500;

let socket = null;
let heard = 0;
let tries = 0;
let lost = false;
let timer = 0;
const waiting = new Set();

export const isLive = () => document.body.dataset.live === "yes";

function show(live) {
  const word = live ? "Live" : "Not live, reconnecting";
  const before = document.body.dataset.live;
  document.body.dataset.live = live ? "yes" : "no";
  const dot = document.getElementById("live");
  if (dot) {
    dot.dataset.state = live ? "" : "stale";
    dot.title = word;
    dot.lastElementChild.textContent = word;
  }
  if (before !== document.body.dataset.live) tell("live:state");
}

function tell(name) {
  document.body.dispatchEvent(new CustomEvent(name));
}

function flush() {
  timer = 0;
  const topics = [...waiting];
  waiting.clear();
  for (const topic of topics) tell(`live:${topic}`);
}

function hear(event) {
  heard = Date.now();
  tries = 0;
  show(true);
  for (const topic of JSON.parse(event.data).topics ?? []) waiting.add(topic);
  if (lost) waiting.add("again");
  lost = false;
  if (waiting.size && !timer) timer = setTimeout(flush, GATHER_MS);
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}/ws/live/`);
  socket.onmessage = hear;
  socket.onclose = (event) => {
    lost = true;
    show(false);
    if (event.code === 4401) return setTimeout(() => location.reload(), LEAVE_MS); // this page may be leaving already
    const wait = Math.min(LONGEST_WAIT_MS, 400 * 2 ** tries++) * (0.75 + Math.random() / 2);
    setTimeout(connect, wait);
  };
}

if (document.getElementById("live")) {
  lost = document.querySelector("[data-live] .work") !== null; // it may have gone on before there was a line to say so
  connect();
  setInterval(() => {
    if (Date.now() - heard > SILENCE_MS && socket.readyState === WebSocket.OPEN) {
      show(false);
      lost = true;
      socket.close();
    }
  }, 1_000);
  addEventListener("pagehide", () => (socket.onclose = null));
}
