import { h } from "../core/dom.js";
import { t, word } from "../core/i18n.js";
import { everySecond, now, relative, fullTime } from "../core/time.js";

/** Shape and word say the same as the colour: round is well, a diamond is degraded, a square is off, a ring is starting. */
export function healthMark(health, zone = null) {
  const state = health?.state ?? "starting";
  const text = h("span", { class: "health-text" });
  const element = h("span", {
    class: ["health", state], title: [health?.detail, health?.since ? t("health.since", { time: fullTime(health.since, zone) }) : null].filter(Boolean).join("\n") || null,
  }, h("i", { class: "health-dot", "aria-hidden": "true" }), text);
  if (health?.retryAt) everySecond(text, () => { text.textContent = healthWords(health); });
  else text.textContent = healthWords(health);
  return element;
}

/** `live`, `degraded: frozen picture`, `retrying in 12 s`, `wrong password`. */
export function healthWords(health) {
  const state = health?.state ?? "starting";
  const reason = health?.reason ? word("health.reason", health.reason) : null;
  if (state === "offline" && health.retryAt) {
    const seconds = Math.ceil((Date.parse(health.retryAt) - now()) / 1000);
    if (seconds > 0) return t("health.retrying", { reason: reason ?? word("health", state), n: seconds });
  }
  if (state === "offline") return reason ?? word("health", state);
  return reason ? t("health.stateReason", { state: word("health", state), reason }) : word("health", state);
}

export const lastPicture = (health) => (health?.lastPicture ? t("health.lastPicture", { time: relative(health.lastPicture) }) : t("health.noPicture"));
