import { h, setStyle } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { everySecond, now, span } from "../core/time.js";

const share = (start, due) => {
  const whole = due - start;
  return whole > 0 ? (now() - start) / whole : 1;
};

/** From so many hours on nobody counts the seconds. */
const LONG = 10;

/** Amber from 70 % of the budget, red past it. */
export const urgency = (start, due) => {
  const used = share(start, due);
  return used >= 1 ? "overdue" : used >= 0.7 ? "soon" : "calm";
};

/** A countdown to `due`: `03:12 left`, `overdue 02:10`. `start` sets where amber begins. */
export function countdown(start, due, { words = true } = {}) {
  const [from, to] = [Date.parse(start), Date.parse(due)];
  const element = h("span", { class: "countdown" });
  return everySecond(element, () => {
    const left = to - now();
    const hours = Math.floor(Math.abs(left) / 3600_000);
    const text = hours < LONG ? span(left) : hours < 48 ? t("time.hours", { n: hours }) : t("time.days", { n: Math.floor(hours / 24) });
    element.dataset.urgency = urgency(from, to);
    element.textContent = left < 0 ? t("clock.overdue", { time: text }) : words ? t("clock.left", { time: text }) : text;
  });
}

/** What is left of a budget as a thin bar, with its words for those who do not see it. */
export function budgetBar(start, due, label) {
  const [from, to] = [Date.parse(start), Date.parse(due)];
  const fill = h("i", { class: "budget-fill" });
  const element = h("div", { class: "budget", role: "meter", "aria-label": label, "aria-valuemin": "0", "aria-valuemax": "100" }, fill);
  return everySecond(element, () => {
    const used = Math.min(1, Math.max(0, share(from, to)));
    element.dataset.urgency = urgency(from, to);
    element.setAttribute("aria-valuenow", String(Math.round(used * 100)));
    setStyle(fill, { width: `${(used * 100).toFixed(1)}%` });
  });
}
