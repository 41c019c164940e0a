// An answer without the part that was asked for (signed out, moved) is shown as the page it is.
function expected(element) {
  const part = element.getAttribute("hx-select");
  if (part) return `id="${part.slice(1)}"`;
  return element.matches("[data-poll]") ? "data-job" : "";
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt, requestConfig, serverResponse, shouldSwap } = event.detail;
  const asker = requestConfig?.elt ?? elt;
  if (!shouldSwap || serverResponse.includes(expected(asker))) return;
  event.detail.shouldSwap = false;
  if (asker.matches("[data-poll]")) window.location.reload();
  else window.location.assign(event.detail.pathInfo.finalRequestPath);
});
