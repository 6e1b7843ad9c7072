import { h } from "../core/dom.js";
import { t, word } from "../core/i18n.js";
import { fromWall, toWall } from "../core/time.js";
import { button, checkbox, field, input, select } from "./controls.js";

export const KINDS = ["no-parking", "no-vending", "bin", "permitted-parking", "permitted-vending", "ignore", "privacy"];
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DEFAULT_DWELL = { "no-parking": 180, "no-vending": 120, bin: 120 };
const VEHICLES = ["vehicle", "two-wheeler", "three-wheeler"];

export const raises = (kind) => kind in DEFAULT_DWELL;

/**
 * What holds in a zone: kind, dwell, hours, dates, holidays, permits.
 *
 * `change(next)` is told each whole step; `redraw()` is asked for where rows come or go.
 */
export function zoneForm(zone, { timeZone, change, redraw }) {
  const set = (values, again = false) => {
    const next = { ...zone, ...values };
    for (const [key, value] of Object.entries(values)) if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) delete next[key];
    zone = next;
    change(next);
    if (again) redraw();
  };
  const name = input({ value: zone.name ?? "", maxlength: "200", on: { change: () => set({ name: name.value.trim() || null }) } });
  name.dataset.zoneName = "";
  const kind = select(KINDS.map((one) => [one, word("kind", one)]), zone.kind, (value) => set({ kind: value, ...(raises(value) ? {} : { dwellSeconds: null, classes: null }) }, true));
  const parts = [h("div", { class: "fields" }, field(t("zones.name"), name), field(t("zones.kind"), kind, { hint: word("kind.explained", zone.kind) }))];
  if (raises(zone.kind)) {
    const dwell = input({ type: "number", min: "0", max: "604800", step: "1", value: String(zone.dwellSeconds ?? DEFAULT_DWELL[zone.kind]) });
    const dwellField = field(t("zones.dwell"), dwell, { hint: t("zones.dwellHint") });
    dwell.addEventListener("change", () => {
      const value = Number(dwell.value);
      const good = dwell.value !== "" && Number.isFinite(value) && value >= 0 && value <= 604800;
      dwellField.say(good ? null : t("zones.dwellRule"));
      if (good) set({ dwellSeconds: value });
    });
    const presets = h("div", { class: "row presets" }, [30, 60, 180, 300, 600].map((seconds) => button({ text: seconds < 60 ? t("time.seconds", { n: seconds }) : t("time.minutes", { n: seconds / 60 }), quiet: true, press: () => set({ dwellSeconds: seconds }, true) })));
    parts.push(dwellField, presets);
    if (zone.kind === "no-parking") {
      const classes = zone.classes ?? ["vehicle"];
      parts.push(h("fieldset", null, h("legend", null, t("zones.classes")), h("div", { class: "row" }, VEHICLES.map((one) => checkbox(word("group", one), classes.includes(one), (on) => {
        const next = on ? [...classes, one] : classes.filter((other) => other !== one);
        set({ classes: next.length ? next : ["vehicle"] }, true);
      })), classes.filter((one) => !VEHICLES.includes(one)).map((one) => h("span", { class: "tag" }, one)))));
    }
  }
  if (zone.kind !== "privacy" && zone.kind !== "ignore") parts.push(scheduleFields(), datesFields(), permitFields());
  return h("div", { class: "zone-form form" }, parts);

  function scheduleFields() {
    const windows = zone.schedule ?? [];
    const put = (i, values, again) => set({ schedule: windows.map((one, j) => (i === j ? { ...one, ...values } : one)) }, again);
    return group("zones.schedule", windows.length, t("zones.always"), [
      windows.map((window, i) => {
        const from = input({ type: "time", value: window.from === "24:00" ? "23:59" : window.from, "aria-label": t("filter.from") });
        const to = input({ type: "time", value: window.to === "24:00" ? "00:00" : window.to, "aria-label": t("filter.to") });
        from.addEventListener("change", () => from.value && put(i, { from: from.value }, true));
        to.addEventListener("change", () => to.value && put(i, { to: to.value === "00:00" && window.from !== "00:00" ? "24:00" : to.value }, true));
        const days = window.days ?? DAYS;
        return h("div", { class: "window" },
          h("div", { class: "days" }, DAYS.map((day) => h("label", { class: "day" }, h("input", {
            type: "checkbox", checked: days.includes(day), "aria-label": word("day.long", day), on: { change: (event) => {
              const next = DAYS.filter((one) => (one === day ? event.target.checked : days.includes(one)));
              if (next.length) put(i, { days: next }, true);
              else event.target.checked = true;
            } },
          }), h("span", null, word("day", day))))),
          h("div", { class: "times" }, from, h("span", null, "–"), to, button({ icon: "trash", label: t("action.remove"), quiet: true, press: () => set({ schedule: windows.filter((_, j) => j !== i) }, true) })),
          window.to !== "24:00" && window.to < window.from ? h("small", null, t("zones.pastMidnight")) : window.from === window.to ? h("small", { class: "field-error" }, t("zones.sameTimes")) : null);
      }),
      button({ text: t("zones.addWindow"), icon: "plus", quiet: true, press: () => set({ schedule: [...windows, { days: windows.length ? DAYS : DAYS.slice(0, 5), from: "07:00", to: "20:00" }] }, true) }),
    ]);
  }

  function datesFields() {
    const effective = zone.effective ?? {};
    const holidays = zone.holidays ?? null;
    const [from, to] = [input({ type: "date", value: effective.from ?? "" }), input({ type: "date", value: effective.to ?? "" })];
    const dates = () => set({ effective: from.value || to.value ? { from: from.value || null, to: to.value || null } : null });
    from.addEventListener("change", dates);
    to.addEventListener("change", dates);
    const day = input({ type: "date", "aria-label": t("zones.holidayAdd") });
    const rule = select([["off", t("zones.holidaysOff")], ["only", t("zones.holidaysOnly")]], holidays?.rule ?? "off", (value) => set({ holidays: { dates: holidays?.dates ?? [], rule: value } }), { "aria-label": t("zones.holidays") });
    const add = () => {
      if (!day.value || holidays?.dates.includes(day.value)) return;
      set({ holidays: { dates: [...(holidays?.dates ?? []), day.value].sort(), rule: rule.value } }, true);
    };
    return group("zones.dates", (zone.effective ? 1 : 0) + (holidays?.dates.length ?? 0), t("zones.noLimit"), [
      h("div", { class: "fields" }, field(t("zones.effectiveFrom"), from), field(t("zones.effectiveTo"), to)),
      h("h3", null, t("zones.holidays")), rule,
      h("div", { class: "row" }, (holidays?.dates ?? []).map((date) => h("span", { class: "chip" }, date, button({
        icon: "close", label: t("zones.holidayRemove", { date }), quiet: true, press: () => {
          const left = holidays.dates.filter((one) => one !== date);
          set({ holidays: left.length ? { ...holidays, dates: left } : null }, true);
        },
      })))),
      h("div", { class: "row nowrap-row" }, day, button({ text: t("action.add"), press: add })),
    ]);
  }

  function permitFields() {
    const permits = zone.permits ?? [];
    const put = (i, values) => set({ permits: permits.map((one, j) => (i === j ? { ...one, ...values } : one)) });
    return group("zones.permits", permits.length, t("zones.noPermits"), [
      permits.map((permit, i) => {
        const from = input({ type: "datetime-local", value: toWall(permit.from, timeZone) });
        const to = input({ type: "datetime-local", value: toWall(permit.to, timeZone) });
        const reason = input({ value: permit.reason ?? "", maxlength: "200" });
        const toField = field(t("filter.to"), to);
        const times = () => {
          const [start, end] = [fromWall(from.value, timeZone), fromWall(to.value, timeZone)];
          const good = start && end && Date.parse(start) < Date.parse(end);
          toField.say(good ? null : t("zones.permitRule"));
          if (good) put(i, { from: start, to: end });
        };
        from.addEventListener("change", times);
        to.addEventListener("change", times);
        reason.addEventListener("change", () => put(i, { reason: reason.value.trim() || undefined }));
        return h("div", { class: "window" }, h("div", { class: "fields" }, field(t("filter.from"), from), toField), h("div", { class: "row nowrap-row" }, field(t("zones.permitReason"), reason),
          button({ icon: "trash", label: t("action.remove"), quiet: true, press: () => set({ permits: permits.filter((_, j) => j !== i) }, true) })));
      }),
      button({ text: t("zones.addPermit"), icon: "plus", quiet: true, press: () => {
        const today = toWall(new Date().toISOString(), timeZone).slice(0, 10);
        set({ permits: [...permits, { from: fromWall(`${today}T06:00`, timeZone), to: fromWall(`${today}T12:00`, timeZone), reason: t("zones.permitExample") }] }, true);
      } }),
    ]);
  }

  function group(key, count, none, children) {
    return h("details", { class: "group", open: openGroups.has(key), on: { toggle: (event) => (event.target.open ? openGroups.add(key) : openGroups.delete(key)) } },
      h("summary", null, h("span", null, t(key)), h("small", null, count ? t("zones.entries", { n: count }) : none)), children);
  }
}

/** Which parts are folded out, kept while the form is drawn anew. */
const openGroups = new Set(["zones.schedule"]);
