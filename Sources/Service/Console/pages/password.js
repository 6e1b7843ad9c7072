import { h, replace } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { changePassword } from "../core/session.js";
import { button, field, input, failure } from "../elements/controls.js";
import { openDialog } from "../elements/dialog.js";
import { toast } from "../elements/toast.js";

const LEAST = 10;

/** Old and new password; `old` is left out of the form where it was typed a moment ago. */
export function passwordForm({ old = null, done }) {
  const current = old === null ? input({ type: "password", autocomplete: "current-password", autofocus: true }) : null;
  const next = input({ type: "password", autocomplete: "new-password", autofocus: old !== null, name: "new" });
  const again = input({ type: "password", autocomplete: "new-password", name: "again" });
  const problem = h("div", { "aria-live": "assertive" });
  const [nextField, againField] = [field(t("password.new"), next, { hint: t("password.rule", { n: LEAST }) }), field(t("password.again"), again)];
  const submit = button({ text: t("password.change"), kind: "primary", type: "submit" });
  return h("form", { class: "form", novalidate: true, on: { submit: async (event) => {
    event.preventDefault();
    nextField.say([...next.value].length < LEAST ? t("password.short", { n: LEAST }) : null);
    againField.say(again.value !== next.value ? t("password.differs") : null);
    if ([...next.value].length < LEAST) return next.focus();
    if (again.value !== next.value) return again.focus();
    submit.setAttribute("aria-busy", "true");
    try {
      await changePassword(old ?? current.value, next.value);
      toast(t("password.changed"));
      done();
    } catch (error) {
      replace(problem, failure(error.status === 403 || error.status === 401 ? new Error(t("password.wrong")) : error));
    } finally {
      submit.removeAttribute("aria-busy");
    }
  } } }, current ? field(t("password.old"), current) : null, nextField, againField, problem, submit);
}

export const passwordDialog = () => openDialog({ title: t("shell.password"), build: (close) => passwordForm({ done: () => close() }) });
