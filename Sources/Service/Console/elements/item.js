import { h, replace } from "../core/dom.js";
import { t, word } from "../core/i18n.js";
import { can, session } from "../core/session.js";
import { everySecond, fullTime, now, relative, shortTime } from "../core/time.js";
import { countdown } from "./budget.js";
import { icon, typeIcon } from "./icons.js";

/** The colleague who holds a warning at this moment, or null. */
export const heldByOther = (warning) => (warning.claim && warning.claim.by !== session().name && Date.parse(warning.claim.until) > now() ? warning.claim.by : null);

/** Whether nobody has decided it for good. */
export const isUndecided = (warning) => !warning.review || warning.review.decision === "unclear";

const place = (warning) => [warning.cameraName ?? warning.camera, " · ", warning.zoneName ?? warning.zone];

/** A row of the queue. `isDone`: it no longer belongs to the queue, and stays until the next decision so that nothing moves. */
export function queueRow(warning, { isSelected, isDone, press }) {
  const held = heldByOther(warning);
  const review = warning.review;
  const note = isDone && review ? [icon("check"), t("review.decidedBy", { name: review.by, decision: word("decision", review.decision) })]
    : held ? [icon("lock"), t("review.heldBy", { name: held })]
    : review?.decision === "reject" ? word("reason", review.reason)
    : review?.decision === "unclear" && review.note ? [review.by, ": ", review.note]
    : null;
  return h("li", null, h("button", {
    type: "button", class: ["queue-row", isSelected && "selected", (held || isDone) && "taken"], "data-id": warning.id, "aria-current": isSelected ? "true" : null,
    on: { click: (event) => { press(); event.currentTarget.blur(); } },
  },
    h("span", { class: "row-top" }, typeIcon(warning.type), h("b", null, word("type", warning.type)),
      isUndecided(warning) ? countdown(warning.alertTime, warning.deadline) : h("span", { class: "countdown" }, shortTime(review.at, warning.timeZone))),
    h("span", { class: "row-place" }, place(warning)),
    note ? h("span", { class: "row-note" }, note) : null));
}

/** What it is, where, since when, and how long there is left. */
export function itemHead(warning) {
  const since = h("time", { class: "dim", datetime: warning.alertTime, title: fullTime(warning.alertTime, warning.timeZone) });
  everySecond(since, () => { since.textContent = relative(warning.alertTime); });
  const [camera, ...zone] = place(warning);
  return [
    h("div", { class: "item-title" }, typeIcon(warning.type), h("h1", null, word("type", warning.type)), h("span", { class: "item-place" },
      can("operator") ? h("a", { href: `#/cameras/${encodeURIComponent(warning.camera)}/live` }, camera) : camera, zone)),
    h("div", { class: "item-facts" },
      warning.earlierHere > 0 ? h("span", { class: "tag warn", title: t("review.earlierExplained") }, t("review.earlier", { n: warning.earlierHere })) : h("span", { class: "tag", title: t("review.firstOffenceExplained") }, t("review.firstOffence")),
      h("span", { class: "tag" }, t("state." + warning.state)), since,
      isUndecided(warning) ? countdown(warning.alertTime, warning.deadline) : null),
  ];
}

/** Says in `banner` what others did to a warning, or `text` where nothing else is known; hidden where all is plain. */
export function drawItemBanner(banner, warning, { mayDecide, text = null }) {
  const held = heldByOther(warning);
  const review = warning.review;
  const say = (kind, name, ...content) => {
    banner.className = `item-banner ${kind}`;
    banner.hidden = false;
    replace(banner, icon(name), content);
  };
  const time = review ? shortTime(review.at, warning.timeZone) : null;
  const note = review?.note ? ` “${review.note}”` : null;
  if (!isUndecided(warning)) {
    say(review.decision === "confirm" ? "good" : "neutral", "check",
      h("span", null, t("review.decidedFull", { name: review.by, decision: word("decision", review.decision), time }), review.reason ? ` ${word("reason", review.reason)}.` : null, note),
      warning.case ? h("a", { href: `#/cases/${encodeURIComponent(warning.case)}` }, t("review.openCase")) : null);
  } else if (held || text) say("warn", "lock", h("span", null, held ? t("review.heldFull", { name: held }) : text));
  else if (review) say("warn", "question", h("span", null, t("review.unclearFrom", { name: review.by, time }), note));
  else if (!mayDecide) say("", "eye", h("span", null, t("review.readOnly", { role: word("role", session().role) })));
  else banner.hidden = true;
}
