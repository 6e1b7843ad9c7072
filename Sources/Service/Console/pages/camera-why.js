import { h, replace } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { list } from "../core/api.js";
import { now, fromWall, toWall } from "../core/time.js";
import { button, field, input } from "../elements/controls.js";
import { empty, failed, loading, tooMuch } from "../elements/states.js";
import { candidateList } from "../elements/candidates.js";

const MOST = 300;

/** "Why was there no warning?": what stood in a zone and was not raised, with the one reason that decided. */
export async function whyNone(root, { camera, signal }) {
  const zone = camera.timeZone;
  const [from, to] = [input({ type: "datetime-local" }), input({ type: "datetime-local" })];
  const result = h("div", { class: "why-none-result" });
  const span = (hours) => {
    to.value = toWall(new Date(now() + 60_000).toISOString(), zone);
    from.value = toWall(new Date(now() - hours * 3600_000).toISOString(), zone);
  };
  span(2);
  const form = h("form", { class: "row filters", on: { submit: (event) => { event.preventDefault(); load(); } } },
    field(t("filter.from"), from), field(t("filter.to"), to), button({ text: t("filter.show"), kind: "primary", type: "submit" }),
    [["why.lastHour", 1], ["why.lastDay", 24], ["why.lastWeek", 168]].map(([key, hours]) => button({ text: t(key), quiet: true, press: () => { span(hours); return load(); } })),
    h("small", { class: "dim" }, t("why.localTime", { zone })));
  replace(root, h("div", { class: "page" }, h("p", { class: "lead" }, t("why.noneLead")), form, result));
  await load();

  async function load() {
    const [start, end] = [fromWall(from.value, zone), fromWall(to.value, zone)];
    replace(result, loading());
    try {
      const answer = await list("suppressed", { camera: camera.id, from: start && new Date(start).toISOString(), to: end && new Date(end).toISOString() }, MOST);
      if (signal.aborted) return;
      replace(result, answer.items.length === 0
        ? empty({ title: t("why.noneTitle"), text: camera.zones?.length ? t("why.noneText") : t("why.noZones"), name: "search" })
        : [candidateList(answer.items, { camera: false, zone }), answer.more ? tooMuch(answer.items.length, answer.total) : null]);
    } catch (error) {
      if (!signal.aborted) replace(result, failed(error, load));
    }
  }
}
