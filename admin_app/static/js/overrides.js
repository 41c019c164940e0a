// Controls of single features and the JSON they write into. The JSON is what is sent; it decides, the controls follow.
const BROKEN = "The JSON below cannot be read, so these controls wait until it can.";
const LONG = "The JSON below holds numbers too long for these controls: change it there.";

const TYPES = { switch: "boolean", number: "number", text: "string" };

const source = () => document.querySelector("[data-overrides]");
const controls = () => document.querySelectorAll("[data-feature]");

// A Map, because a feature may bear any name, also one that objects have by themselves.
function read(text) {
  if (/\d{16}/.test(text)) return { problem: LONG };
  try {
    const found = JSON.parse(text.trim() || "{}");
    if (found === null || typeof found !== "object" || Array.isArray(found)) return { problem: BROKEN };
    return { values: new Map(Object.entries(found)) };
  } catch {
    return { problem: BROKEN };
  }
}

function follow() {
  if (!source()) return;
  const { values, problem = "" } = read(source().value);
  for (const control of controls()) {
    const value = values?.get(control.dataset.feature);
    const fits = value === undefined || typeof value === TYPES[control.dataset.kind];
    control.disabled = !values || !fits;
    if (control !== document.activeElement) control.value = value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  }
  const voice = document.querySelector("[data-toggles-say]");
  if (voice && voice.textContent !== problem) voice.textContent = problem;
}

// What a control says: undefined to inherit, null for what is no number.
function said(control) {
  const text = control.value.trim();
  if (text === "") return undefined;
  if (control.dataset.kind === "switch") return text === "true";
  if (control.dataset.kind === "text") return control.value;
  return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : null;
}

function write(control) {
  const { values } = read(source().value);
  const value = said(control);
  if (value === null) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
  const voice = document.querySelector("[data-toggles-say]");
  voice.textContent = value === null ? `${control.dataset.feature} takes a number such as 5 or 2.5; the JSON is unchanged.` : "";
  if (!values || value === null) return;
  if (value === undefined) values.delete(control.dataset.feature);
  else values.set(control.dataset.feature, value);
  source().value = JSON.stringify(Object.fromEntries(values), null, 2);
}

document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-feature]")) write(target);
  else if (target.matches("[data-overrides]")) follow();
});
document.addEventListener("htmx:afterSettle", follow);
window.addEventListener("pageshow", follow);
