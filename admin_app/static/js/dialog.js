// Links that open a page inside the dialog; focus goes in and comes back to the opener.
const dialog = document.getElementById("dialog");
const body = document.getElementById("dialog-body");
let opener = null;

// Where focus was, also when a key opened the dialog; the menu of a row is closed by then, its button is not.
function whereFocusWas(link) {
  const from = document.activeElement === document.body ? link : document.activeElement;
  const menu = from.closest("[popover]");
  return menu ? document.querySelector(`[popovertarget="${menu.id}"]`) : from;
}

function open() {
  const part = body.querySelector("[data-title]");
  if (!part) return;
  document.getElementById("dialog-title").textContent = part.dataset.title;
  if (!dialog.open) dialog.showModal();
  (body.querySelector("[autofocus]") ?? body.querySelector("input, button, a"))?.focus();
}

if (dialog) {
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === body) opener = whereFocusWas(event.detail.elt);
  });
  body.addEventListener("htmx:afterSwap", open);
  dialog.addEventListener("click", (event) => {
    const closes = event.target === dialog || event.target.closest("[data-close-dialog]");
    if (!closes) return;
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener("close", () => {
    body.replaceChildren();
    opener?.focus();
    opener = null;
  });
}
