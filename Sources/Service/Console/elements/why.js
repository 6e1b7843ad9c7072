import { h } from "../core/dom.js";
import { t, word } from "../core/i18n.js";
import { clockTime } from "../core/time.js";
import { button } from "./controls.js";
import { icon } from "./icons.js";
import { phrase } from "./phrases.js";

const number = (value) => (typeof value !== "number" ? "–" : Math.abs(value) >= 100 ? value.toFixed(0) : Number.isInteger(value) ? String(value) : value.toFixed(2));
const SECONDS = new Set(["dwell"]);
const SHARES = new Set(["moving-neighbours", "zone-coverage", "permitted-place", "seen-share", "present-share", "full-share", "part-of-another"]);

/** A value of a condition in its unit. */
export function conditionValue(condition, value) {
  if (SECONDS.has(condition)) return typeof value === "number" ? `${Math.abs(value) < 100 && !Number.isInteger(value) ? value.toFixed(1) : Math.round(value)} s` : "–";
  if (SHARES.has(condition) && typeof value === "number") return `${Math.round(value * 100)} %`;
  return number(value);
}

/** The conditions in a line: `dwell 183 s (180 s) · moving neighbours 82 % · score 0.93`. */
export function whyLine(warning) {
  const conditions = (warning.why ?? []).filter((one) => one.condition !== "score").slice(0, 5);
  return [
    h("span", { class: "why-title" }, t("review.whyShort")),
    conditions.map((one) => h("span", { class: ["why-item", one.met ? "met" : "unmet"] }, icon(one.met ? "check" : "close"),
      word("condition", one.condition), " ", h("b", { class: "mono" }, conditionValue(one.condition, one.value)),
      h("span", { class: "dim" }, ` (${conditionValue(one.condition, one.threshold)})`))),
    h("span", { class: "why-item" }, t("review.score"), " ", h("b", { class: "mono" }, number(warning.score)), h("span", { class: "dim" }, ` ${word("class", warning.class)}`)),
  ];
}

export const conditionTable = (why) => h("table", { class: "table compact" },
  h("thead", null, h("tr", null, h("th", null, t("why.condition")), h("th", { class: "number" }, t("why.value")), h("th", { class: "number" }, t("why.threshold")), h("th", null, t("why.met")))),
  h("tbody", null, (why ?? []).map((one) => h("tr", null, h("td", null, word("condition", one.condition)), h("td", { class: "number" }, conditionValue(one.condition, one.value)),
    h("td", { class: "number dim" }, conditionValue(one.condition, one.threshold)), h("td", { class: one.met ? "good" : "bad" }, icon(one.met ? "check" : "close"), one.met ? t("why.yes") : t("why.no"))))));

/** Every condition with its value and limit, and how the warning came about. */
export function whyPanel(warning, close) {
  return [
    h("header", null, h("h2", null, t("review.why")), button({ icon: "close", label: t("action.close"), quiet: true, press: close })),
    conditionTable(warning.why),
    h("h3", null, t("why.history")),
    h("ol", { class: "why-history" }, (warning.history ?? []).map((one) => h("li", null, h("span", { class: "mono dim" }, clockTime(one.time, warning.timeZone)), h("b", null, word("history", one.state)), h("span", null, phrase(one.reason))))),
    h("dl", { class: "facts" },
      h("dt", null, t("why.object")), h("dd", null, word("class", warning.class)),
      h("dt", null, t("why.category")), h("dd", { class: "mono" }, warning.category ?? "–"),
      h("dt", null, t("why.id")), h("dd", { class: "mono break" }, warning.id)),
  ];
}
