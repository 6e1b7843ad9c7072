import { h, replace } from "../core/dom.js";
import { t, word } from "../core/i18n.js";
import { get, put, path } from "../core/api.js";
import { can } from "../core/session.js";
import { bindKeys } from "../core/keys.js";
import { recall, remember } from "../core/prefs.js";
import { relative } from "../core/time.js";
import { rounded } from "../core/geometry.js";
import { button, failure } from "../elements/controls.js";
import { icon } from "../elements/icons.js";
import { cameraStill } from "../elements/still.js";
import { ZoneCanvas } from "../elements/zone-canvas.js";
import { zoneForm } from "../elements/zone-form.js";
import { toast } from "../elements/toast.js";
import { copyDialog } from "./zone-copy.js";
import { idOf } from "./camera-form.js";

/** Typing and nudging within this time, in milliseconds, is one step back. */
const TOGETHER = 900;
const STEPS = 200;

/** The zones of a camera, drawn on its picture. What is not saved survives a closed browser. */
export function zoneEditor(root, { camera, signal, describeKeys }) {
  const mayEdit = can("operator");
  const draftKey = "draft." + camera.id;
  let saved = camera.zones ?? [];
  let version = camera.zonesVersion ?? 0;
  let zones = structuredClone(saved);
  let selected = null;
  let past = [];
  let future = [];
  let lastChange = { at: 0, what: null };

  describeKeys([
    ["N", t("zones.new")], [t("key.space"), t("zones.keyPlace")], ["⏎", t("zones.keyFinish")], ["⌫", t("zones.keyBack")], ["Tab", t("zones.keyTab")], [["←", "→", "↑", "↓"], t("zones.keyMove")], [["⇧", "←→↑↓"], t("zones.keyMoveFast")],
    [t("key.delete"), t("zones.keyDelete")], [["Ctrl", "Z"], t("action.undo")], [["Ctrl", "Y"], t("action.redo")], [["Ctrl", "S"], t("action.save")], ["Esc", t("action.cancel")],
  ]);

  const still = cameraStill(camera, { period: 30, signal, onSize: (width, height) => canvas.element.style.setProperty("--aspect", String(width / height)) });
  const message = h("div", { class: "zone-message", role: "status", "aria-live": "assertive" });
  const canvas = new ZoneCanvas(still, {
    zones: () => zones,
    selected: () => selected,
    select: (index) => { selected = index; draw(); },
    change: (index, polygon, options = {}) => {
      if (!mayEdit) return;
      step({ what: options.together ? `corner-${index}` : null });
      zones[index] = { ...zones[index], polygon: rounded(polygon) };
      draw();
    },
    add: (polygon) => {
      step({});
      const taken = new Set(zones.map((zone) => zone.id));
      const n = zones.length + 1;
      zones.push({ id: idOf(`zone-${n}`, taken), name: t("zones.defaultName", { n }), kind: "no-parking", polygon: rounded(polygon), dwellSeconds: 180 });
      selected = zones.length - 1;
      draw();
      const name = side.querySelector("[data-zone-name]");
      name?.focus();
      name?.select();
    },
    refuse: (sentence) => say(sentence, "bad"),
    said: (sentence) => say(sentence),
    drawingChanged: keepDraft,
    drawingEnded: () => { say(null); drawTools(); keepDraft(); },
  }, signal);
  if (camera.frame) canvas.element.style.setProperty("--aspect", String(camera.frame.width / camera.frame.height));
  const tools = h("div", { class: "zone-tools", role: "toolbar", "aria-label": t("zones.tools") });
  const draftBar = h("div", null);
  const problem = h("div", { "aria-live": "assertive" });
  const side = h("aside", { class: "side zone-side" });
  replace(root, h("div", { class: "zone-editor" }, h("div", { class: "zone-stage" }, tools, draftBar, problem, h("div", { class: "zone-room" }, canvas.element), message), side));

  restoreDraft();
  draw();

  function say(sentence, kind = "") {
    message.className = `zone-message ${kind}`;
    replace(message, sentence ? [kind === "bad" ? icon("alert") : null, sentence] : null);
  }

  function isDirty() {
    return JSON.stringify(zones) !== JSON.stringify(saved);
  }

  /** Keeps the state before a change; changes of one kind in quick succession are one step. */
  function step({ what = null }) {
    const at = performance.now();
    const joins = what !== null && what === lastChange.what && at - lastChange.at < TOGETHER;
    lastChange = { at, what };
    if (!joins) past = [...past.slice(-STEPS), { zones: structuredClone(zones), selected }];
    future = [];
    say(null);
  }

  function travel(from, to) {
    const state = from.pop();
    if (!state) return;
    to.push({ zones: structuredClone(zones), selected });
    zones = state.zones;
    selected = state.selected !== null && state.selected < zones.length ? state.selected : null;
    lastChange = { at: 0, what: null };
    draw();
  }

  function undo() {
    if (canvas.drawing?.length) canvas.removeLast();
    else travel(past, future);
  }

  function redo() {
    travel(future, past);
  }

  function keepDraft() {
    if (!mayEdit) return;
    const drawing = canvas.drawing?.length ? canvas.drawing : null;
    if (isDirty() || drawing) {
      if (!remember(draftKey, { zones, version, drawing, at: Date.now() })) say(t("zones.noStorage"), "bad");
    } else remember(draftKey, null);
  }

  /** What was not saved is there again at once, down to a half-drawn outline; one press goes back to what is saved. */
  function restoreDraft() {
    const draft = recall(draftKey);
    if (!mayEdit || !draft || !Array.isArray(draft.zones) || (JSON.stringify(draft.zones) === JSON.stringify(saved) && !draft.drawing)) return;
    step({});
    zones = draft.zones;
    if (draft.drawing) canvas.start(draft.drawing);
    replace(draftBar, h("div", { class: "notice warn draft", role: "alert" }, icon("clock"),
      h("span", null, t("zones.draftFound", { time: relative(new Date(draft.at).toISOString()) }), draft.version !== version ? " " + t("zones.draftOlder") : null),
      button({ text: t("zones.draftDiscard"), press: () => {
        replace(draftBar);
        canvas.cancel();
        step({});
        zones = structuredClone(saved);
        selected = null;
        draw();
      } }),
      button({ icon: "close", label: t("action.close"), quiet: true, press: () => replace(draftBar) })));
  }

  function draw() {
    canvas.draw();
    drawTools();
    drawSide();
    keepDraft();
  }

  function drawTools() {
    if (!mayEdit) {
      replace(tools, h("span", { class: "dim" }, t("zones.readOnly")));
      return;
    }
    const drawing = canvas.drawing !== null;
    replace(tools,
      drawing ? button({ text: t("zones.finish"), icon: "check", kind: "primary", press: () => canvas.finish() }) : button({ text: t("zones.new"), key: "N", kind: zones.length ? null : "primary", press: begin }),
      drawing ? button({ text: t("action.cancel"), press: () => canvas.cancel() }) : null,
      button({ icon: "undo", label: t("action.undo"), quiet: true, disabled: past.length === 0 && !drawing, press: undo }),
      button({ icon: "redo", label: t("action.redo"), quiet: true, disabled: future.length === 0, press: redo }),
      h("span", { class: "zone-hint dim" }, drawing ? t("zones.drawingHint") : selected !== null ? t("zones.selectedHint") : zones.length ? t("zones.idleHint") : t("zones.emptyHint")),
      h("span", { class: "grow" }),
      isDirty() ? h("span", { class: "tag warn" }, t("zones.unsaved")) : null,
      button({ text: t("zones.copy"), icon: "copy", quiet: true, disabled: zones.length === 0 || drawing, press: () => copyDialog(camera, zones, selected) }),
      button({ text: t("action.save"), kind: "primary", disabled: !isDirty() || drawing, press: () => save() }));
  }

  function drawSide() {
    const list = h("ul", { class: "zone-list" }, zones.map((zone, i) => h("li", null, h("button", {
      type: "button", class: ["zone-row", i === selected && "selected"], "aria-pressed": String(i === selected), on: { click: () => { selected = i === selected ? null : i; draw(); } },
    }, h("i", { class: ["swatch", `kind-${zone.kind}`] }), h("span", { class: "grow" }, zone.name || zone.id), h("small", null, word("kind", zone.kind))))));
    const zone = selected !== null ? zones[selected] : null;
    const focus = side.contains(document.activeElement) ? [...side.querySelectorAll("input, select, button, summary")].indexOf(document.activeElement) : -1;
    const scroll = side.scrollTop;
    replace(side, h("h2", null, t("nav.zones"), zones.length ? h("b", { class: "count" }, zones.length) : null), zones.length ? list : h("p", { class: "dim" }, t("zones.noneYet")),
      zone ? [
        h("div", { class: "row spread zone-form-head" }, h("h2", null, zone.name || zone.id), mayEdit ? button({ icon: "trash", label: t("zones.delete"), quiet: true, press: removeZone }) : null),
        h("fieldset", { class: "bare-fieldset", disabled: !mayEdit }, zoneForm(zone, {
          timeZone: camera.timeZone, redraw: draw,
          change: (next) => {
            step({ what: null });
            zones[selected] = next;
            canvas.draw();
            drawTools();
            keepDraft();
          },
        })),
        h("p", { class: "dim mono break zone-id" }, zone.id),
      ] : null);
    side.scrollTop = scroll;
    if (focus >= 0) side.querySelectorAll("input, select, button, summary")[focus]?.focus({ preventScroll: true });
  }

  function begin() {
    if (!mayEdit || canvas.drawing) return;
    replace(problem);
    canvas.start();
    say(t("zones.drawingStart"));
  }

  function removeZone() {
    if (!mayEdit || selected === null) return;
    step({});
    const [gone] = zones.splice(selected, 1);
    selected = null;
    draw();
    say(t("zones.deleted", { name: gone.name || gone.id }));
  }

  async function save(over = null) {
    if (!mayEdit || (!isDirty() && over === null)) return;
    replace(problem);
    try {
      const answer = await put(path("cameras", camera.id, "zones"), { zones, version: over ?? version });
      if (signal.aborted) return;
      saved = structuredClone(answer?.zones ?? zones);
      zones = structuredClone(saved);
      if (selected !== null && selected >= zones.length) selected = null;
      version = answer?.zonesVersion ?? version + 1;
      Object.assign(camera, { zones: saved, zonesVersion: version });
      remember(draftKey, null);
      replace(draftBar);
      draw();
      toast(t("zones.saved"));
    } catch (error) {
      if (error.status === 409) {
        replace(problem, h("div", { class: "notice warn", role: "alert" }, icon("alert"), h("span", null, error.message),
          button({ text: t("zones.loadTheirs"), press: async () => {
            const fresh = await get(path("cameras", camera.id));
            step({});
            saved = fresh.zones;
            version = fresh.zonesVersion;
            zones = structuredClone(saved);
            selected = null;
            replace(problem);
            draw();
          } }),
          button({ text: t("zones.saveMine"), kind: "danger", press: async () => { const fresh = await get(path("cameras", camera.id)); await save(fresh.zonesVersion); } })));
      } else replace(problem, failure(error, () => save(over)));
    }
  }

  bindKeys(signal, {
    KeyN: begin,
    Delete: removeZone,
    Escape: () => {
      if (canvas.cancel()) return;
      if (selected !== null) {
        selected = null;
        draw();
      }
    },
  });
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || document.querySelector("dialog[open]")) return;
    const inField = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target?.tagName ?? "");
    if (event.code === "KeyS") {
      event.preventDefault();
      document.activeElement?.blur?.();
      save();
    } else if (!inField && (event.code === "KeyY" || (event.code === "KeyZ" && event.shiftKey))) {
      event.preventDefault();
      redo();
    } else if (!inField && event.code === "KeyZ") {
      event.preventDefault();
      undo();
    }
  }, { signal });
}
