import { h, replace, setStyle } from "../core/dom.js";
import { t, word } from "../core/i18n.js";
import { get, post, path, query, pages } from "../core/api.js";
import { can } from "../core/session.js";
import { TYPES } from "../core/vocabulary.js";
import { onLive } from "../core/live.js";
import { bindKeys } from "../core/keys.js";
import { shortTime, fullTime, relative, length } from "../core/time.js";
import { refreshCounts } from "../core/counts.js";
import { button, field, select, textarea, failure } from "../elements/controls.js";
import { icon, typeIcon } from "../elements/icons.js";
import { empty, failed, loading } from "../elements/states.js";
import { budgetBar, countdown } from "../elements/budget.js";
import { openDialog } from "../elements/dialog.js";
import { stillFor, overlay, Evidence } from "../elements/evidence.js";
import { toast } from "../elements/toast.js";

const STAGES = ["confirmed", "dispatched", "handled", "verified"];
const STORY = ["flagged", ...STAGES];
/** Cards of a column that are drawn. */
const MOST = 60;
const CLOSED_SHOWN = 30;

const warningOf = (one) => ({ ...one, id: one.warning });
const dueAt = (one) => (one.budget ? Date.parse(one.budget.dueAt) : Infinity);
const lastStep = (one) => one.stages[one.stages.length - 1]?.at ?? "";

