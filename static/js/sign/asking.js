// Questions and answers on the record. They are put into the page in place: whoever reads keeps their place.
import { get, post, reason } from "./calls.js";
import { say } from "./page.js";

const $ = (id) => document.getElementById(id);
const { request } = document.body.dataset;
const path = `/api/v1/approval-requests/${request}/questions/`;
let answering = 0;

function made(name, text = "", className = "") {
  const element = document.createElement(name);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

const clock = (time) => (time ? ` ${time.slice(11, 16)}` : "");

function spoken(className, who, time, text) {
  const line = made("p", "", className);
  line.append(made("b", who), clock(time), document.createElement("br"), text);
  return line;
}

function drawn(one) {
  const item = made("li");
  item.dataset.question = one.id;
  item.append(spoken("q-line", one.asked_by_name, one.asked_at, one.text));
  if (one.answer) {
    item.append(spoken("a-line", one.answered_by_name, one.answered_at, one.answer));
    return item;
  }
  const open = made("p", `${one.note || "Not answered yet"} `, "a-line faint");
  const button = made("button", "Answer", "btn btn-sm");
  button.type = "button";
  button.dataset.answer = one.id;
  open.append(button);
  item.append(open);
  return item;
}

async function refresh() {
  const { results } = await get(path);
  $("talk").hidden = !results.length;
  const before = $("talk-list").querySelectorAll(".a-line:not(.faint)").length;
  $("talk-list").replaceChildren(...results.map(drawn));
  const after = $("talk-list").querySelectorAll(".a-line:not(.faint)").length;
  if (after > before) say("A question was answered.");
}

async function send(where, words, name) {
  const text = $(words).value.trim();
  const tell = (sentence) => {
    $(`${name}-missing`).hidden = !sentence;
    if (sentence) $(`${name}-missing-words`).textContent = sentence;
  };
  if (text.length < 3) return tell(name === "ask" ? "Write the question." : "Write the answer.");
  tell("");
  try {
    await post(where, { text });
    $(words).value = "";
    $(name).close();
    await refresh();
  } catch (error) {
    tell(reason(error));
  }
}

export function watchAsking() {
  if (!$("talk") || !$("ask")) return;
  $("ask-go").addEventListener("click", () => send(path, "ask-words", "ask"));
  $("answer-go").addEventListener("click", () => send(`${path}${answering}/answer/`, "answer-words", "answer"));
  $("talk").addEventListener("click", (event) => {
    const button = event.target.closest("[data-answer]");
    if (!button) return;
    answering = Number(button.dataset.answer);
    $("answer-to").textContent = button.closest("li").querySelector(".q-line").lastChild.textContent;
    $("answer").showModal();
  });
  document.body.addEventListener(`live:request:${request}`, () => refresh().catch(() => null));
}
