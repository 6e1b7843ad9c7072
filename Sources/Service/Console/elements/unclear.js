import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { button, field, textarea } from "./controls.js";
import { openDialog } from "./dialog.js";

/** Asks what a colleague should look at. Resolves with the note, null where it was cancelled. */
export function unclearDialog() {
  const note = textarea({ maxlength: "500", autofocus: true });
  return openDialog({
    title: t("review.unclear"),
    build: (close) => {
      note.addEventListener("keydown", (event) => {
        if (event.code !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
        event.preventDefault();
        close(note.value.trim());
      });
      return [h("p", null, t("review.unclearText")), field(t("review.note"), note, { hint: t("review.noteHint"), wide: true })];
    },
    actions: (close) => [button({ text: t("action.cancel"), press: () => close(null) }), button({ text: t("review.passOn"), key: "Ctrl ⏎", kind: "primary", press: () => close(note.value.trim()) })],
  });
}
