import { h, replace } from "../core/dom.js";
import { t, word } from "../core/i18n.js";
import { get, query, list } from "../core/api.js";
import { session } from "../core/session.js";
import { TYPES } from "../core/vocabulary.js";
import { now } from "../core/time.js";
import { button, field, input, select } from "../elements/controls.js";
import { icon, typeIcon } from "../elements/icons.js";
import { empty, failed, loading } from "../elements/states.js";
import { openDialog } from "../elements/dialog.js";
import { interval, weekStrip, reasonBars } from "../elements/charts.js";
import { candidateList } from "../elements/candidates.js";
import { failure } from "../elements/controls.js";

const DAY = 86_400_000;
const ROWS = 40;
const two = (value) => (typeof value === "number" ? value.toFixed(2) : "–");

/** `0.91 (0.86–0.94), n = 184`; never a share without its n. */
export function figure(precision) {
  if (!precision || !precision.n || precision.value === null) return t("accuracy.noFigure", { n: precision?.n ?? 0 });
  return t("accuracy.figure", { value: two(precision.value), low: two(precision.low), high: two(precision.high), n: precision.n });
}

/** What the interval allows to say of a figure. */
function verdict(precision, target) {
  if (!precision?.n) return ["none", ""];
  if (precision.low >= target) return ["meets", "good"];
  if (precision.high < target) return ["misses", "bad"];
  return ["open", "warn"];
}

