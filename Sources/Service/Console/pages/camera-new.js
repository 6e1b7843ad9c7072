import { h, replace } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { list, post, path } from "../core/api.js";
import { can } from "../core/session.js";
import { refreshCounts } from "../core/counts.js";
import { button } from "../elements/controls.js";
import { icon } from "../elements/icons.js";
import { empty } from "../elements/states.js";
import { toast } from "../elements/toast.js";
import { cameraForm } from "./camera-form.js";
import { importDialog } from "./camera-import.js";

/** A camera is registered, and its zones come next. */
export async function newCameraPage(root, { signal, go, describeKeys }) {
  describeKeys([]);
  if (!can("operator")) {
    replace(root, empty({ title: t("error.role"), name: "lock" }));
    return;
  }
  const taken = new Set((await list("cameras", {}, 2000).catch(() => ({ items: [] }))).items.map((camera) => camera.id));
  if (signal.aborted) return;
  const form = cameraForm({
    taken, signal, cancel: () => go("cameras"),
    save: async (values) => {
      const camera = await post("cameras", values);
      refreshCounts({ cameras: true });
      toast(t("camera.registered", { name: camera?.name ?? values.name }));
      go(path("cameras", camera?.id ?? values.id) + "/zones");
    },
  });
  replace(root, h("div", { class: "page" },
    h("div", { class: "page-head" }, h("a", { class: "button quiet only-icon", href: "#/cameras", "aria-label": t("nav.cameras") }, icon("left")), h("h1", null, t("cameras.add")),
      button({ text: t("cameras.import"), icon: "upload", press: async () => { if (await importDialog()) go("cameras"); } })),
    form));
  form.focusFirst();
}
