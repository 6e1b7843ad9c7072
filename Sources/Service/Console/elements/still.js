import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { address } from "../core/api.js";
import { icon } from "./icons.js";

const visible = new WeakMap();
const observer = new IntersectionObserver((entries) => {
  for (const entry of entries) visible.get(entry.target)?.(entry.isIntersecting);
}, { rootMargin: "120px" });

/**
 * A camera's newest picture, read anew every `period` seconds while it can be seen. The old one stays until the new one
 * is there, so that nothing flickers.
 */
export function cameraStill(camera, { period = 15, detections = false, signal = null, onSize = null, onTime = null } = {}) {
  const image = h("img", { class: "still-image", alt: t("camera.stillOf", { name: camera.name }), decoding: "async", draggable: "false" });
  const none = h("div", { class: "still-none" }, icon("camera"), h("span", null, t("camera.noStill")));
  const element = h("div", { class: "still" }, image, none);
  let timer = null;
  let shown = false;
  let loading = false;
  const load = () => {
    clearTimeout(timer);
    if (!shown || !element.isConnected || signal?.aborted) return;
    if (loading || document.hidden) {
      timer = setTimeout(load, 1000);
      return;
    }
    loading = true;
    const next = new Image();
    const done = (ok) => {
      loading = false;
      if (ok) {
        image.src = next.src;
        onSize?.(next.naturalWidth, next.naturalHeight);
        onTime?.(Date.now());
      }
      element.classList.toggle("has-still", ok || image.hasAttribute("src"));
      element.classList.add("tried");
      timer = setTimeout(load, (ok ? period : Math.max(period, 5)) * 1000 * (period > 3 ? 0.8 + 0.4 * Math.random() : 1));
    };
    next.onload = () => done(true);
    next.onerror = () => done(false);
    next.src = `${address("cameras", camera.id, "still")}?${detections ? "detections=1&" : ""}at=${Date.now()}`;
  };
  // A camera that never gave a picture has none to ask for; its health, which the page keeps, says when it has.
  const hasPicture = () => !camera.health || camera.health.lastPicture || camera.health.state === "live";
  const begin = () => {
    visible.set(element, (seen) => {
      shown = seen;
      if (seen) load();
    });
    observer.observe(element);
  };
  let waiting = null;
  if (hasPicture()) begin();
  else {
    element.classList.add("tried");
    waiting = setInterval(() => {
      if (!hasPicture()) return;
      clearInterval(waiting);
      begin();
    }, 1500);
  }
  signal?.addEventListener("abort", () => {
    clearTimeout(timer);
    clearInterval(waiting);
    observer.unobserve(element);
  });
  element.setDetections = (on) => {
    detections = on;
    load();
  };
  element.reload = load;
  return element;
}