/** How often the inspectors agreed with the warnings, how fast they acted, and what nobody looked at. */
export async function accuracyPage(root, { signal, describeKeys }) {
  describeKeys([]);
  const date = (time) => new Date(time).toISOString().slice(0, 10);
  const from = input({ type: "date", value: date(now() - 56 * DAY) });
  const to = input({ type: "date", value: date(now()) });
  const body = h("div", { class: "accuracy-body" });
  const sampleBox = h("section", { class: "card padded" });
  let seed = 1;
  const range = () => {
    const start = from.value ? new Date(from.value + "T00:00:00") : null;
    const end = to.value ? new Date(new Date(to.value + "T00:00:00").getTime() + DAY) : null;
    return { from: start?.toISOString(), to: end?.toISOString() };
  };
  const form = h("form", { class: "row filters", on: { submit: (event) => { event.preventDefault(); load(); } } }, field(t("filter.from"), from), field(t("filter.to"), to), button({ text: t("filter.show"), kind: "primary", type: "submit" }));
  replace(root, h("div", { class: "page" }, h("div", { class: "page-head" }, h("h1", null, t("nav.accuracy")), form, button({ text: t("accuracy.references"), icon: "download", press: references })), body));
  await load();

  async function load() {
    replace(body, loading());
    let answer;
    try {
      answer = await get("accuracy" + query(range()));
    } catch (error) {
      if (!signal.aborted) replace(body, failed(error, load));
      return;
    }
    if (signal.aborted) return;
    const target = answer.target ?? session().target;
    const types = Object.keys(answer.types ?? {}).sort((a, b) => TYPES.indexOf(a) - TYPES.indexOf(b));
    const decided = types.reduce((sum, type) => sum + answer.types[type].confirmed + answer.types[type].rejected, 0);
    if (decided === 0) {
      replace(body, empty({ title: t("accuracy.empty"), text: t("accuracy.emptyText"), name: "search", action: h("a", { class: "button primary", href: "#/review" }, t("cases.toReview")) }));
      return;
    }
    replace(body,
      h("div", { class: "accuracy-types" }, types.map((type) => typeCard(type, answer.types[type], target))),
      h("div", { class: "accuracy-row" }, responseCard(answer.response), camerasCard(answer.cameras ?? [], target)),
      sampleBox);
    drawSample();
  }

  function typeCard(type, row, target) {
    const [word_, tone] = verdict(row.precision, target);
    return h("section", { class: "card padded type-card", "aria-label": word("type", type) },
      h("header", { class: "row" }, typeIcon(type), h("h2", null, word("type", type)), h("span", { class: ["tag", tone] }, word("verdict", word_))),
      h("p", { class: "figure" }, h("b", null, figure(row.precision)), h("span", { class: "dim" }, t("accuracy.target", { target: two(target) }))),
      interval(row.precision, target),
      h("p", { class: "dim small" }, t("accuracy.counts", { confirmed: row.confirmed, rejected: row.rejected, unclear: row.unclear, undecided: row.undecided })),
      h("h3", null, t("accuracy.weeks")), weekStrip(row.weeks ?? [], target),
      h("h3", null, t("accuracy.reasons")),
      Object.keys(row.reasons ?? {}).length ? reasonBars(row.reasons, row.rejected, (reason) => `#/review?${new URLSearchParams({ state: "rejected", type, reason })}`) : h("p", { class: "dim" }, t("accuracy.noReasons")));
  }

  function responseCard(response) {
    const minutes = (value) => (typeof value === "number" ? t("accuracy.minutes", { n: value.toFixed(value < 10 ? 1 : 0) }) : "–");
    const budget = response?.budgetMinutes ?? session().budgets?.respond ?? 30;
    const share = typeof response?.within === "number" ? response.within : null;
    return h("section", { class: "card padded response" },
      h("h2", null, t("accuracy.response")),
      h("p", { class: "dim small" }, t("accuracy.responseText", { budget })),
      response?.n ? [
        h("p", { class: "figure" }, h("b", null, t("accuracy.within", { share: `${(share * 100).toFixed(1)} %`, budget })), h("span", { class: "dim" }, `n = ${response.n}`)),
        h("div", { class: "response-bar", role: "img", "aria-label": t("accuracy.within", { share: `${(share * 100).toFixed(1)} %`, budget }) }, bar(share)),
        h("dl", { class: "response-facts" }, [["accuracy.p50", response.p50], ["accuracy.p90", response.p90], ["accuracy.max", response.max]].map(([key, value]) =>
          h("div", null, h("dt", null, t(key)), h("dd", { class: value > budget ? "bad" : null }, minutes(value)), value > budget ? h("small", { class: "bad" }, t("accuracy.over")) : null))),
      ] : h("p", null, t("accuracy.noResponse")));
  }

  function bar(share) {
    const fill = h("i");
    fill.style.setProperty("width", `${(share ?? 0) * 100}%`);
    return fill;
  }

  function camerasCard(rows, target) {
    let type = "";
    let all = false;
    const table = h("div", { class: "table-scroll" });
    const draw = () => {
      const shown = rows.filter((row) => !type || row.type === type).sort((a, b) => b.rejected - a.rejected || b.confirmed - a.confirmed);
      replace(table, h("table", { class: "table compact" },
        h("thead", null, h("tr", null, h("th", null, t("accuracy.camera")), h("th", null, t("accuracy.type")), h("th", { class: "number" }, t("accuracy.confirmed")), h("th", { class: "number" }, t("accuracy.rejected")), h("th", null, t("accuracy.precision")), h("th", null, t("accuracy.verdict")))),
        h("tbody", null, shown.slice(0, all ? 2000 : ROWS).map((row) => {
          const [name, tone] = verdict(row.precision, target);
          return h("tr", null, h("td", null, h("a", { href: `#/review?${new URLSearchParams({ state: "rejected", camera: row.camera })}` }, row.cameraName ?? row.camera)), h("td", { class: "nowrap" }, word("type", row.type)),
            h("td", { class: "number" }, row.confirmed), h("td", { class: "number" }, row.rejected), h("td", { class: "nowrap mono" }, figure(row.precision)), h("td", { class: ["nowrap", tone] }, word("verdict", name)));
        }))),
      !all && shown.length > ROWS ? h("div", { class: "row padded-row" }, h("span", { class: "dim" }, t("state.tooMuch", { shown: ROWS, total: shown.length })), button({ text: t("action.showAll"), quiet: true, press: () => { all = true; draw(); } })) : null);
    };
    draw();
    return h("section", { class: "card cameras-card" }, h("header", { class: "row spread" }, h("h2", null, t("accuracy.byCamera")),
      h("div", null, select([["", t("review.allTypes")], ...TYPES.map((one) => [one, word("type", one)])], type, (next) => { type = next; draw(); }, { "aria-label": t("review.type") }))), table);
  }

  async function drawSample() {
    const content = h("div", null, loading());
    replace(sampleBox, h("header", { class: "row spread" }, h("h2", null, t("accuracy.sample")), button({ text: t("accuracy.another"), icon: "redo", press: () => { seed += 1; return drawSample(); } })),
      h("p", { class: "lead" }, t("accuracy.sampleText")), content);
    try {
      const answer = await list("suppressed", { ...range(), sample: 12, seed }, 12);
      if (signal.aborted) return;
      replace(content, answer.items.length ? candidateList(answer.items) : h("p", { class: "dim" }, t("accuracy.noSample")), answer.items.length ? h("p", { class: "dim small" }, t("accuracy.seed", { n: answer.items.length, seed })) : null);
    } catch (error) {
      if (!signal.aborted) replace(content, failure(error, drawSample));
    }
  }

  async function references() {
    const cameras = await list("cameras", {}, 2000).catch(() => ({ items: [] }));
    const camera = select(cameras.items.map((one) => [one.id, one.name]), cameras.items[0]?.id ?? "");
    const link = h("a", { class: "button primary", download: true }, icon("download"), h("span", null, t("accuracy.download")));
    const aim = () => {
      link.href = "/api/v1/references" + query({ camera: camera.value, ...range() });
      link.download = `reference-${camera.value}.json`;
    };
    camera.addEventListener("change", aim);
    aim();
    openDialog({
      title: t("accuracy.references"),
      build: () => cameras.items.length ? [h("p", null, t("accuracy.referencesText", { from: from.value, to: to.value })), field(t("accuracy.camera"), camera)] : h("p", null, t("cameras.empty")),
      actions: (close) => [button({ text: t("action.close"), press: () => close() }), cameras.items.length ? link : null],
    });
  }
}
