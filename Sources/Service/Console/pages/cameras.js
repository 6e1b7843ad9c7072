import { append, h, replace } from "../core/dom.js";
import { t, word } from "../core/i18n.js";
import { list } from "../core/api.js";
import { can } from "../core/session.js";
import { onLive } from "../core/live.js";
import { bindKeys } from "../core/keys.js";
import { recall, remember } from "../core/prefs.js";
import { everySecond } from "../core/time.js";
import { button, input, segmented } from "../elements/controls.js";
import { icon } from "../elements/icons.js";
import { empty, failed, loading, tooMuch } from "../elements/states.js";
import { cameraStill } from "../elements/still.js";
import { healthMark, lastPicture } from "../elements/health.js";
import { cameraPage } from "./camera.js";
import { newCameraPage } from "./camera-new.js";
import { importDialog } from "./camera-import.js";

/** Cards drawn at once; the search finds the rest. */
const MOST = 200;
const AT_ONCE = 36;
const STATES = ["all", "offline", "degraded", "starting", "live"];

/** The grid of cameras; below it, by the address, one camera or a new one. */
export async function camerasPage(root, context) {
  const [first] = context.parts;
  if (first === "new" && context.parts.length === 1) return newCameraPage(root, context);
  if (first) return cameraPage(root, context);
  return grid(root, context);
}

