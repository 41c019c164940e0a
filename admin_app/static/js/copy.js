// A copy button says “Copied”, to eyes and ears.
import { announce } from "./announce.js";

const SHOWN_FOR_MS = 2000;

document.addEventListener("clipboard-copy", (event) => {
  const button = event.target;
  announce(`Copied ${button.dataset.copied ?? ""}`.trim());
  button.classList.add("is-copied");
  setTimeout(() => button.classList.remove("is-copied"), SHOWN_FOR_MS);
});
