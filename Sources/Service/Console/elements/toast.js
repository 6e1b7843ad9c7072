import { h } from "../core/dom.js";
import { icon } from "./icons.js";

let region = null;

/** A sentence that goes by itself; what must be acted on belongs on the page. */
export function toast(text, kind = "good", seconds = 5) {
  region ??= document.body.appendChild(h("div", { class: "toasts", role: "status", "aria-live": "polite" }));
  const item = h("div", { class: ["toast", kind] }, icon(kind === "good" ? "check" : "alert"), h("span", null, text));
  region.append(item);
  setTimeout(() => item.remove(), seconds * 1000);
}
