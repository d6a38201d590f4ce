// The time that people have for a step: a warning comes up before it is over.
const warning = 20; // seconds

function look() {
  const box = document.querySelector("[data-deadline]");
  if (!box) return;
  const left = Math.ceil((Number(box.dataset.deadline) - Date.now()) / 1000);
  const hidden = left > warning || left < 0; // what comes after the end the server says
  // Screen readers are told once, by the box: the number that counts is kept from them.
  if (box.hidden !== hidden) box.hidden = hidden;
  const count = box.querySelector("[data-left]");
  if (!hidden && count.textContent !== String(left)) count.textContent = left;
}

export function time() {
  setInterval(look, 250);
  look();
}
