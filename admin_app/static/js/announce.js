// Says a sentence to screen readers. Emptied first so that the same sentence is heard twice.
export function announce(sentence) {
  const voice = document.getElementById("announcer");
  voice.textContent = "";
  setTimeout(() => { voice.textContent = sentence; }, 50);
}
