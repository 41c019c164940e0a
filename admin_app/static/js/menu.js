// Menus are <details>: Esc and a click elsewhere close them.
const openMenus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// The menu of a row is a popover: the browser opens and closes it, arrows walk through it.
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector("[data-row-menu]:popover-open");
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const links = [...menu.querySelectorAll("a")];
  const step = event.key === "ArrowDown" ? 1 : -1;
  const from = links.indexOf(document.activeElement);
  links.at(from < 0 && step < 0 ? -1 : (from + step) % links.length).focus();
});
