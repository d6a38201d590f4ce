// What a page of the desk does by itself: it takes the regions that the server
// sends, presses buttons for keys, hears scanners, and plays notices. It decides
// nothing; every button is a form that works without this script.
import { listen } from "./keys.js";
import { time } from "./time.js";
import { moment, voices } from "./voice.js";

const regions = new Map();
for (const place of document.querySelectorAll("[data-region]")) regions.set(place.id, null);

// swap draws a region anew and keeps what a person was doing there: typing, an
// open explanation, the focus.
function swap(id, html) {
  const place = document.getElementById(id);
  if (!place || regions.get(id) === html) return;
  regions.set(id, html);
  const typed = new Map([...place.querySelectorAll("input[id], select[id]")].map((e) => [e.id, e.value]));
  const open = [...place.querySelectorAll("details[open][id]")].map((e) => e.id);
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  place.innerHTML = html;
  for (const [name, value] of typed) {
    const e = document.getElementById(name);
    if (e && value) e.value = value;
  }
  for (const name of open) document.getElementById(name)?.setAttribute("open", "");
  const wanted = place.querySelector("[autofocus]");
  if (focused?.id && document.getElementById(focused.id)) document.getElementById(focused.id).focus();
  else if (wanted) wanted.focus();
  else if (focused) document.getElementById("main").focus();
}

// hide takes everything off the screen: nobody knows any more whether it may be
// there.
function hide() {
  for (const id of regions.keys()) {
    document.getElementById(id).replaceChildren();
    regions.set(id, "");
  }
  moment();
}

const lost = document.getElementById("lost");
let silent = 0;

function alive() {
  clearTimeout(silent);
  lost.hidden = true;
  silent = setTimeout(gone, 5000); // the server says something each second
}

function gone() {
  lost.hidden = false;
  hide();
}

function follow() {
  const stream = new EventSource(document.body.dataset.events);
  stream.addEventListener("view", (e) => {
    alive();
    for (const [id, html] of Object.entries(JSON.parse(e.data))) swap(id, html);
    moment();
  });
  stream.addEventListener("beat", alive);
  stream.addEventListener("bye", gone);
  stream.onerror = () => {
    // The browser tries again by itself unless the server has said no.
    if (stream.readyState === EventSource.CLOSED) gone();
  };
  addEventListener("pagehide", () => stream.close());
}

// A form is sent without leaving the page; what comes of it the stream brings.
document.addEventListener("submit", async (e) => {
  const form = e.target;
  if ("whole" in form.dataset) return;
  e.preventDefault();
  const content = new URLSearchParams(new FormData(form, e.submitter));
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  for (const typed of form.querySelectorAll("[data-typed]")) typed.value = "";
  try {
    const answer = await fetch(form.action, { method: "POST", body: content, headers: { "X-Stream": "1" } });
    if (answer.status === 403) gone();
  } catch {
    gone();
  } finally {
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
});

// A page that the browser had put aside shows what was then.
addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });

listen();
voices();
time();
follow();
alive();
