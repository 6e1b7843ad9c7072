import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { button } from "./controls.js";
import { icon } from "./icons.js";

/** The place of a list that is being read. */
export const loading = (text = t("state.loading")) =>
  h("div", { class: "state", role: "status" }, h("span", { class: "spinner", "aria-hidden": "true" }), h("p", null, text));

/** Nothing here: what that means, and at most one thing to do. */
export function empty({ title, text = null, name = "check", action = null }) {
  return h("div", { class: "state" }, icon(name, "state-icon"), h("h2", null, title), text ? h("p", null, text) : null, action);
}

export function failed(error, retry) {
  return h("div", { class: "state", role: "alert" }, icon("alert", "state-icon bad"), h("h2", null, t("state.failed")), h("p", null, error?.message ?? String(error)),
    retry ? button({ text: t("action.retry"), kind: "primary", press: retry }) : null);
}

/** More than a page can usefully show. */
export const tooMuch = (shown, total, what = null) =>
  h("p", { class: "too-much", role: "status" }, icon("stack"), what ?? t("state.tooMuch", { shown, total }));
