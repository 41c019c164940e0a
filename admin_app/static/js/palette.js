// The palette's keys: arrows choose, Enter goes – also when the results are still on their way.
let goesOnArrival = false;

const query = () => document.getElementById("palette-query");
const options = () => [...document.querySelectorAll("#palette-results [role=option][id]")];
const marked = () => options().find((option) => option.getAttribute("aria-selected") === "true");
const chosen = () => marked() ?? options()[0];  // new results are here a moment before their first is marked

function choose(option) {
  marked()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) query().setAttribute("aria-activedescendant", option.id);
  else query().removeAttribute("aria-activedescendant");
}

const isCurrent = () => document.getElementById("palette-results").dataset.query === query().value.trim();
const moves = { ArrowDown: (at) => at + 1, ArrowUp: (at) => at - 1, Home: () => 0, End: () => -1 };

function step(move) {
  const all = options();
  choose(all.at(move(all.indexOf(chosen())) % all.length));
}

document.addEventListener("keydown", (event) => {
  if (event.target !== query()) return;
  if (event.key in moves && !event.shiftKey) step(moves[event.key]);
  else if (event.key !== "Enter") return;
  else if (isCurrent()) chosen()?.click();
  else goesOnArrival = true;
  event.preventDefault();
});

document.addEventListener("input", (event) => {
  if (event.target === query()) goesOnArrival = false;  // typing on is a change of mind
});

document.addEventListener("htmx:afterSettle", () => {
  if (!query()) return;
  choose(chosen());
  if (!goesOnArrival || !isCurrent()) return;  // results of an earlier query, or of another part of the page
  goesOnArrival = false;
  chosen()?.click();
});

if (query()) choose(chosen());
