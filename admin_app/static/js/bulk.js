// Ticked rows: the bar counts them, Esc clears them.
const form = () => document.querySelector("[data-bulk]");
const ticks = () => [...document.querySelectorAll("[data-tick]")];

function show() {
  const bar = form();
  if (!bar) return;
  const all = bar.elements.all_matching;
  const ticked = ticks().filter((tick) => tick.checked).length;
  const count = all.checked ? Number(bar.elements.matching.value) : ticked;
  bar.querySelector("[data-bulk-count]").textContent = `${count.toLocaleString("en").replaceAll(",", "\u202f")} selected`;
  bar.classList.toggle("is-active", count > 0);
  const head = document.querySelector("[data-tick-all]");
  head.checked = ticked > 0 && ticked === ticks().length;
  head.indeterminate = ticked > 0 && !head.checked;
}

function clear() {
  for (const tick of ticks()) tick.checked = false;
  if (form()) form().elements.all_matching.checked = false;
  show();
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-tick-all]")) for (const tick of ticks()) tick.checked = event.target.checked;
  if (event.target.matches("[data-tick], [data-tick-all], [name=all_matching]")) show();
});
document.addEventListener("reset", (event) => {
  if (event.target.matches("[data-bulk]")) setTimeout(clear);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && form() && !document.querySelector("dialog[open], details[data-menu][open], :popover-open")) clear();
});
document.addEventListener("htmx:afterSettle", show);
window.addEventListener("pageshow", show);
show();
