import { h, replace } from "../core/dom.js";
import { t, currentLanguage, setLanguage } from "../core/i18n.js";
import { logIn, session } from "../core/session.js";
import { toggleTheme } from "../core/prefs.js";
import { button, field, input, failure } from "../elements/controls.js";
import { passwordForm } from "./password.js";

/** Log in; where the password is the first one, a new one is asked for before anything else. */
export function loginPage(root, { signal, done }) {
  if (session()?.mustChangePassword) draw(firstPassword());
  else draw(logInForm());

  function draw(content) {
    replace(root, h("main", { class: "login" },
      h("div", { class: "login-card" },
        h("div", { class: "login-brand" }, h("span", { class: "brand-mark", "aria-hidden": "true" }), h("h1", null, "warden")),
        content),
      h("div", { class: "login-foot" },
        button({ text: currentLanguage() === "zh" ? "English" : "中文", quiet: true, press: () => { setLanguage(currentLanguage() === "zh" ? "en" : "zh"); loginPage(root, { signal, done }); } }),
        button({ icon: "sun", label: t("shell.theme"), quiet: true, press: toggleTheme }))));
    root.querySelector("[autofocus]")?.focus();
  }

  function logInForm() {
    const name = input({ name: "username", autocomplete: "username", required: true, autofocus: true, maxlength: "200" });
    const password = input({ type: "password", name: "password", autocomplete: "current-password", required: true, maxlength: "1024" });
    const problem = h("div", { "aria-live": "assertive" });
    const submit = button({ text: t("login.submit"), kind: "primary", type: "submit" });
    let wait = null;
    const form = h("form", { class: "form", novalidate: true, on: { submit: async (event) => {
      event.preventDefault();
      if (!name.value.trim() || !password.value) {
        replace(problem, failure(new Error(t("login.both"))));
        (name.value.trim() ? password : name).focus();
        return;
      }
      submit.disabled = true;
      submit.setAttribute("aria-busy", "true");
      try {
        await logIn(name.value.trim(), password.value);
        if (signal.aborted) return;
        if (session().mustChangePassword) draw(firstPassword(password.value));
        else done();
      } catch (error) {
        replace(problem, failure(error.status === 401 ? new Error(t("login.wrong")) : error));
        password.select();
        if (error.retryAfter) {
          let left = error.retryAfter;
          clearInterval(wait);
          wait = setInterval(() => {
            left -= 1;
            submit.querySelector("span").textContent = left > 0 ? t("login.wait", { n: left }) : t("login.submit");
            submit.disabled = left > 0;
            if (left <= 0) clearInterval(wait);
          }, 1000);
          return;
        }
      } finally {
        submit.removeAttribute("aria-busy");
        if (!wait) submit.disabled = false;
      }
    } } }, h("p", { class: "login-lead" }, t("login.lead")), field(t("login.name"), name), field(t("login.password"), password), problem, submit);
    signal.addEventListener("abort", () => clearInterval(wait));
    return form;
  }

  function firstPassword(old = null) {
    return [h("p", { class: "login-lead" }, t("login.first", { name: session().name })), passwordForm({ old, done })];
  }
}
