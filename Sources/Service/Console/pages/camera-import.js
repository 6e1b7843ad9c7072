import { h, replace } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { call } from "../core/api.js";
import { refreshCounts } from "../core/counts.js";
import { button, failure, notice, textarea, field } from "../elements/controls.js";
import { openDialog } from "../elements/dialog.js";

const HEADER = "id,name,url,username,password,district,placeCode,longitude,latitude";
const LARGEST = 4 << 20;

/** Many cameras out of a table. Resolves with whether something may have changed. */
export function importDialog() {
  let changed = false;
  const text = textarea({ rows: "8", class: "mono", spellcheck: "false", placeholder: `${HEADER}\ngate-2,Hospital gate 2,rtsp://10.0.0.12/live,viewer,secret,,,113.62,34.75` });
  const file = h("input", { type: "file", accept: ".csv,text/csv", hidden: true });
  const result = h("div", { "aria-live": "polite", class: "form" });

  async function take(blob) {
    if (blob.size > LARGEST) {
      replace(result, failure(new Error(t("import.tooLarge"))));
      return;
    }
    const bytes = await blob.arrayBuffer();
    try {
      text.value = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      replace(result);
    } catch {
      // Spreadsheets in China often save in GB 18030.
      text.value = new TextDecoder("gb18030").decode(bytes);
      replace(result, notice("warn", "alert", t("import.notUTF8")));
    }
  }

  file.addEventListener("change", () => { if (file.files[0]) take(file.files[0]); });
  for (const name of ["dragover", "drop"]) {
    text.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      if (name === "drop" && event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
    });
  }

  async function send() {
    if (!text.value.trim()) {
      replace(result, failure(new Error(t("import.nothing"))));
      text.focus();
      return;
    }
    try {
      const answer = await call("POST", "cameras/import", text.value, { type: "text/csv" });
      changed ||= answer.added + answer.updated > 0;
      refreshCounts({ cameras: true });
      replace(result,
        notice(answer.errors.length ? "warn" : "good", answer.errors.length ? "alert" : "check", t("import.done", { added: answer.added, updated: answer.updated, errors: answer.errors.length })),
        answer.errors.length ? h("div", { class: "table-scroll import-errors" }, h("table", { class: "table compact" },
          h("thead", null, h("tr", null, h("th", { class: "number" }, t("import.line")), h("th", null, t("import.problem")))),
          h("tbody", null, answer.errors.map((error) => h("tr", null, h("td", { class: "number mono" }, error.line), h("td", null, error.detail)))))) : null);
    } catch (error) {
      replace(result, failure(error));
    }
  }

  return openDialog({
    title: t("cameras.import"), wide: true,
    build: () => [h("p", null, t("import.lead")), h("p", { class: "mono break import-header" }, HEADER), h("div", { class: "row" }, button({ text: t("import.file"), icon: "upload", press: () => file.click() }), file), field(t("import.text"), text, { wide: true }), result],
    actions: (close) => [button({ text: t("action.close"), press: () => close() }), button({ text: t("import.send"), kind: "primary", press: send })],
  }).then(() => changed);
}
