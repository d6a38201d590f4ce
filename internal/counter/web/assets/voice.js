// Spoken notices: pieces played one after the other.
let playing = null;
let heard = "";

function stop() {
  playing?.pause();
  playing = null;
  const silence = document.getElementById("silence");
  if (silence) silence.hidden = true;
}

// play resolves to false when the browser wants a person to press something first.
async function play(list) {
  stop();
  const audio = new Audio();
  playing = audio;
  const urls = list.split(" ");
  audio.addEventListener("ended", next);
  function next() {
    const url = urls.shift();
    if (!url || playing !== audio) return stop();
    audio.src = url;
    return audio.play();
  }
  const silence = document.getElementById("silence");
  if (silence) silence.hidden = false;
  try {
    await next();
  } catch {
    if (playing === audio) stop();
  }
}

// moment plays what belongs to what is on the screen now, once.
export function moment() {
  const wanted = document.querySelector("[data-autoplay]")?.dataset.autoplay || "";
  if (wanted === heard) return;
  heard = wanted;
  if (wanted) play(wanted);
  else stop();
}

export function voices() {
  document.addEventListener("click", (e) => {
    const voice = e.target.closest("[data-play]");
    if (voice) play(voice.dataset.play);
    if (e.target.closest("#silence, [data-testid=agree], [data-testid=refuse]")) stop();
  });
  moment();
}
