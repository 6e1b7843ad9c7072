import { h, replace } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { get, query } from "../core/api.js";
import { fullTime, relative } from "../core/time.js";
import { button, field, input, failure } from "../elements/controls.js";
import { empty, failed, loading } from "../elements/states.js";

const PAGE = 100;

/** Who changed what, newest first. */
export async function auditPage(root, { signal, describeKeys }) {
  describeKeys([]);
  const by = input({ maxlength: "64" });
  const action = input({ maxlength: "64", placeholder: "camera.update", list: "audit-actions" });
  const [from, to] = [input({ type: "date" }), input({ type: "date" })];
  const body = h("div", null);
  const rows = h("tbody", null);
  const actions = h("datalist", { id: "audit-actions" });
  const foot = h("div", { class: "row padded-row" });
  const known = new Set();
  let after = null;
  const day = (text, add = 0) => (text ? new Date(new Date(text + "T00:00:00").getTime() + add).toISOString() : null);
  const values = () => ({ by: by.value.trim(), action: action.value.trim(), from: day(from.value), to: day(to.value, 86_400_000), limit: PAGE });
  replace(root, h("div", { class: "page" }, h("div", { class: "page-head" }, h("h1", null, t("nav.audit")),
    h("form", { class: "row filters", on: { submit: (event) => { event.preventDefault(); load(); } } }, field(t("audit.by"), by), field(t("audit.action"), action), field(t("filter.from"), from), field(t("filter.to"), to), button({ text: t("filter.show"), kind: "primary", type: "submit" })), actions), body));
  await load();

  async function load() {
    replace(body, loading());
    replace(rows);
    try {
      await more(null);
    } catch (error) {
      if (!signal.aborted) replace(body, failed(error, load));
      return;
    }
    if (signal.aborted) return;
    if (!rows.firstChild) {
      replace(body, empty({ title: t("audit.empty"), text: t("audit.emptyText"), name: "search" }));
      return;
    }
    replace(body, h("section", { class: "card table-scroll" }, h("table", { class: "table audit-table" },
      h("thead", null, h("tr", null, h("th", null, t("audit.at")), h("th", null, t("audit.by")), h("th", null, t("audit.action")), h("th", null, t("audit.object")), h("th", null, t("audit.detail")))), rows), foot));
  }

  async function more(cursor) {
    const page = await get("audit" + query({ ...values(), after: cursor }));
    if (signal.aborted) return;
    for (const entry of page.items) {
      known.add(entry.action);
      rows.append(h("tr", null, h("td", { class: "nowrap mono", title: relative(entry.at) }, fullTime(entry.at)), h("td", null, entry.by ?? "–"), h("td", { class: "mono nowrap" }, entry.action), h("td", { class: "mono break" }, entry.object ?? "–"), h("td", { class: "audit-detail" }, detail(entry.detail))));
    }
    replace(actions, [...known].sort().map((one) => h("option", { value: one })));
    after = page.next ?? null;
    replace(foot, after ? button({ text: t("audit.more"), press: async () => {
      try {
        await more(after);
      } catch (error) {
        replace(foot, failure(error));
      }
    } }) : h("span", { class: "dim" }, t("audit.end")));
  }

  function detail(value) {
    if (value === null || value === undefined) return "";
    if (typeof value !== "object") return String(value);
    return Object.entries(value).filter(([, one]) => one !== null).map(([key, one]) => h("span", { class: "pair" }, h("span", { class: "dim" }, key), " ", typeof one === "object" ? JSON.stringify(one) : String(one)));
  }
}
