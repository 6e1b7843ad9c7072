import { h, replace } from "../core/dom.js";
import { t, word } from "../core/i18n.js";
import { list, post, put, path } from "../core/api.js";
import { session } from "../core/session.js";
import { bindKeys } from "../core/keys.js";
import { relative, fullTime } from "../core/time.js";
import { button, field, input, select, failure } from "../elements/controls.js";
import { failed, loading, tooMuch } from "../elements/states.js";
import { confirmDialog, openDialog } from "../elements/dialog.js";
import { toast } from "../elements/toast.js";

const ROLES = ["operator", "inspector", "qa", "administrator"];

/** Who may do what. */
export async function peoplePage(root, { signal, describeKeys }) {
  describeKeys([["N", t("people.add")]]);
  let users = [];
  let more = false;
  let total = 0;
  await load();

  async function load() {
    try {
      ({ items: users, more, total } = await list("users", {}, 500));
    } catch (error) {
      if (!signal.aborted) replace(root, failed(error, () => { replace(root, loading()); load(); }));
      return;
    }
    if (!signal.aborted) draw();
  }

  function draw() {
    replace(root, h("div", { class: "page" },
      h("div", { class: "page-head" }, h("h1", null, t("nav.people")), button({ text: t("people.add"), icon: "plus", kind: "primary", press: add })),
      h("section", { class: "card table-scroll" }, h("table", { class: "table" },
        h("thead", null, h("tr", null, h("th", null, t("people.name")), h("th", null, t("people.role")), h("th", null, t("people.state")), h("th", null, t("people.lastLogin")), h("th", null, t("people.created")), h("th", null, h("span", { class: "visually-hidden" }, t("people.actions"))))),
        h("tbody", null, users.map(row)))),
      more ? tooMuch(users.length, total) : null,
      users.length <= 1 ? h("p", { class: "lead" }, t("people.alone")) : null,
      h("section", { class: "card padded" }, h("h2", null, t("people.roles")), h("dl", { class: "facts role-facts" }, ROLES.map((role) => [h("dt", null, word("role", role)), h("dd", null, word("role.may", role))])))));
  }

  function row(user) {
    const me = user.name === session().name;
    return h("tr", { class: user.disabled ? "disabled-row" : null },
      h("td", null, h("b", null, user.name), me ? h("span", { class: "tag" }, t("people.you")) : null),
      h("td", null, me ? word("role", user.role) : select(ROLES.map((role) => [role, word("role", role)]), user.role, (role) => change(user, { role }, t("people.roleChanged", { name: user.name, role: word("role", role) })), { "aria-label": t("people.roleOf", { name: user.name }), class: "inline-select" })),
      h("td", null, user.disabled ? h("span", { class: "bad" }, t("people.disabled")) : h("span", { class: "good" }, t("people.active"))),
      h("td", { title: user.lastLogin ? fullTime(user.lastLogin) : null }, user.lastLogin ? relative(user.lastLogin) : t("people.never")),
      h("td", { class: "dim", title: fullTime(user.createdAt) }, relative(user.createdAt)),
      h("td", null, me ? null : h("div", { class: "row end" },
        button({ text: t("people.reset"), icon: "lock", quiet: true, press: () => reset(user) }),
        user.disabled ? button({ text: t("people.enable"), quiet: true, press: () => change(user, { disabled: false }, t("people.enabled", { name: user.name })) })
          : button({ text: t("people.disable"), quiet: true, press: async () => {
            if (await confirmDialog({ title: t("people.disable"), text: t("people.disableSure", { name: user.name }), agree: t("people.disable"), danger: true, act: () => put(path("users", user.name), { disabled: true }) })) load();
          } }))));
  }

  async function change(user, values, done) {
    try {
      Object.assign(user, await put(path("users", user.name), values));
      toast(done);
    } catch (error) {
      toast(error.message, "bad");
    }
    draw();
  }

  function showPassword(name, password) {
    const text = h("output", { class: "secret mono" }, password);
    return openDialog({
      title: t("people.password", { name }),
      build: () => [h("p", null, t("people.passwordOnce", { name })), text],
      actions: (close) => [button({ text: t("action.copy"), icon: "copy", press: async () => {
        try {
          await navigator.clipboard.writeText(password);
          toast(t("people.copied"));
        } catch {
          getSelection().selectAllChildren(text);
        }
      } }), button({ text: t("action.done"), kind: "primary", press: () => close() })],
    });
  }

  /** A password that is easy to read out and hard to guess: 77 bits of the browser's randomness. */
  function invent() {
    const letters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    const bytes = crypto.getRandomValues(new Uint32Array(15));
    return [...bytes].map((byte, i) => (i % 5 === 0 && i ? "-" : "") + letters[byte % letters.length]).join("");
  }

  async function reset(user) {
    const password = invent();
    const agreed = await confirmDialog({ title: t("people.reset"), text: t("people.resetSure", { name: user.name }), agree: t("people.reset"), act: () => put(path("users", user.name), { password }) });
    if (agreed) await showPassword(user.name, password);
  }

  function add() {
    const name = input({ maxlength: "64", autofocus: true, required: true });
    const role = select(ROLES.map((one) => [one, word("role", one)]), "inspector");
    const hint = h("p", { class: "dim" });
    const explain = () => { hint.textContent = word("role.may", role.value); };
    role.addEventListener("change", explain);
    explain();
    const nameField = field(t("people.name"), name);
    const problem = h("div", { "aria-live": "polite" });
    const send = async (close) => {
      nameField.say(name.value.trim() ? null : t("people.nameMissing"));
      if (!name.value.trim()) return name.focus();
      try {
        const user = await post("users", { name: name.value.trim(), role: role.value });
        close();
        await load();
        if (user?.password) await showPassword(user.name, user.password);
      } catch (error) {
        replace(problem, failure(error));
      }
    };
    openDialog({
      title: t("people.add"),
      build: (close) => h("form", { class: "form", novalidate: true, id: "add-person", on: { submit: (event) => { event.preventDefault(); send(close); } } }, nameField, field(t("people.role"), role), hint, problem),
      actions: (close) => [button({ text: t("action.cancel"), press: () => close() }), button({ text: t("people.add"), kind: "primary", press: () => send(close) })],
    });
  }

  bindKeys(signal, { KeyN: add });
}
