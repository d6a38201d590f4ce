// Keys and scanners.
//
// A scanner is a keyboard that types very fast and ends with Enter, after each
// line or after all of them. It types the keys of an American keyboard: where
// another layout is set, its digits and letters arrive as something else, so the
// physical keys are noted beside the characters.

const together = 80; // milliseconds: nobody types so fast, every scanner does
const zone = /^[A-Z0-9<]+$/;
const whole = (text) => (text.length === 90 || text.length === 88) && zone.test(text);
const line = (text) => [30, 60, 44].includes(text.length) && zone.test(text);

let burst = null; // { typed, pressed, last, field, before }
let pending = 0; // a shortcut that waits to see whether it is a burst

function physical(e) {
  let found = e.code.match(/^(?:Digit|Numpad)(\d)$/) || e.code.match(/^Key([A-Z])$/);
  if (found) return found[1];
  if (e.code === "Comma" && e.shiftKey || e.code === "IntlBackslash") return "<";
  return "";
}

function note(e) {
  if (!burst || e.timeStamp - burst.last > together) {
    const field = editable(document.activeElement) ? document.activeElement : null;
    burst = { typed: "", pressed: "", last: 0, field, before: field?.value };
  }
  burst.last = e.timeStamp;
  burst.typed += e.key.toUpperCase();
  burst.pressed += physical(e);
}

// scanned gives the zone in a burst, "" if there is none.
function scanned(test) {
  return [burst?.typed, burst?.pressed].find((text) => text && test(text)) || "";
}

function send(text) {
  const field = document.getElementById("password");
  if (burst.field && burst.field !== field) burst.field.value = burst.before;
  burst = null;
  if (!field) return;
  field.value = text;
  field.form.requestSubmit();
}

// Keys that no field takes do their work from everywhere.
const everywhere = (key) => key === "Escape" || key === "F2";

const editable = (e) => e?.matches?.("input:not([type=hidden], [type=checkbox]), textarea, select");

function press(e) {
  const name = e.key.length === 1 ? e.key.toLowerCase() : e.key;
  for (const button of document.querySelectorAll("[data-shortcut], [data-focus]")) {
    const keys = (button.dataset.shortcut || button.dataset.focus).split(" ");
    if (!keys.includes(name) || button.disabled || button.offsetParent === null) continue;
    if (button.dataset.focus || name === "Escape" && document.activeElement !== button && button.id === "cancel") button.focus();
    else button.click();
    return;
  }
}

function down(e) {
  if (e.ctrlKey || e.altKey || e.metaKey || e.isComposing) return;
  clearTimeout(pending);
  if (e.key === "Enter") {
    const fast = burst && e.timeStamp - burst.last <= together;
    const text = fast && scanned(whole);
    if (text) send(text);
    if (text || fast && scanned(line)) {
      if (burst) burst.last = e.timeStamp;
      e.preventDefault();
    } else if (e.target.matches?.(".record input")) {
      e.preventDefault(); // a record begins its own purpose, and not the form's first
      e.target.closest("li").querySelector("[name=purpose]").click();
    }
    return;
  }
  if (e.key.length === 1 || physical(e)) note(e); // one key of an Arabic keyboard types two letters
  if (editable(document.activeElement) && !everywhere(e.key)) return;
  const field = document.getElementById("password");
  if (field && e.key.length === 1 && e.key !== " ") {
    field.focus(); // whoever types a CAN need not look where
    return;
  }
  if (e.key.length > 1 && !everywhere(e.key)) return;
  if ("keys" in document.body.dataset || everywhere(e.key)) pending = setTimeout(() => press(e), together + 10);
}

export function listen() {
  document.addEventListener("keydown", down);
}
