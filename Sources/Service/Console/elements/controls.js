import { h, replace } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { icon } from "./icons.js";

/**
 * A button. While `press` runs it is busy and cannot be pressed again. `key` is the name of its key, shown as a cap;
 * `code` would be the page's business.
 */
export function button({ text = null, label = null, icon: name = null, key = null, kind = null, quiet = false, press, type = "button", disabled = false, title = null, autofocus = false, pressed = null }) {
  const element = h("button", {
    type, class: ["button", kind, quiet && "quiet", !text && "only-icon"], "aria-label": label, disabled, title: title ?? (text ? null : label), autofocus,
    "aria-pressed": pressed === null ? null : String(pressed),
  }, key ? h("kbd", { "aria-hidden": "true" }, key) : null, name ? icon(name) : null, text ? h("span", { class: "button-text" }, text) : null);
  if (press) {
    element.addEventListener("click", async (event) => {
      if (element.getAttribute("aria-busy") === "true") return;
      const result = press(event);
      if (!(result instanceof Promise)) return;
      element.setAttribute("aria-busy", "true");
      try {
        await result;
      } finally {
        element.removeAttribute("aria-busy");
      }
    });
  }
  return element;
}

let serial = 0;

/** A control with its label, a hint and a place for what is wrong with it. */
export function field(label, control, { hint = null, wide = false } = {}) {
  const id = control.id || `f${++serial}`;
  control.id = id;
  const note = hint ? h("small", { id: id + "-hint", class: "hint" }, hint) : null;
  const problem = h("small", { id: id + "-error", class: "field-error", "aria-live": "polite" });
  control.setAttribute("aria-describedby", [note && note.id, problem.id].filter(Boolean).join(" "));
  const element = h("div", { class: ["field", wide && "wide"] }, h("label", { for: id }, label), control, note, problem);
  element.say = (text) => {
    replace(problem, text || null);
    control.toggleAttribute("aria-invalid", Boolean(text));
  };
  return element;
}

export const input = (props = {}) => h("input", { type: "text", autocomplete: "off", spellcheck: "false", ...props });
export const textarea = (props = {}) => h("textarea", { rows: "3", ...props });

/** `options`: `[value, text]` pairs. */
export function select(options, value, change = null, props = {}) {
  const element = h("select", props, options.map(([key, text]) => h("option", { value: key, selected: key === value }, text)));
  if (change) element.addEventListener("change", () => change(element.value));
  return element;
}

export function checkbox(text, checked, change = null) {
  const box = h("input", { type: "checkbox", checked });
  if (change) box.addEventListener("change", () => change(box.checked));
  return h("label", { class: "check" }, box, h("span", null, text));
}

/** One of a few, side by side; arrow keys move as in a radio group. */
export function segmented(label, options, value, change) {
  const name = `s${++serial}`;
  return h("div", { class: "segmented", role: "radiogroup", "aria-label": label }, options.map(([key, text, count]) =>
    h("label", { class: "segment" },
      h("input", { type: "radio", name, value: key, checked: key === value, on: { change: () => change(key) } }),
      h("span", null, text, count !== undefined && count !== null ? h("b", { class: "count" }, count) : null))));
}

/** One sentence about what went wrong, with a way out where there is one. */
export function failure(error, retry = null) {
  return h("div", { class: "notice bad", role: "alert" }, icon("alert"), h("span", null, error?.message ?? String(error)),
    retry ? button({ text: t("action.retry"), press: retry }) : null);
}

export const notice = (kind, name, ...content) => h("div", { class: ["notice", kind], role: "status" }, icon(name), h("span", null, content));
