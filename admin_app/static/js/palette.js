// The palette's keys: arrows choose, Enter goes – also when the results are still on their way.
let goesOnArrival = false;

const query = () => document.getElementById("palette-query");
const options = () => [...document.querySelectorAll("#palette-results a[role=option]")];
const chosen = () => options().find((option) => option.getAttribute("aria-selected") === "true");

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  query().setAttribute("aria-activedescendant", option?.id ?? "");
}

function step(by) {
  const all = options();
  choose(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
}

document.addEventListener("keydown", (event) => {
  if (event.target !== query()) return;
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in moves) step(moves[event.key]);
  else if (event.key !== "Enter") return;
  else if (document.getElementById("palette-results").dataset.query === query().value.trim()) chosen()?.click();
  else goesOnArrival = true;
  event.preventDefault();
});

document.addEventListener("htmx:afterSettle", () => {
  if (!query()) return;
  choose(options()[0]);
  if (goesOnArrival) chosen()?.click();
  goesOnArrival = false;
});

if (query()) choose(options()[0]);
