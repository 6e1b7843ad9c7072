import { h, replace } from "../core/dom.js";
import { t, word } from "../core/i18n.js";
import { get, post, remove, path, list } from "../core/api.js";
import { session, can } from "../core/session.js";
import { onLive } from "../core/live.js";
import { bindKeys, repeating } from "../core/keys.js";
import { now, everySecond } from "../core/time.js";
import { REASONS, TYPES } from "../core/vocabulary.js";
import { refreshCounts } from "../core/counts.js";
import { button, segmented, select, failure } from "../elements/controls.js";
import { icon } from "../elements/icons.js";
import { empty, failed, loading, tooMuch } from "../elements/states.js";
import { drawItemBanner, heldByOther, isUndecided, itemHead, queueRow } from "../elements/item.js";
import { Evidence, prefetch } from "../elements/evidence.js";
import { whyLine, whyPanel } from "../elements/why.js";
import { unclearDialog } from "../elements/unclear.js";
import { toast } from "../elements/toast.js";

const VIEWS = ["undecided", "unclear", "confirmed", "rejected"];
/** The rows drawn at once; nobody reads further, and the most urgent come first. */
const MOST = 200;
/** For so long after an item appears no key decides it: a second press was meant for the one before. */
const GUARD = 400;
const UNDO = 10_000;