async function grid(root, { signal, go, describeKeys }) {
  const mayEdit = can("operator");
  let cameras = [];
  let total = 0;
  let state = recall("cameras.state", "all");
  let text = "";
  let drawing = 0;
  const marks = new Map();
  const opens = new Map();

  describeKeys([["/", t("cameras.search")], ["N", t("cameras.add")], ["I", t("cameras.import")], [["←", "→", "↑", "↓"], t("cases.keyMove")], ["⏎", t("cameras.open")]]);

  const search = input({ type: "search", placeholder: t("cameras.search"), "aria-label": t("cameras.search"), on: { input: () => { text = search.value.trim().toLowerCase(); drawCards(); } } });
  const filter = h("div", null);
  const cards = h("ul", { class: "camera-grid" });
  const foot = h("div", null);
  const page = h("div", { class: "page" },
    h("div", { class: "page-head" }, h("h1", null, t("nav.cameras")), filter, h("div", { class: "search" }, search),
      mayEdit ? button({ text: t("cameras.import"), icon: "upload", press: showImport }) : null,
      mayEdit ? h("a", { class: "button primary", href: "#/cameras/new" }, icon("plus"), h("span", null, t("cameras.add"))) : null),
    cards, foot);

  await load();

  async function load() {
    try {
      const answer = await list("cameras", {}, 2000);
      if (signal.aborted) return;
      cameras = answer.items;
      total = answer.total;
    } catch (error) {
      if (!signal.aborted) replace(root, failed(error, () => { replace(root, loading()); load(); }));
      return;
    }
    if (cameras.length === 0) {
      replace(root, empty({
        title: t("cameras.empty"), text: mayEdit ? t("cameras.emptyText") : t("review.noCamerasAsk"), name: "camera",
        action: mayEdit ? h("div", { class: "row" }, h("a", { class: "button primary", href: "#/cameras/new" }, icon("plus"), h("span", null, t("cameras.add"))), button({ text: t("cameras.import"), icon: "upload", press: showImport })) : null,
      }));
      return;
    }
    replace(root, page);
    drawFilter();
    drawCards();
  }

  onLive(signal, {
    health: (data) => {
      const camera = cameras.find((one) => one.id === data.camera);
      if (!camera) return load();
      const changed = camera.health?.state !== data.health.state;
      camera.health = data.health;
      const mark = marks.get(camera.id);
      if (mark) {
        const next = healthMark(camera.health, camera.timeZone);
        mark.replaceWith(next);
        marks.set(camera.id, next);
      }
      if (changed) drawFilter();
    },
    resync: load,
  });

  // Only changes of state are told; counts of warnings and the age of pictures are read.
  const reading = setInterval(async () => {
    if (document.hidden || !page.isConnected) return;
    const answer = await list("cameras", {}, 2000).catch(() => null);
    if (signal.aborted || !answer) return;
    const shown = new Map(cameras.map((camera) => [camera.id, camera]));
    if (answer.items.length !== cameras.length || answer.items.some((camera) => !shown.has(camera.id))) {
      cameras = answer.items;
      total = answer.total;
      drawFilter();
      drawCards();
      return;
    }
    for (const camera of answer.items) {
      Object.assign(shown.get(camera.id), camera);
      opens.get(camera.id)?.();
    }
  }, 30_000);
  signal.addEventListener("abort", () => clearInterval(reading));

  function drawFilter() {
    const count = (one) => (one === "all" ? cameras.length : cameras.filter((camera) => (camera.health?.state ?? "starting") === one).length);
    const shown = STATES.filter((one) => one === "all" || one === state || count(one) > 0);
    if (!shown.includes(state)) state = "all";
    replace(filter, segmented(t("cameras.state"), shown.map((one) => [one, word("health", one), count(one)]), state, (next) => {
      state = next;
      remember("cameras.state", state);
      drawCards();
    }));
  }

  function drawCards() {
    const rank = { offline: 0, degraded: 1, starting: 2, live: 3 };
    const found = cameras.filter((camera) => (state === "all" || (camera.health?.state ?? "starting") === state)
      && (!text || [camera.id, camera.name, camera.district, camera.placeCode, camera.url].some((value) => value?.toLowerCase().includes(text))));
    // What needs a hand comes first; within that the order in which they were added.
    found.sort((a, b) => (rank[a.health?.state] ?? 2) - (rank[b.health?.state] ?? 2));
    marks.clear();
    opens.clear();
    cancelAnimationFrame(drawing);
    replace(cards);
    // A screenful now, the others while it is looked at.
    const rest = found.slice(0, MOST);
    const more = () => {
      append(cards, rest.splice(0, AT_ONCE).map(card));
      if (rest.length && !signal.aborted) drawing = requestAnimationFrame(more);
    };
    more();
    replace(foot, found.length === 0 ? h("p", { class: "state" }, t("cameras.noneFound")) : found.length > MOST || total > cameras.length ? tooMuch(Math.min(MOST, found.length), Math.max(total, found.length), t("cameras.tooMany", { shown: Math.min(MOST, found.length), total: found.length })) : null);
  }

  function card(camera) {
    const mark = healthMark(camera.health, camera.timeZone);
    marks.set(camera.id, mark);
    const zones = camera.zones?.length ?? 0;
    const open = h("span", { class: "camera-open" });
    const drawOpen = () => {
      open.hidden = !(camera.open > 0);
      open.textContent = camera.open;
      open.title = t("cameras.undecided", { n: camera.open });
    };
    opens.set(camera.id, drawOpen);
    drawOpen();
    const age = h("span", { class: "dim" });
    // “Live” says that there is a picture; its age matters where there should be one.
    const drawAge = () => { age.textContent = camera.health?.state === "live" ? "" : lastPicture(camera.health); };
    if (camera.health?.state === "live") drawAge();
    else everySecond(age, drawAge);
    return h("li", null, h("a", { class: "camera-card", href: `#/cameras/${encodeURIComponent(camera.id)}/${mayEdit ? (zones ? "live" : "zones") : "live"}`, title: camera.health?.detail ?? null },
      h("div", { class: "camera-picture" }, cameraStill(camera, { signal }), open),
      h("div", { class: "camera-text" },
        h("b", null, camera.name),
        mark,
        h("span", { class: "camera-facts" }, zones ? h("span", null, t(zones === 1 ? "cameras.zone" : "cameras.zones", { n: zones })) : h("span", { class: "warn" }, t("cameras.noZones")), age))));
  }

  async function showImport() {
    if (await importDialog()) load();
  }

  function focusBy(step) {
    const all = [...cards.querySelectorAll(".camera-card")];
    const here = all.indexOf(document.activeElement);
    if (here < 0) return all[0]?.focus();
    const columns = Math.max(1, getComputedStyle(cards).gridTemplateColumns.split(" ").length);
    all[Math.min(all.length - 1, Math.max(0, here + (step === "up" ? -columns : step === "down" ? columns : step)))]?.focus();
  }

  bindKeys(signal, {
    Slash: () => search.focus(),
    KeyN: () => mayEdit && go("cameras/new"),
    KeyI: () => mayEdit && showImport(),
    ArrowLeft: () => focusBy(-1), ArrowRight: () => focusBy(1), ArrowUp: () => focusBy("up"), ArrowDown: () => focusBy("down"),
  });
}
