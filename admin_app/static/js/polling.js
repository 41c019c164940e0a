// A followed job: quiet in a hidden tab, heard at most five times (start, quarters, end).
import { announce } from "./announce.js";

const STEPS = [25, 50, 75];
const heard = new Map();

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.matches("[data-poll]")) event.preventDefault();
});

function tell(job) {
  const before = heard.get(job.id);
  const now = "ended" in job.dataset ? 100 : STEPS.filter((step) => Number(job.dataset.percent) >= step).length;
  if (before === now) return;
  heard.set(job.id, now);
  announce(job.dataset.sentence);
}

const tellAll = () => document.querySelectorAll("[data-job]").forEach(tell);

document.addEventListener("htmx:afterSettle", tellAll);
tellAll();
