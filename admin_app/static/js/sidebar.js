// The narrow menu is remembered on this device; on small screens Esc closes the menu.
const root = document.documentElement;
const button = document.querySelector("[data-fold-sidebar]");

function show() {
  button.setAttribute("aria-expanded", String(root.dataset.sidebar !== "narrow"));
}

if (button) {
  show();
  button.addEventListener("click", () => {
    if (root.dataset.sidebar === "narrow") delete root.dataset.sidebar;
    else root.dataset.sidebar = "narrow";
    try {
      localStorage.setItem("sidebar", root.dataset.sidebar ?? "wide");
    } catch {
      // Not remembered, then.
    }
    show();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && window.location.hash === "#sidebar") window.location.hash = "main";
});
