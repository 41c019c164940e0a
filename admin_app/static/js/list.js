// A list's URL carries only what was chosen, and a failed refresh says so.
import { announce } from "./announce.js";

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id !== "list-form") return;
  const { parameters } = event.detail;
  for (const [name, value] of Object.entries(parameters)) if (value === "") delete parameters[name];
});

for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    if (event.detail.elt.id !== "list-form") return;
    const count = document.getElementById("result-count");
    count.textContent = "The list could not be refreshed. Reload the page to try again.";
    announce(count.textContent);
  });
}

