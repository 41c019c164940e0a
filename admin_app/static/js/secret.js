// A secret on the page gives way to its mask after the time the page names.
function watch(secret) {
  const seconds = Number(secret.dataset.hideAfter);
  if (!seconds || "watched" in secret.dataset) return;
  secret.dataset.watched = "";
  setTimeout(() => {
    secret.querySelector("code").textContent = secret.dataset.masked;
    secret.querySelector("clipboard-copy")?.remove();
  }, seconds * 1000);
}

const watchAll = () => document.querySelectorAll("[data-secret]").forEach(watch);

document.addEventListener("htmx:afterSettle", watchAll);
watchAll();

// A page restored from memory must not bring the secret back.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("[data-secret]")) window.location.reload();
});
