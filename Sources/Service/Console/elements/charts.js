import { h, setStyle } from "../core/dom.js";
import { t, word } from "../core/i18n.js";

const percent = (value) => `${(value * 100).toFixed(2)}%`;

/** A share with its interval against its target, on a scale from `from` to 1. */
export function interval(precision, target, from = 0.5) {
  const known = precision && precision.n > 0 && precision.value !== null;
  const low = known ? Math.min(from, Math.floor(precision.low * 10) / 10) : from;
  const at = (value) => Math.max(0, Math.min(1, (value - low) / (1 - low)));
  const place = (element, values) => { setStyle(element, values); return element; };
  return h("div", { class: "interval", "aria-hidden": "true" },
    h("div", { class: "interval-line" },
      known ? place(h("i", { class: "interval-span" }), { left: percent(at(precision.low)), width: percent(at(precision.high) - at(precision.low)) }) : null,
      known ? place(h("i", { class: "interval-dot" }), { left: percent(at(precision.value)) }) : null,
      place(h("i", { class: "interval-target" }), { left: percent(at(target)) })),
    h("div", { class: "interval-scale" }, h("span", null, low.toFixed(1)), place(h("span", { class: "interval-at" }, target.toFixed(2)), { left: percent(at(target)) }), h("span", null, "1.0")));
}

/** Columns of decisions a week: right below, rejected on top; each says its figures. */
export function weekStrip(weeks, target) {
  if (weeks.length === 0) return h("p", { class: "dim" }, t("accuracy.noWeeks"));
  const shown = weeks.slice(-13);
  const most = Math.max(1, ...shown.map((week) => week.confirmed + week.rejected));
  const strip = h("ol", { class: "weeks" }, shown.map((week) => {
    const n = week.confirmed + week.rejected;
    const share = n ? week.confirmed / n : null;
    const text = t("accuracy.week", { week: week.week, value: share === null ? "–" : share.toFixed(2), n });
    const [good, bad] = [h("i", { class: "week-good" }), h("i", { class: "week-bad" })];
    setStyle(good, { height: `${(week.confirmed / most) * 100}%` });
    setStyle(bad, { height: `${(week.rejected / most) * 100}%` });
    return h("li", { title: text, class: share !== null && share < target ? "below" : null }, h("span", { class: "visually-hidden" }, text),
      h("div", { class: "week-column", "aria-hidden": "true" }, bad, good), h("span", { class: "week-share", "aria-hidden": "true" }, share === null ? "–" : share.toFixed(2)), h("span", { class: "week-n", "aria-hidden": "true" }, `n ${n}`), h("span", { class: "week-name", "aria-hidden": "true" }, week.week.replace(/^\d+-/, "")));
  }));
  // Where they do not all fit, the newest are seen.
  requestAnimationFrame(() => { strip.scrollLeft = strip.scrollWidth; });
  return strip;
}

/** Sorted bars of counts; each leads to its pictures. */
export function reasonBars(reasons, total, link) {
  const rows = Object.entries(reasons).sort((a, b) => b[1] - a[1]);
  const most = Math.max(1, ...rows.map(([, count]) => count));
  return h("ol", { class: "reason-bars" }, rows.map(([reason, count]) => {
    const fill = h("i");
    setStyle(fill, { width: `${(count / most) * 100}%` });
    return h("li", null, h("a", { href: link(reason), title: t("accuracy.toPictures") }, h("span", { class: "reason-name" }, word("reason", reason)), h("span", { class: "reason-bar" }, fill), h("span", { class: "reason-count mono" }, t("accuracy.of", { count, total }))));
  }));
}