/** Cases by stage, the most urgent on top; a case beside them as a story. */
export async function casesPage(root, { signal, parts, go, describeKeys }) {
  const cases = new Map();
  let type = "";
  let chosen = null;
  let closedTotal = 0;
  /** What is told while the list is being read is newer than the list. */
  let isLoading = true;
  const late = [];
  const mayAct = can("inspector");

  describeKeys([[["←", "→", "↑", "↓"], t("cases.keyMove")], ["⏎", t("cases.keyOpen")], ["D", t("cases.keyNext")], ["C", t("cases.keyClose")], ["Esc", t("action.close")]]);

  const columns = Object.fromEntries(STAGES.map((stage) => [stage, h("ol", { class: "column-list" })]));
  const counters = Object.fromEntries(STAGES.map((stage) => [stage, h("b", { class: "count" })]));
  const foots = Object.fromEntries(STAGES.map((stage) => [stage, h("p", { class: "column-foot" })]));
  const board = h("div", { class: "board" }, STAGES.map((stage) =>
    h("section", { class: "column", "aria-label": word("stage", stage) }, h("header", null, h("h2", null, word("stage", stage)), counters[stage], h("small", null, word("stage.explained", stage))), columns[stage], foots[stage])));
  const story = h("aside", { class: "story", "aria-label": t("cases.story"), hidden: true });
  const head = h("div", { class: "page-head" }, h("h1", null, t("nav.cases")),
    h("div", null, select([["", t("review.allTypes")], ...TYPES.map((one) => [one, word("type", one)])], type, (next) => { type = next; draw(); }, { "aria-label": t("review.type") })),
    h("a", { class: "button quiet", href: "#/review?state=rejected" }, t("cases.rejected")),
    h("a", { class: "button", href: "/api/v1/cases?format=csv&stage=all", download: "cases.csv" }, icon("download"), h("span", null, t("cases.csv"))));
  const layout = h("div", { class: "cases" }, h("div", { class: "cases-main" }, head, board), story);

  onLive(signal, {
    case: (data) => {
      if (isLoading) {
        late.push(data);
        return;
      }
      take(data);
    },
    resync: load,
  });

  function take(data) {
    if (data.removed) {
      // The decision behind it was taken back.
      if (!cases.delete(data.id)) return;
      draw();
      if (chosen === data.id) go("cases");
      return;
    }
    const one = data.stage ? data : null;
    if (!one) return;
    const known = cases.get(one.id);
    if (one.stage === "verified" && known?.stage !== "verified") closedTotal += 1;
    cases.set(one.id, one);
    if (!root.contains(layout)) replace(root, layout);
    draw();
    if (chosen === one.id) drawStory(one);
  }

  await load();

  async function load() {
    isLoading = true;
    try {
      const opened = pages("cases", { stage: "open" }, 1000);
      const [first, closed] = await Promise.all([opened.next(), get("cases" + query({ stage: "verified", limit: CLOSED_SHOWN }))]);
      if (signal.aborted) return;
      cases.clear();
      for (const one of [...first.value.items, ...closed.items]) cases.set(one.id, one);
      closedTotal = closed.total ?? closed.items.length;
      if (first.value.more) readOn(opened);
      isLoading = false;
    } catch (error) {
      if (!signal.aborted) replace(root, failed(error, () => { replace(root, loading()); load(); }));
      return;
    }
    if (cases.size === 0 && late.length === 0 && !parts[0]) {
      replace(root, empty({ title: t("cases.empty"), text: t("cases.emptyText"), name: "check", action: h("a", { class: "button primary", href: "#/review" }, t("cases.toReview")) }));
      return;
    }
    replace(root, layout);
    for (const data of late.splice(0)) take(data);
    draw();
    if (parts[0]) open(parts[0]);
  }

  /** The board stands with the first page, the oldest cases; the others come while it is read. */
  async function readOn(opened) {
    try {
      for await (const page of opened) {
        if (signal.aborted) return;
        for (const one of page.items) if (!cases.has(one.id)) cases.set(one.id, one);
        if (root.contains(layout)) draw();
      }
    } catch (error) {
      if (!signal.aborted) toast(error.message, "bad");
    }
  }

  function draw() {
    const focused = document.activeElement?.closest?.(".case-card")?.dataset.id;
    for (const stage of STAGES) {
      const all = [...cases.values()].filter((one) => one.stage === stage && (!type || one.type === type));
      all.sort(stage === "verified" ? (a, b) => (lastStep(a) < lastStep(b) ? 1 : -1) : (a, b) => dueAt(a) - dueAt(b) || (a.id < b.id ? -1 : 1));
      const shown = all.slice(0, stage === "verified" ? CLOSED_SHOWN : MOST);
      const total = stage === "verified" && !type ? Math.max(closedTotal, all.length) : all.length;
      counters[stage].textContent = total;
      replace(columns[stage], shown.length ? shown.map(card) : h("li", { class: "column-empty" }, t("cases.columnEmpty")));
      replace(foots[stage], total > shown.length ? t(stage === "verified" ? "cases.newestShown" : "cases.urgentShown", { shown: shown.length, total }) : null);
    }
    if (focused) board.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  function thumbnail(one) {
    const still = stillFor(warningOf(one), "alert");
    const crop = h("span", { class: "case-thumb" });
    if (!still) return crop;
    const image = h("img", { src: still.address, alt: "", loading: "lazy", decoding: "async" });
    image.addEventListener("error", () => image.remove());
    if (one.box) {
      // The thing itself, not the street: its box with some ground around it.
      const [x, y, width, height] = one.box;
      const scale = Math.max(1, Math.min(5, 1 / Math.max(width * 1.9, height * 1.9)));
      setStyle(image, { "object-position": "0 0", transform: `scale(${scale}) translate(${(0.5 / scale - Math.min(1 - 0.5 / scale, Math.max(0.5 / scale, x + width / 2))) * 100}%, ${(0.5 / scale - Math.min(1 - 0.5 / scale, Math.max(0.5 / scale, y + height / 2))) * 100}%)` });
    }
    crop.append(image);
    return crop;
  }

  function card(one) {
    const label = `${word("type", one.type)} ${one.cameraName ?? one.camera}`;
    return h("li", null, h("button", {
      type: "button", class: ["case-card", chosen === one.id && "selected"], "data-id": one.id, "data-stage": one.stage, "aria-current": chosen === one.id ? "true" : null, on: { click: () => go(path("cases", one.id)) },
    },
      thumbnail(one),
      h("span", { class: "case-text" },
        h("span", { class: "row-top" }, typeIcon(one.type), h("b", null, word("type", one.type))),
        h("span", { class: "row-place" }, one.cameraName ?? one.camera, " · ", one.zoneName ?? one.zone),
        h("span", { class: "case-foot" },
          one.budget ? countdown(one.budget.startedAt, one.budget.dueAt) : h("span", { class: "dim", title: fullTime(lastStep(one), one.timeZone) }, relative(lastStep(one))),
          one.clearedAt && one.stage !== "verified" ? h("span", { class: "tag good" }, icon("check"), t("cases.cleared")) : null)),
      one.budget ? budgetBar(one.budget.startedAt, one.budget.dueAt, `${label}: ${t("cases.budget")}`) : null));
  }

  async function open(id) {
    chosen = id;
    story.hidden = false;
    layout.classList.add("with-story");
    draw();
    board.querySelector(".selected")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (!cases.has(id)) replace(story, loading());
    else drawStory(cases.get(id));
    try {
      const fresh = await get(path("cases", id));
      if (signal.aborted || chosen !== id) return;
      cases.set(id, fresh);
      drawStory(fresh);
    } catch (error) {
      if (!signal.aborted && chosen === id && !cases.has(id)) replace(story, failed(error, () => open(id)));
    }
  }

  function drawStory(one) {
    const warning = warningOf(one);
    const next = STAGES[STAGES.indexOf(one.stage) + 1] ?? null;
    const at = (stage) => one.stages.find((step) => step.stage === stage);
    const figure = (moment, time) => {
      const still = stillFor(warning, moment);
      return still ? h("li", null, h("button", { type: "button", class: "story-still", title: t("cases.enlarge"), on: { click: () => enlarge(one, moment) } },
        h("img", { src: still.address, alt: word("moment", moment), loading: "lazy" }), still.drawn ? null : overlay(warning)),
      h("span", null, word("moment", moment)), time ? h("time", { class: "dim mono" }, shortTime(time, one.timeZone)) : null) : null;
    };
    replace(story,
      h("header", { class: "story-head" }, typeIcon(one.type), h("h2", null, word("type", one.type)), button({ icon: "close", label: t("action.close"), quiet: true, press: () => go("cases") })),
      h("p", { class: "story-place" }, h("b", null, one.cameraName ?? one.camera), " · ", one.zoneName ?? one.zone),
      h("div", { class: "row" },
        one.earlierHere > 0 ? h("span", { class: "tag warn" }, t("review.earlier", { n: one.earlierHere })) : h("span", { class: "tag" }, t("review.firstOffence")),
        h("a", { class: "tag", href: `#/review/${encodeURIComponent(one.warning)}` }, t("cases.toWarning"))),
      h("ol", { class: "stepper", "aria-label": t("cases.stages") }, STORY.map((stage) => h("li", { class: [at(stage) && "done", one.stage === stage && "here"], "aria-current": one.stage === stage ? "step" : null }, h("span", null, word("stage", stage))))),
      one.budget ? h("div", { class: "story-budget" }, h("div", { class: "row spread" }, h("span", null, word("budget", one.budget.stage)), countdown(one.budget.startedAt, one.budget.dueAt)), budgetBar(one.budget.startedAt, one.budget.dueAt, t("cases.budget"))) : null,
      one.clearedAt && one.stage !== "verified" ? h("div", { class: "notice good", role: "status" }, icon("check"), h("span", null, t("cases.clearedText", { time: shortTime(one.clearedAt, one.timeZone) })),
        mayAct ? button({ text: t("cases.closeNow"), key: "C", press: () => closeCase(one) }) : null) : null,
      mayAct && next ? h("div", { class: "row" }, button({ text: word("advance", next), key: "D", kind: "primary", press: () => advance(one) })) : null,
      h("ul", { class: "story-stills" }, figure("first", null), figure("due", null), figure("alert", at("flagged")?.at)),
      h("h3", null, t("cases.history")),
      h("ol", { class: "timeline" }, steps(one)));
  }

  /** Oldest first, with what passed between two steps. */
  function steps(one) {
    const all = one.stages.map((step) => ({ ...step, text: word("stage", step.stage) }));
    if (one.clearedAt) all.push({ at: one.clearedAt, text: t("cases.cameraClear"), by: t("cases.theCamera"), note: null, camera: true });
    all.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    return all.map((step, i) => h("li", { class: [step.camera && "camera"] },
      h("div", { class: "row spread" }, h("b", null, step.text), h("time", { class: "mono dim", datetime: step.at, title: relative(step.at) }, shortTime(step.at, one.timeZone))),
      h("p", { class: "dim" }, [step.by ?? t("cases.bySystem"), i > 0 ? t("cases.after", { time: length(Date.parse(step.at) - Date.parse(all[i - 1].at)) }) : null].filter(Boolean).join(" · ")),
      step.note ? h("p", { class: "timeline-note" }, step.note) : null));
  }

  function enlarge(one, moment) {
    const evidence = new Evidence();
    const keys = { ArrowLeft: () => evidence.step(-1), ArrowRight: () => evidence.step(1), Space: () => evidence.togglePlay(), KeyS: () => evidence.toggleMode(), KeyZ: () => evidence.toggleZoom(), KeyB: () => evidence.toggleDrawing() };
    const box = h("div", { class: "dialog-evidence" }, evidence.element);
    let open = true;
    openDialog({ title: `${word("type", one.type)} · ${one.cameraName ?? one.camera}`, wide: true, build: () => box }).then(() => {
      open = false;
      evidence.destroy();
    });
    box.closest("dialog").addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || !keys[event.code] || (event.code === "Space" && event.target.matches("button:focus-visible"))) return;
      event.preventDefault();
      keys[event.code]();
    });
    const show = (warning) => {
      evidence.show(warning);
      evidence.setMoment(moment);
    };
    // The case does not say when the thing was first seen; its warning does.
    get(path("warnings", one.warning)).then((warning) => { if (open) show(warning); })
      .catch(() => { if (open) show({ ...warningOf(one), startTime: null, dueTime: null, alertTime: one.stages[0]?.at }); });
  }

  async function send(one, stage, note) {
    const answer = await post(path("cases", one.id, "stage"), { stage, note: note || null });
    // The event may have told it first.
    if (answer?.stage === "verified" && cases.get(answer.id)?.stage !== "verified") closedTotal += 1;
    if (answer) cases.set(answer.id, answer);
    refreshCounts();
    return answer ?? one;
  }

  function advance(one) {
    const next = STAGES[STAGES.indexOf(one.stage) + 1];
    if (!next || !mayAct) return;
    const note = textarea({ maxlength: "500", autofocus: true });
    const problem = h("div", { "aria-live": "polite" });
    const act = async (close) => {
      try {
        const answer = await send(one, next, note.value.trim());
        close();
        draw();
        if (chosen === one.id) drawStory(answer);
        toast(t("cases.moved", { stage: word("stage", next) }));
      } catch (error) {
        replace(problem, failure(error));
      }
    };
    openDialog({
      title: word("advance", next),
      build: (close) => {
        note.addEventListener("keydown", (event) => {
          if (event.code === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) act(close);
        });
        return [h("p", null, `${word("type", one.type)} · ${one.cameraName ?? one.camera} · ${one.zoneName ?? one.zone}`), field(t("review.note"), note, { hint: word("advance.hint", next), wide: true }), problem];
      },
      actions: (close) => [button({ text: t("action.cancel"), press: () => close() }), button({ text: word("advance", next), key: "Ctrl ⏎", kind: "primary", press: () => act(close) })],
    });
  }

  /** What the camera saw closes the case: each stage that is left is recorded, with the reason. */
  function closeCase(one) {
    if (!one.clearedAt || one.stage === "verified" || !mayAct) return;
    const left = STAGES.slice(STAGES.indexOf(one.stage) + 1);
    const problem = h("div", { "aria-live": "polite" });
    openDialog({
      title: t("cases.closeNow"),
      build: () => [h("p", null, t("cases.closeText", { time: shortTime(one.clearedAt, one.timeZone) })), h("ol", { class: "numbered" }, left.map((stage) => h("li", null, word("stage", stage)))), problem],
      actions: (close) => [button({ text: t("action.cancel"), press: () => close() }), button({
        text: t("cases.closeNow"), kind: "primary", autofocus: true, press: async () => {
          try {
            let answer = one;
            for (const stage of left) answer = await send(one, stage, t("cases.closeNote", { time: shortTime(one.clearedAt, one.timeZone) }));
            close();
            draw();
            if (chosen === one.id) drawStory(answer);
            toast(t("cases.closed"));
          } catch (error) {
            replace(problem, failure(error));
            draw();
          }
        },
      })],
    });
  }

  /** The card that the keys mean: the focused one, else the chosen one. */
  function target() {
    const id = document.activeElement?.closest?.(".case-card")?.dataset.id ?? chosen;
    return id ? cases.get(id) : null;
  }

  function focusBy(dx, dy) {
    const cards = (stage) => [...columns[stage].querySelectorAll(".case-card")];
    const here = document.activeElement?.closest?.(".case-card") ?? board.querySelector(".case-card.selected");
    if (!here) {
      board.querySelector(".case-card")?.focus();
      return;
    }
    const row = cards(here.dataset.stage).indexOf(here);
    if (dy) {
      cards(here.dataset.stage)[row + dy]?.focus();
      return;
    }
    for (let i = STAGES.indexOf(here.dataset.stage) + dx; i >= 0 && i < STAGES.length; i += dx) {
      const there = cards(STAGES[i]);
      if (there.length) {
        there[Math.min(row, there.length - 1)].focus();
        return;
      }
    }
  }

  const moves = { ArrowUp: () => focusBy(0, -1), ArrowDown: () => focusBy(0, 1), ArrowLeft: () => focusBy(-1, 0), ArrowRight: () => focusBy(1, 0) };
  for (const move of Object.values(moves)) move.repeats = true;
  bindKeys(signal, {
    ...moves,
    KeyD: () => { const one = target(); if (one) advance(one); },
    KeyC: () => { const one = target(); if (one) closeCase(one); },
    Escape: () => { if (chosen) go("cases"); },
  });
}