/** The queue and the item under decision. */
export async function reviewPage(root, { signal, parts, values, go, describeKeys }) {
  const mayDecide = can("inspector");
  let view = VIEWS.includes(values.state) ? values.state : "undecided";
  let type = values.type ?? "";
  const camera = values.camera ?? null;
  const reason = values.reason ?? null;
  const items = new Map();
  let order = [];
  let current = null;
  let total = 0;
  let more = false;
  let shownAt = 0;
  let busy = false;
  let renew = null;
  let undo = null;
  let ahead = new Map();
  let whyOpen = false;
  let actionsKey = null;
  /** Something happened while the list was being read. */
  let missed = false;

  const evidence = new Evidence();
  signal.addEventListener("abort", () => {
    evidence.destroy();
    clearInterval(renew);
    clearTimeout(undo?.timer);
  });
  const queue = h("ol", { class: "queue-list", "aria-label": t("review.queue") });
  const queueFoot = h("div", { class: "queue-foot" });
  const head = h("div", { class: "item-head" });
  const banner = h("div", { class: "item-banner", "aria-live": "polite" });
  const why = h("div", { class: "item-why" });
  const panel = h("aside", { class: "why-panel", hidden: true, "aria-label": t("review.why") });
  const actions = h("div", { class: "item-actions", role: "toolbar", "aria-label": t("review.actions") });
  const undoBar = h("div", { class: "undo", "aria-live": "polite" });
  const stage = h("section", { class: "stage", "aria-label": t("review.evidence") }, head, banner, h("div", { class: "stage-picture" }, evidence.element, panel), why, actions);
  const hole = h("section", { class: "stage stage-empty" });
  const chips = h("div", { class: "queue-head" });
  const layout = h("div", { class: "review" }, h("section", { class: "queue" }, chips, queue, queueFoot), stage, hole);
  const page = [layout, undoBar];
  hole.hidden = true;
  stage.hidden = true;

  describeKeys([
    ["A", t("review.confirm")], ["1–9", t("review.rejectReason")], ["0", t("review.unclear")], ["J", t("review.next")], ["K", t("review.previous")],
    [[t("key.space")], t("review.play")], ["S", t("review.stillClip")], ["Z", t("review.zoom")], ["W", t("review.why")], ["B", t("review.drawing")],
    [["←", "→"], t("review.step")], ["U", t("review.undo")],
  ]);

  const isOpen = (warning) => view === "undecided" ? !warning.review : view === "unclear" ? warning.review?.decision === "unclear" : warning.review?.decision === (view === "confirmed" ? "confirm" : "reject");
  const fits = (warning) => (!type || warning.type === type) && (!camera || warning.camera === camera) && (!reason || warning.review?.reason === reason);
  const decidable = (warning) => mayDecide && isUndecided(warning);
  const urgent = (a, b) => Date.parse(a.deadline) - Date.parse(b.deadline) || (a.id < b.id ? -1 : 1);
  const newest = (a, b) => Date.parse(b.alertTime) - Date.parse(a.alertTime);
  const byView = () => (view === "undecided" || view === "unclear" ? urgent : newest);

  onLive(signal, {
    warning: (data) => take(data),
    review: (data) => take(data.warning ?? data),
    resync: () => { if (current) catchUp(); else load(); },
  });

  drawChips();
  await load();

  function drawChips() {
    replace(chips,
      segmented(t("review.view"), VIEWS.map((one) => [one, word("review.view", one), one === view && total ? total : null]), view, (next) => {
        view = next;
        type = "";
        if (parts.length || values.state || reason || camera) go("review?state=" + next);
        else load();
        drawChips();
      }),
      h("div", { class: "queue-filter" },
        select([["", t("review.allTypes")], ...TYPES.map((one) => [one, word("type", one)])], type, (next) => { type = next; load(); }, { "aria-label": t("review.type") }),
        camera || reason ? h("a", { class: "chip", href: "#/review?state=" + view, title: t("review.clearFilter") }, [camera, reason && word("reason", reason)].filter(Boolean).join(" · "), icon("close")) : null));
  }

  async function load() {
    replace(root, loading());
    let answer;
    try {
      answer = await list("warnings", { state: view, type, camera }, reason ? 1000 : MOST);
    } catch (error) {
      if (!signal.aborted) replace(root, failed(error, load));
      return;
    }
    if (signal.aborted) return;
    items.clear();
    for (const warning of answer.items) if (fits(warning)) items.set(warning.id, warning);
    total = reason ? items.size : answer.total;
    more = answer.more;
    resort();
    replace(root, page);
    drawChips();
    let wanted = parts[0] ? items.get(parts[0]) : null;
    if (parts[0] && !wanted) {
      try {
        wanted = await get(path("warnings", parts[0]));
        if (isOpen(wanted)) items.set(wanted.id, wanted);
      } catch (error) {
        toast(error.message, "bad");
      }
      if (signal.aborted) return;
    }
    drawQueue();
    if (wanted) choose(wanted, { byHand: true });
    else advance();
    if (missed) catchUp();
    missed = false;
  }

  /** All by urgency again; what others have decided meanwhile leaves. Only between two decisions. */
  function resort() {
    for (const [id, warning] of items) if (!isOpen(warning)) items.delete(id);
    order = [...items.values()].sort(byView()).map((warning) => warning.id);
  }

  /** A new one goes into the order below the item under decision; what is above stays where it is. */
  function insert(id) {
    const from = order.indexOf(current?.id) + 1;
    const compare = byView();
    const warning = items.get(id);
    let at = order.findIndex((other, i) => i >= from && items.has(other) && compare(warning, items.get(other)) < 0);
    if (at < 0) at = order.length;
    order.splice(at, 0, id);
  }

  async function catchUp() {
    try {
      const answer = await list("warnings", { state: view, type, camera }, MOST);
      for (const warning of answer.items) take(warning);
      const open = new Set(answer.items.map((one) => one.id));
      if (!answer.more) for (const id of items.keys()) if (!open.has(id)) take({ id });
    } catch {
      // The next gap's end tries again.
    }
  }

  async function take(data) {
    let warning = data;
    if (!data?.id) return;
    if (!data.type || !data.alertTime) {
      if (!items.has(data.id) && data.decision) return;
      try {
        warning = await get(path("warnings", data.id));
      } catch {
        return;
      }
    }
    if (signal.aborted) return;
    if (!root.contains(layout)) {
      missed = true;
      return;
    }
    const known = items.has(warning.id);
    if (!known && (!isOpen(warning) || !fits(warning))) return;
    if (known && !isOpen(warning) && items.get(warning.id) && isOpen(items.get(warning.id))) total = Math.max(0, total - 1);
    if (!known) total += 1;
    if (!known && items.size >= MOST) {
      more = true;
      drawQueue();
      return;
    }
    items.set(warning.id, warning);
    if (!known) insert(warning.id);
    if (current?.id === warning.id && !busy) {
      // The picture under decision stays; only what others did to it is told.
      current = warning;
      evidence.update(warning);
      drawBanner();
      drawActions();
      drawWhy();
    } else if (!current) advance();
    drawQueue();
  }

  function drawQueue() {
    // The row that has the focus keeps it.
    const focused = document.activeElement?.closest?.(".queue-row")?.dataset.id ?? null;
    const top = queue.scrollTop;
    replace(queue, order.slice(0, MOST).map((id) => items.get(id)).filter(Boolean).map(row));
    queue.scrollTop = top;
    if (focused) queue.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    const counter = chips.querySelector("input:checked + span .count");
    if (counter) counter.textContent = total;
    replace(queueFoot, more && total > order.length ? tooMuch(order.length, total) : null);
    prefetchNext();
  }

  function row(warning) {
    return queueRow(warning, { isSelected: warning.id === current?.id, isDone: !isOpen(warning), press: () => choose(warning, { byHand: true }) });
  }

  /** The next that nobody else holds: after the current one with `fromCurrent`, else the most urgent. */
  function nextFree(direction = 1, fromCurrent = true) {
    const here = fromCurrent ? order.indexOf(current?.id) : -1;
    for (let i = here + direction; i >= 0 && i < order.length; i += direction) {
      const warning = items.get(order[i]);
      if (warning && isOpen(warning) && !heldByOther(warning)) return warning;
    }
    return null;
  }

  function advance() {
    resort();
    const next = nextFree(1, false);
    if (next) choose(next);
    else showHole();
  }

  function showHole() {
    current = null;
    clearInterval(renew);
    stage.hidden = true;
    hole.hidden = false;
    layout.classList.toggle("is-empty", order.length === 0);
    const held = order.map((id) => items.get(id)).filter((warning) => warning && heldByOther(warning)).length;
    if (view === "undecided" && held === 0) {
      replace(hole, empty({ title: t("review.empty"), text: t("review.emptyText"), name: "check" }));
      firstRun();
    } else replace(hole, empty({ title: held ? t("review.allHeld", { n: held }) : t("review.emptyView"), name: held ? "lock" : "check" }));
    drawQueue();
  }

  /** Without a camera, or without a zone, nothing can ever arrive: say what comes first. */
  async function firstRun() {
    const { items: cameras } = await list("cameras", {}, 200).catch(() => ({ items: [null] }));
    if (signal.aborted || current) return;
    if (cameras.length === 0) {
      replace(hole, empty({
        title: t("review.noCameras"), text: can("operator") ? t("review.noCamerasText") : t("review.noCamerasAsk"), name: "camera",
        action: can("operator") ? h("a", { class: "button primary", href: "#/cameras/new" }, t("cameras.add")) : null,
      }));
    } else if (cameras.every((one) => one && one.zones?.length === 0)) {
      replace(hole, empty({
        title: t("review.noZones"), text: can("operator") ? t("review.noZonesText") : t("review.noCamerasAsk"), name: "edit",
        action: can("operator") ? h("a", { class: "button primary", href: `#/cameras/${encodeURIComponent(cameras[0].id)}/zones` }, t("zones.draw")) : null,
      }));
    }
  }

  async function choose(warning, { byHand = false } = {}) {
    const same = current?.id === warning.id;
    current = warning;
    hole.hidden = true;
    stage.hidden = false;
    layout.classList.remove("is-empty");
    shownAt = performance.now();
    if (!same) evidence.show(warning, ahead.get(warning.id));
    replace(head, itemHead(warning));
    drawBanner();
    drawWhy();
    drawActions();
    drawQueue();
    queue.querySelector(".selected")?.scrollIntoView({ block: "nearest" });
    clearInterval(renew);
    if (!decidable(warning)) return;
    const claim = async (first) => {
      if (document.hidden && !first) return;
      try {
        const answer = await post(path("warnings", warning.id, "claim"));
        if (answer?.claim && items.has(warning.id)) items.get(warning.id).claim = answer.claim;
        if (current?.id === warning.id && answer?.claim) current.claim = answer.claim;
      } catch (error) {
        if (error.status !== 409 || signal.aborted || current?.id !== warning.id) return;
        const fresh = await get(path("warnings", warning.id)).catch(() => null);
        if (fresh && items.has(fresh.id)) items.set(fresh.id, fresh);
        if (current?.id !== warning.id) return;
        if (fresh) current = fresh;
        // Held in this moment by somebody else: on to the next, unless it was chosen by hand.
        if (first && !byHand && (heldByOther(current) || !isOpen(current))) {
          const next = nextFree(1, true) ?? nextFree(1, false);
          if (next && next.id !== warning.id) return choose(next);
        }
        drawBanner(error.message);
        drawActions();
        drawQueue();
      }
    };
    renew = setInterval(() => claim(false), 60_000);
    await claim(true);
  }

  function drawBanner(text = null) {
    drawItemBanner(banner, current, { mayDecide, text });
  }

  function drawWhy() {
    replace(why, whyLine(current));
    panel.hidden = !whyOpen;
    if (whyOpen) replace(panel, whyPanel(current, () => toggleWhy()));
  }

  function toggleWhy() {
    whyOpen = !whyOpen;
    drawWhy();
    evidence.fit();
  }

  function drawActions() {
    const free = decidable(current) && !heldByOther(current);
    // A button is not taken away from under a press that is on its way.
    const key = `${current.id} ${free} ${Boolean(current.evidence?.clip)}`;
    if (key === actionsKey) return;
    actionsKey = key;
    replace(actions,
      free ? [
        button({ text: t("review.confirm"), key: "A", kind: "confirm", press: () => decide("confirm") }),
        REASONS.map((one, i) => button({ text: word("reason", one), key: String(i + 1), kind: "reason", title: t("review.rejectBecause", { reason: word("reason", one) }), press: () => decide("reject", one) })),
        button({ text: t("review.unclear"), key: "0", kind: "unclear", press: unclear }),
      ] : null,
      h("div", { class: "steps" },
        button({ text: t("review.previousShort"), key: "K", icon: "up", quiet: true, title: t("review.previousShort"), press: () => move(-1) }),
        button({ text: t("review.nextShort"), key: "J", icon: "down", quiet: true, title: t("review.nextShort"), press: () => move(1) })));
    actions.classList.toggle("free", free);
    replace(evidence.tools,
      button({ text: t("review.stillClipShort"), key: "S", quiet: true, press: () => evidence.toggleMode(), disabled: !current.evidence?.clip }),
      button({ text: t("review.zoom"), key: "Z", quiet: true, press: () => evidence.toggleZoom() }),
      button({ text: t("review.why"), key: "W", quiet: true, press: toggleWhy }));
  }

  function move(direction) {
    const next = nextFree(direction);
    if (next) choose(next);
    else toast(direction > 0 ? t("review.noNext") : t("review.noPrevious"), "neutral", 2);
  }

  async function decide(decision, because = null, note = null) {
    if (!current || busy || !decidable(current) || heldByOther(current)) return;
    if (decision !== "unclear" && performance.now() - shownAt < GUARD) return;
    busy = true;
    stage.classList.add("busy");
    const warning = current;
    try {
      const answer = await post(path("warnings", warning.id, "review"), { decision, reason: because, note });
      if (signal.aborted) return;
      // The event may have told it first.
      if (isOpen(items.get(warning.id) ?? warning)) total = Math.max(0, total - 1);
      items.set(warning.id, answer ?? { ...warning, review: { decision, reason: because, note, by: session().name, at: new Date(now()).toISOString() } });
      offerUndo(items.get(warning.id), decision, because);
      refreshCounts();
      busy = false;
      advance();
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 409) {
        const fresh = await get(path("warnings", warning.id)).catch(() => null);
        if (fresh) {
          items.set(fresh.id, fresh);
          if (current?.id === fresh.id) current = fresh;
        }
        drawBanner(error.message);
        drawActions();
        drawQueue();
      } else {
        banner.hidden = false;
        banner.className = "item-banner";
        replace(banner, failure(error, () => decide(decision, because, note)));
      }
    } finally {
      busy = false;
      stage.classList.remove("busy");
    }
  }

  async function unclear() {
    if (!current || !decidable(current) || heldByOther(current)) return;
    const id = current.id;
    const note = await unclearDialog();
    if (note !== null && current?.id === id) decide("unclear", null, note);
  }

  function offerUndo(warning, decision, because) {
    clearTimeout(undo?.timer);
    const until = performance.now() + UNDO;
    const left = h("span", { class: "undo-left mono" });
    const what = because ? `${word("decision", decision)}: ${word("reason", because)}` : word("decision", decision);
    undo = { warning, timer: setTimeout(() => { undo = null; replace(undoBar); }, UNDO) };
    replace(undoBar, h("div", { class: ["undo-card", decision] }, icon(decision === "confirm" ? "check" : decision === "reject" ? "close" : "question"),
      h("span", null, h("b", null, what), " · ", word("type", warning.type), " · ", warning.zoneName ?? warning.zone),
      button({ text: t("review.undo"), key: "U", kind: "primary", press: takeBack }), left));
    everySecond(left, () => { left.textContent = t("time.seconds", { n: Math.max(0, Math.ceil((until - performance.now()) / 1000)) }); });
  }

  async function takeBack() {
    if (!undo) {
      toast(t("review.nothingToUndo"), "neutral", 2);
      return;
    }
    const { warning, timer } = undo;
    clearTimeout(timer);
    undo = null;
    replace(undoBar);
    try {
      const answer = await remove(path("warnings", warning.id, "review"));
      const back = answer ?? { ...warning, review: null };
      const told = items.has(back.id) && isOpen(items.get(back.id));
      items.set(back.id, back);
      if (isOpen(back)) {
        if (!told) total += 1;
        if (!order.includes(back.id)) order.unshift(back.id);
        choose(back);
      }
      refreshCounts();
      toast(t("review.undone"));
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  function prefetchNext() {
    const kept = new Map();
    if (current && ahead.has(current.id)) kept.set(current.id, ahead.get(current.id));
    let warning = nextFree(1) ?? null;
    for (let i = 0; i < 2 && warning; i++) {
      kept.set(warning.id, ahead.get(warning.id) ?? prefetch(i === 0 ? warning : { ...warning, evidence: { ...warning.evidence, clip: null } }));
      const at = order.indexOf(warning.id);
      warning = order.slice(at + 1).map((id) => items.get(id)).find((one) => one && isOpen(one) && !heldByOther(one)) ?? null;
    }
    ahead = kept;
  }

  const looking = (handler) => () => { if (current && !stage.hidden) handler(); };
  bindKeys(signal, {
    KeyA: looking(() => decide("confirm")),
    ...Object.fromEntries(REASONS.map((one, i) => [`Digit${i + 1}`, looking(() => decide("reject", one))])),
    Digit0: looking(unclear),
    KeyJ: repeating(() => move(1)),
    KeyK: repeating(() => move(-1)),
    Space: looking(() => evidence.togglePlay()),
    KeyS: looking(() => evidence.toggleMode()),
    KeyZ: looking(() => evidence.toggleZoom()),
    KeyW: looking(toggleWhy),
    KeyB: looking(() => evidence.toggleDrawing()),
    KeyU: takeBack,
    ArrowLeft: repeating(looking(() => evidence.step(-1))),
    ArrowRight: repeating(looking(() => evidence.step(1))),
  });
  // After a press of the mouse the keys belong to the item again.
  stage.addEventListener("click", (event) => { if (event.detail > 0 && event.target.closest("button")) document.activeElement?.blur(); });
}
