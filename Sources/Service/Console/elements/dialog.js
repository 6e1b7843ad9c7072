import { h, replace } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { button, failure } from "./controls.js";

/**
 * A modal dialog. `build(close)` gives its body; `actions(close)` its buttons. Resolves with what `close` was given,
 * null where it was cancelled.
 */
export function openDialog({ title, build, actions = null, wide = false, kind = null }) {
  return new Promise((resolve) => {
    let answer = null;
    const back = document.activeElement;
    const close = (value = null) => {
      answer = value;
      dialog.close();
    };
    const heading = h("h2", { id: "dialog-title" }, title);
    const dialog = h("dialog", { class: ["dialog", wide && "wide", kind], "aria-labelledby": "dialog-title" },
      h("header", { class: "dialog-head" }, heading, button({ icon: "close", label: t("action.close"), quiet: true, press: () => close() })),
      h("div", { class: "dialog-body" }, build(close)),
      actions ? h("footer", { class: "dialog-actions" }, actions(close)) : null);
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (back instanceof HTMLElement && back.isConnected) back.focus({ preventScroll: true });
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    (dialog.querySelector("[autofocus]") ?? dialog.querySelector(".dialog-body input, .dialog-body textarea, .dialog-actions button"))?.focus();
  });
}

/** Asks; resolves with whether it was agreed to. `act` is done before the dialog closes, and its failure is shown in it. */
export function confirmDialog({ title, text, agree, danger = false, act = null }) {
  const problem = h("div", { "aria-live": "polite" });
  return openDialog({
    title, kind: danger ? "danger" : null,
    build: () => [h("p", null, text), problem],
    actions: (close) => [
      button({ text: t("action.cancel"), press: () => close(false) }),
      button({
        text: agree, kind: danger ? "danger" : "primary",
        press: async () => {
          try {
            await act?.();
            close(true);
          } catch (error) {
            replace(problem, failure(error));
          }
        },
      }),
    ],
  });
}
