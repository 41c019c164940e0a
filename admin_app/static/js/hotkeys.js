// Keys by attribute: `data-hotkey` on a link, button or field; off inside fields and by the person's setting.
import { install, uninstall } from "../vendor/hotkey/hotkey.js";

const installed = new Set();

function refresh() {
  for (const element of installed) {
    if (element.isConnected) continue;
    uninstall(element);
    installed.delete(element);
  }
  for (const element of document.querySelectorAll("[data-hotkey]")) {
    if (installed.has(element)) continue;
    if (document.documentElement.dataset.hotkeys === "off") continue;
    install(element);
    installed.add(element);
  }
}

// While a dialog is open, the page behind it stays quiet.
document.addEventListener("hotkey-fire", (event) => {
  if (document.querySelector("dialog[open]")) event.preventDefault();
}, true);

// The palette opens from everywhere, also from inside a field, where single keys rest.
document.addEventListener("keydown", (event) => {
  const isPalette = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
  const opener = document.querySelector("[data-palette]");
  if (!isPalette || !opener) return;
  event.preventDefault();
  if (!document.querySelector("dialog[open]")) opener.click();
});

refresh();
document.addEventListener("htmx:afterSettle", refresh);
