// Runs before the first paint: says that scripts work and restores the narrow menu.
document.documentElement.classList.add("js");
try {
  if (localStorage.getItem("sidebar") === "narrow") document.documentElement.dataset.sidebar = "narrow";
} catch {
  // Storage may be refused; the menu then starts wide.
}
