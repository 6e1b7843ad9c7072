import { h, replace } from "../core/dom.js";
import { advice, t, word } from "../core/i18n.js";
import { post } from "../core/api.js";
import { button, field, input, failure, notice } from "../elements/controls.js";
import { icon } from "../elements/icons.js";
import { cameraStill } from "../elements/still.js";
import { loading } from "../elements/states.js";

const ZONES = ["Asia/Shanghai", "Asia/Urumqi", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Ho_Chi_Minh", "Asia/Singapore", "Asia/Tokyo", "Asia/Seoul", "Europe/London", "Europe/Berlin", "America/New_York", "UTC"];

/** An id out of a name: letters, digits and dashes; a name without any gives a number. */
export function idOf(name, taken = new Set()) {
  const base = name.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40);
  if (base && !taken.has(base)) return base;
  for (let n = 1; ; n++) {
    const id = `${base || "cam"}-${n}`;
    if (!taken.has(id)) return id;
  }
}

/**
 * The fields of a camera beside a live probe of its address.
 *
 * `camera` is null for a new one. `save(values)` sends; what it throws is shown. A password that is left empty is kept.
 */
export function cameraForm({ camera = null, taken = new Set(), save, cancel, signal }) {
  const url = input({ type: "text", inputmode: "url", value: camera?.url ?? "", placeholder: "rtsp://192.168.1.64:554/Streaming/Channels/101", required: true, autofocus: !camera, maxlength: "2000" });
  const username = input({ value: camera?.username ?? "", maxlength: "200", autocomplete: "off" });
  const password = input({ type: "password", autocomplete: "new-password", placeholder: camera?.hasPassword ? t("camera.passwordKept") : "", maxlength: "1024" });
  const name = input({ value: camera?.name ?? "", maxlength: "200", required: true });
  const id = input({ value: camera?.id ?? "", maxlength: "64", disabled: camera !== null, class: "mono" });
  const timeZone = input({ value: camera?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone ?? "Asia/Shanghai", list: "time-zones", maxlength: "64" });
  const sampleRate = input({ type: "number", min: "0.1", max: "5", step: "0.1", value: String(camera?.sampleRate ?? 1) });
  const district = input({ value: camera?.district ?? "", maxlength: "200" });
  const placeCode = input({ value: camera?.placeCode ?? "", maxlength: "64" });
  const owner = input({ value: camera?.owner ?? "", maxlength: "200" });
  const longitude = input({ type: "number", step: "any", min: "-180", max: "180", value: camera?.longitude ?? "" });
  const latitude = input({ type: "number", step: "any", min: "-90", max: "90", value: camera?.latitude ?? "" });
  const fields = { url: field(t("camera.url"), url, { hint: t("camera.urlHint") }), name: field(t("camera.name"), name), id: field(t("camera.id"), id, { hint: camera ? null : t("camera.idHint") }) };
  const result = h("div", { class: "probe-result", "aria-live": "polite" });
  const problem = h("div", { "aria-live": "assertive" });
  let touchedID = camera !== null;
  let probing = null;
  let probed = null;

  id.addEventListener("input", () => { touchedID = id.value !== ""; });
  name.addEventListener("input", () => { if (!touchedID) id.value = name.value.trim() ? idOf(name.value, taken) : ""; });

  drawProbe();

  function drawProbe() {
    replace(result, camera?.health?.lastPicture ? [h("div", { class: "probe-still" }, cameraStill(camera, { period: 30, signal })), h("p", { class: "dim" }, t("camera.probeCurrent"))]
      : h("div", { class: "probe-empty" }, icon("camera"), h("p", null, t("camera.probeLead"))));
  }

  /** Credentials that were pasted inside the address go into their fields, where they are masked. */
  function splitCredentials() {
    const match = /^([a-z]+:\/\/)([^/@:]+)(?::([^/@]*))?@(.+)$/i.exec(url.value.trim());
    if (!match || match[2].includes("…") || match[2].includes("*")) return;
    try {
      username.value = decodeURIComponent(match[2]);
      if (match[3]) password.value = decodeURIComponent(match[3]);
      url.value = match[1] + match[4];
    } catch {
      // A stray percent sign: the service will say what it thinks of it.
    }
  }

  const credentials = () => ({ url: url.value.trim(), username: username.value.trim() || null, ...(password.value ? { password: password.value } : {}) });

  async function probe() {
    splitCredentials();
    if (!url.value.trim()) {
      fields.url.say(t("camera.urlMissing"));
      url.focus();
      return;
    }
    fields.url.say(null);
    const asked = JSON.stringify(credentials());
    probed = asked;
    probing?.abort();
    probing = new AbortController();
    signal.addEventListener("abort", () => probing?.abort(), { once: true });
    replace(result, loading(t("camera.probing")));
    let answer;
    try {
      answer = await post("cameras/probe", { ...credentials() }, { signal: probing.signal });
    } catch (error) {
      if (error.name !== "AbortError") replace(result, failure(error, probe));
      return;
    }
    if (signal.aborted || probed !== asked) return;
    if (!answer.ok) {
      const said = advice("advice", answer.reason);
      replace(result, h("div", { class: "probe-bad" }, icon("alert", "state-icon bad"), h("h3", null, word("health.reason", answer.reason)), said ? [h("p", null, said), h("p", { class: "dim small" }, answer.detail)] : h("p", null, answer.detail), camera?.hasPassword && !password.value ? h("p", { class: "dim" }, t("camera.probeNeedsPassword")) : null, button({ text: t("camera.probeAgain"), press: probe })));
      return;
    }
    replace(result,
      answer.still ? h("img", { class: "probe-still", src: answer.still, alt: t("camera.probeStill") }) : null,
      notice("good", "check", t("camera.probeGood")),
      h("dl", { class: "facts" },
        h("dt", null, t("camera.codec")), h("dd", { class: "mono" }, [answer.codec, answer.container].filter(Boolean).join(" · ")),
        h("dt", null, t("camera.size")), h("dd", { class: "mono" }, `${answer.width} × ${answer.height}`),
        h("dt", null, t("camera.frameRate")), h("dd", { class: "mono" }, answer.frameRate ? t("camera.perSecond", { n: Math.round(answer.frameRate * 100) / 100 }) : "–"),
        h("dt", null, t("camera.keyframes")), h("dd", { class: "mono" }, answer.keyframeSeconds ? t("camera.everySeconds", { n: Math.round(answer.keyframeSeconds * 100) / 100 }) : "–")));
    if (!name.value) name.focus();
  }

  url.addEventListener("paste", () => setTimeout(probe));
  for (const control of [url, username, password]) {
    control.addEventListener("change", () => { if (url.value.trim() && JSON.stringify(credentials()) !== probed) probe(); });
  }

  const submit = button({ text: camera ? t("action.save") : t("camera.register"), kind: "primary", type: "submit" });
  const form = h("form", { class: "form", novalidate: true, autocomplete: "off", on: { submit: async (event) => {
    event.preventDefault();
    splitCredentials();
    if (!camera && !id.value.trim() && name.value.trim()) id.value = idOf(name.value, taken);
    fields.url.say(url.value.trim() ? null : t("camera.urlMissing"));
    fields.name.say(name.value.trim() ? null : t("camera.nameMissing"));
    const idProblem = camera ? null : taken.has(id.value.trim()) ? t("camera.idTaken") : /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id.value.trim()) ? null : t("camera.idRule");
    fields.id.say(name.value.trim() ? idProblem : null);
    const wrong = form.querySelector("[aria-invalid]");
    if (wrong) return wrong.focus();
    const values = {
      ...(camera ? {} : { id: id.value.trim() }), ...credentials(), name: name.value.trim(), timeZone: timeZone.value.trim() || null, sampleRate: Number(sampleRate.value) || 1,
      district: district.value.trim() || null, placeCode: placeCode.value.trim() || null, owner: owner.value.trim() || null,
      longitude: longitude.value === "" ? null : Number(longitude.value), latitude: latitude.value === "" ? null : Number(latitude.value),
    };
    submit.setAttribute("aria-busy", "true");
    try {
      replace(problem);
      await save(values);
    } catch (error) {
      replace(problem, failure(error));
    } finally {
      submit.removeAttribute("aria-busy");
    }
  } } },
    fields.url,
    h("div", { class: "fields" }, field(t("camera.username"), username), field(t("login.password"), password)),
    h("div", { class: "fields" }, fields.name, fields.id),
    h("details", { class: "more", open: Boolean(camera) }, h("summary", null, t("camera.more")),
      h("div", { class: "fields" },
        field(t("camera.timeZone"), timeZone), field(t("camera.sampleRate"), sampleRate), field(t("camera.district"), district), field(t("camera.placeCode"), placeCode),
        field(t("camera.owner"), owner), field(t("camera.longitude"), longitude), field(t("camera.latitude"), latitude))),
    h("datalist", { id: "time-zones" }, ZONES.map((zone) => h("option", { value: zone }))),
    problem,
    h("div", { class: "row" }, submit, cancel ? button({ text: t("action.cancel"), press: cancel }) : null, button({ text: t("camera.probe"), icon: "search", press: probe })));
  const element = h("div", { class: "camera-form" }, h("section", { class: "card padded" }, form), h("section", { class: "card probe", "aria-label": t("camera.probe") }, result));
  element.focusFirst = () => url.focus();
  return element;
}
