import { h } from "../core/dom.js";
import { t, word } from "../core/i18n.js";
import { shortTime, length } from "../core/time.js";
import { icon, typeIcon } from "./icons.js";
import { overlay } from "./evidence.js";
import { phrase } from "./phrases.js";
import { conditionTable } from "./why.js";

/** A path of the API, relative or whole; an address of another host is none. */
function stillAddress(still) {
  if (!still || /^[a-z][a-z0-9+.-]*:|^\/\//i.test(still)) return null;
  return still.startsWith("/") ? still : "/api/v1/" + still;
}

/** What stood in a zone and was not raised. */
export function candidateList(items, { camera = true, zone = null } = {}) {
  return h("ul", { class: "candidates" }, items.map((one) => {
    const address = stillAddress(one.still);
    const image = address ? h("img", { src: address, alt: "", loading: "lazy", decoding: "async" }) : null;
    const picture = h("div", { class: "candidate-picture" }, image ?? h("span", { class: "dim" }, icon("camera")), image && one.box ? overlay({ box: one.box }) : null);
    image?.addEventListener("error", () => picture.replaceChildren(icon("camera")));
    return h("li", { class: "card candidate" }, picture,
      h("div", { class: "candidate-text" },
        h("div", { class: "row-top" }, typeIcon(one.type), h("b", null, word("type", one.type)), h("time", { class: "mono dim nowrap" }, shortTime(one.startTime, zone ?? one.timeZone))),
        h("p", { class: "dim" }, [camera ? one.cameraName ?? one.camera : null, one.zoneName ?? one.zone, word("class", one.class), one.endTime ? t("why.stood", { time: length(Date.parse(one.endTime) - Date.parse(one.startTime)) }) : null].filter(Boolean).join(" · ")),
        h("p", { class: "candidate-reason" }, phrase(one.reason)),
        one.why?.length ? h("details", null, h("summary", null, t("why.conditions", { n: one.why.length })), conditionTable(one.why)) : null));
  }));
}
