import { h, replace } from "../core/dom.js";
import { advice, t } from "../core/i18n.js";
import { get, put, remove, path } from "../core/api.js";
import { can } from "../core/session.js";
import { onLive } from "../core/live.js";
import { refreshCounts } from "../core/counts.js";
import { button } from "../elements/controls.js";
import { icon } from "../elements/icons.js";
import { failed, loading } from "../elements/states.js";
import { healthMark } from "../elements/health.js";
import { confirmDialog } from "../elements/dialog.js";
import { toast } from "../elements/toast.js";
import { cameraForm } from "./camera-form.js";
import { liveView } from "./camera-live.js";
import { whyNone } from "./camera-why.js";
import { zoneEditor } from "./zones.js";

/** One camera: live, its zones, why nothing was raised, its settings. */
export async function cameraPage(root, { signal, parts, go, describeKeys, values }) {
  const [id, wanted] = parts;
  const mayEdit = can("operator");
  const tabs = ["live", "zones", "why", ...(mayEdit ? ["settings"] : [])].filter((tab) => tab !== "why" || can("qa", "inspector"));
  const tab = tabs.includes(wanted) ? wanted : "live";
  let camera;
  try {
    camera = await get(path("cameras", id));
  } catch (error) {
    if (!signal.aborted) replace(root, failed(error, () => { replace(root, loading()); cameraPage(root, { signal, parts, go, describeKeys, values }); }));
    return;
  }
  if (signal.aborted) return;
  let mark = healthMark(camera.health, camera.timeZone);
  const detail = h("p", { class: "camera-detail" });
  const drawDetail = () => {
    detail.hidden = !camera.health?.detail || camera.health.state === "live";
    replace(detail, icon("alert"), advice("advice", camera.health?.reason) ?? camera.health?.detail);
  };
  drawDetail();
  onLive(signal, {
    health: (data) => {
      if (data.camera !== camera.id) return;
      camera.health = data.health;
      const next = healthMark(camera.health, camera.timeZone);
      mark.replaceWith(next);
      mark = next;
      drawDetail();
    },
  });
  const body = h("div", { class: "camera-body" });
  replace(root, h("div", { class: "camera-page" },
    h("div", { class: "camera-head" },
      h("a", { class: "button quiet only-icon", href: "#/cameras", "aria-label": t("nav.cameras") }, icon("left")),
      h("h1", null, camera.name), h("span", { class: "dim mono nowrap" }, camera.id), mark,
      h("nav", { class: "subtabs", "aria-label": camera.name }, tabs.map((one) => h("a", { class: "subtab", href: `#/cameras/${encodeURIComponent(id)}/${one}`, "aria-current": one === tab ? "page" : null }, t("camera." + one))))),
    detail, body));

  describeKeys([]);
  const context = { camera, signal, go, describeKeys, values };
  if (tab === "zones") zoneEditor(body, context);
  else if (tab === "why") whyNone(body, context);
  else if (tab === "settings") settings();
  else liveView(body, context);

  function settings() {
    const form = cameraForm({
      camera, signal,
      save: async (changed) => {
        Object.assign(camera, await put(path("cameras", id), changed));
        toast(t("camera.saved"));
      },
    });
    replace(body, h("div", { class: "page" }, form,
      h("section", { class: "card padded danger-zone" }, h("div", null, h("h2", null, t("camera.delete")), h("p", { class: "dim" }, t("camera.deleteText"))),
        button({ text: t("camera.delete"), icon: "trash", kind: "danger", press: async () => {
          const done = await confirmDialog({ title: t("camera.delete"), text: t("camera.deleteSure", { name: camera.name }), agree: t("camera.delete"), danger: true, act: () => remove(path("cameras", id)) });
          if (!done) return;
          refreshCounts({ cameras: true });
          toast(t("camera.deleted", { name: camera.name }));
          go("cameras");
        } }))));
  }
}
