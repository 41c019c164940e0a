// A list's URL carries only what was chosen, and a failed refresh says so.
import { announce } from "./announce.js";

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id !== "list-form") return;
  const { parameters } = event.detail;
  for (const [name, value] of Object.entries(parameters)) if (value === "") delete parameters[name];
});

// A list that could not be read answers with its own sentence and a way to try again: that is shown, not dropped.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, xhr, serverResponse } = event.detail;
  if (requestConfig?.elt.id === "list-form" && xhr.status === 503 && serverResponse.includes('id="results"')) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    if (event.detail.elt.id !== "list-form") return;
    const count = document.getElementById("result-count");
    count.textContent = "The list could not be refreshed. Reload the page to try again.";
    announce(count.textContent);
  });
}

