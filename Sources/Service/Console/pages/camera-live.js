import { h, replace } from "../core/dom.js";
import { t, word } from "../core/i18n.js";
import { get, list, path } from "../core/api.js";
import { can } from "../core/session.js";
import { onLive } from "../core/live.js";
import { bindKeys } from "../core/keys.js";
import { shortTime, everySecond, relative, fullTime } from "../core/time.js";
import { checkbox } from "../elements/controls.js";
import { typeIcon } from "../elements/icons.js";
import { failure } from "../elements/controls.js";
import { cameraStill } from "../elements/still.js";
import { countdown } from "../elements/budget.js";
import { healthWords, lastPicture } from "../elements/health.js";

/** The newest picture with what the detector sees and the zones; beside it what the camera does and has raised. */
export async function liveView(root, { camera, signal, describeKeys }) {
  let detections = true;
  const still = cameraStill(camera, { period: 1, detections, signal, onSize: (width, height) => still.style.setProperty("--aspect", String(width / height)) });
  still.classList.add("live-still");
  if (camera.frame) still.style.setProperty("--aspect", String(camera.frame.width / camera.frame.height));
  const box = checkbox(t("camera.detections"), detections, (on) => {
    detections = on;
    still.setDetections(on);
  });
  const warnings = h("ul", { class: "plain-list" });
  const age = h("dd", null);
  const rate = h("dd", { class: "mono" });
  const state = h("dd", null);
  const since = h("dd", null);
  everySecond(age, () => {
    const health = camera.health ?? {};
    age.textContent = lastPicture(health);
    state.textContent = healthWords(health);
    since.textContent = relative(health.since);
    since.title = fullTime(health.since, camera.timeZone);
    rate.textContent = typeof health.picturesPerSecond === "number" ? t("camera.rateOf", { real: health.picturesPerSecond.toFixed(2), wanted: camera.sampleRate ?? 1 }) : "–";
  });
  // Only changes of state are told; the figures are read.
  const reading = setInterval(async () => {
    if (!document.hidden) Object.assign(camera, await get(path("cameras", camera.id)).catch(() => null));
  }, 5000);
  signal.addEventListener("abort", () => clearInterval(reading));
  describeKeys([["D", t("camera.detections")]]);
  replace(root, h("div", { class: "live-view" },
    h("div", { class: "live-stage" }, still),
    h("aside", { class: "side" },
      h("div", { class: "row spread" }, box),
      h("dl", { class: "facts" },
        h("dt", null, t("camera.state")), state,
        h("dt", null, t("camera.newest")), age,
        h("dt", null, t("camera.rate")), rate,
        h("dt", null, t("camera.since")), since,
        h("dt", null, t("camera.url")), h("dd", { class: "mono break" }, camera.url)),
      h("h2", null, t("nav.zones")),
      camera.zones?.length ? h("ul", { class: "plain-list" }, camera.zones.map((zone) => h("li", { class: "zone-line-item" }, h("i", { class: ["swatch", `kind-${zone.kind}`] }), h("span", null, zone.name || zone.id), h("small", null, word("kind", zone.kind)))))
        : h("p", { class: "dim" }, t("zones.none"), " ", can("operator") ? h("a", { href: `#/cameras/${encodeURIComponent(camera.id)}/zones` }, t("zones.draw")) : null),
      h("h2", null, t("camera.warnings")), warnings)));

  async function load() {
    try {
      const answer = await list("warnings", { camera: camera.id, state: "all" }, 12);
      if (signal.aborted) return;
      replace(warnings, answer.items.length ? answer.items.map((warning) => h("li", null, h("a", { class: "side-row", href: `#/review/${encodeURIComponent(warning.id)}` },
        h("small", { class: "mono nowrap" }, shortTime(warning.alertTime, camera.timeZone)), typeIcon(warning.type), h("span", { class: "grow", title: `${word("type", warning.type)} · ${warning.zoneName ?? warning.zone}` }, warning.zoneName ?? warning.zone),
        warning.review ? h("small", null, word("decision", warning.review.decision)) : countdown(warning.alertTime, warning.deadline)))) : h("li", { class: "dim" }, t("camera.noWarnings"), " ", can("qa", "inspector") ? h("a", { href: `#/cameras/${encodeURIComponent(camera.id)}/why` }, t("camera.why")) : null));
    } catch (error) {
      if (!signal.aborted) replace(warnings, failure(error, load));
    }
  }
  onLive(signal, { warning: (data) => { if (data.camera === camera.id) load(); }, review: (data) => { if (data.camera === camera.id) load(); }, resync: load });
  bindKeys(signal, { KeyD: () => box.querySelector("input").click() });
  await load();
}
