// Rate-limit presets fill the three numbers and are recognised again; a large quota says so while it is typed.
const RATES = ["per_minute", "per_hour", "per_day"];
const rates = () => RATES.map((id) => document.getElementById(id));
const presets = () => Object.entries(JSON.parse(document.querySelector("[data-presets]")?.dataset.presets ?? "{}"));

function fill(chosen) {
  const numbers = Object.fromEntries(presets())[chosen];
  numbers?.forEach((number, index) => { rates()[index].value = number; });
}

function recognise() {
  const numbers = rates().map((input) => input.value.trim()).join();
  document.getElementById("rate_preset").value = presets().find(([, preset]) => preset.join() === numbers)?.[0] ?? "";
}

// The preset that belongs to the numbers is no fresh choice: the server must not lay it over them.
function settle() {
  document.querySelector("[name=preset_shown]").value = document.getElementById("rate_preset").value;
}

function hint(quota) {
  const digits = quota.value.replace(/\s/g, "");
  const isLarge = /^\d+$/.test(digits) && BigInt(digits) > BigInt(quota.dataset.large);
  const text = isLarge ? document.getElementById("quota-hint-text").content.textContent : "";
  const place = document.getElementById("quota-hint");
  if (place.textContent !== text) place.textContent = text;
}

document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-presets]")) {
    fill(target.value);
    settle();
  }
  if (target.closest("[data-rates]")) {
    recognise();
    settle();
  }
  if (target.matches("[data-large]")) hint(target);
});
