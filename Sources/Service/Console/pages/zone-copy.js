import { h, replace } from "../core/dom.js";
import { t, word } from "../core/i18n.js";
import { get, put, list, path } from "../core/api.js";
import { button, checkbox, failure, input, notice } from "../elements/controls.js";
import { openDialog } from "../elements/dialog.js";
import { loading } from "../elements/states.js";
import { idOf } from "./camera-form.js";

const MOST = 100;

/** Puts zones beside those that other cameras have; an id that is taken there gets a number. */
export function copyDialog(camera, zones, selected) {
  const chosenZones = new Set(selected === null ? zones.keys() : [selected]);
  const chosen = new Set();
  let cameras = null;
  const search = input({ type: "search", placeholder: t("cameras.search"), "aria-label": t("cameras.search"), on: { input: draw } });
  const targets = h("div", { class: "copy-targets" }, loading());
  const result = h("div", { "aria-live": "polite" });

  function draw() {
    if (!cameras) return;
    const text = search.value.trim().toLowerCase();
    const found = cameras.filter((one) => !text || one.name.toLowerCase().includes(text) || one.id.toLowerCase().includes(text));
    replace(targets, found.length === 0 ? h("p", { class: "dim" }, t("cameras.noneFound")) : found.slice(0, MOST).map((one) =>
      checkbox(`${one.name} · ${t(one.zones?.length === 1 ? "cameras.zone" : "cameras.zones", { n: one.zones?.length ?? 0 })}`, chosen.has(one.id), (on) => (on ? chosen.add(one.id) : chosen.delete(one.id)))),
    found.length > MOST ? h("p", { class: "dim" }, t("cameras.tooMany", { shown: MOST, total: found.length })) : null);
  }

  list("cameras", {}, 2000).then((answer) => {
    cameras = answer.items.filter((one) => one.id !== camera.id);
    draw();
  }).catch((error) => replace(targets, failure(error)));

  async function copy(close) {
    if (!chosen.size || !chosenZones.size) {
      replace(result, failure(new Error(t("zones.copyNothing"))));
      return;
    }
    const failures = [];
    for (const id of [...chosen]) {
      try {
        const target = await get(path("cameras", id));
        const taken = new Set(target.zones.map((zone) => zone.id));
        const added = [...chosenZones].sort((a, b) => a - b).map((i) => {
          const zone = structuredClone(zones[i]);
          if (taken.has(zone.id)) zone.id = idOf(zone.id, taken);
          taken.add(zone.id);
          return zone;
        });
        await put(path("cameras", id, "zones"), { zones: [...target.zones, ...added], version: target.zonesVersion });
        chosen.delete(id);
      } catch (error) {
        failures.push(`${cameras.find((one) => one.id === id)?.name ?? id}: ${error.message}`);
      }
    }
    draw();
    replace(result, failures.length ? failures.map((text) => failure(new Error(text))) : notice("good", "check", t("zones.copied")));
    if (!failures.length) setTimeout(close, 1200);
  }

  return openDialog({
    title: t("zones.copy"),
    build: () => [h("p", { class: "dim" }, t("zones.copyLead")),
      h("fieldset", null, h("legend", null, t("nav.zones")), h("div", { class: "column-checks" }, zones.map((zone, i) => checkbox(`${zone.name || zone.id} · ${word("kind", zone.kind)}`, chosenZones.has(i), (on) => (on ? chosenZones.add(i) : chosenZones.delete(i)))))),
      h("fieldset", null, h("legend", null, t("nav.cameras")), search, targets), result],
    actions: (close) => [button({ text: t("action.cancel"), press: () => close() }), button({ text: t("zones.copy"), kind: "primary", press: () => copy(close) })],
  });
}
