import { h, s, replace, setStyle, reducedMotion } from "../core/dom.js";
import { t, word } from "../core/i18n.js";
import { address } from "../core/api.js";
import { clamp, points } from "../core/geometry.js";
import { clockTime } from "../core/time.js";
import { icon } from "./icons.js";
import { button } from "./controls.js";

const MOMENTS = ["first", "due", "alert"];

export const evidenceAddress = (warning, file) => address("warnings", warning.id, "evidence", file);

/**
 * The still that shows a moment best, and whether box and zone are drawn in it already. The alert has a clean twin; the
 * drawing over it is the page's own, so that it can be taken away.
 */
export function stillFor(warning, moment) {
  const stills = warning.evidence?.stills ?? [];
  const clean = moment === "alert" ? stills.find((still) => still.moment === "clean") : null;
  const still = clean ?? stills.find((one) => one.moment === moment);
  return still ? { file: still.file, address: evidenceAddress(warning, still.file), drawn: still.moment !== "clean" } : null;
}

/** Reads ahead what the next item will show. Returns what keeps it. */
export function prefetch(warning) {
  const kept = { images: [], video: null };
  for (const moment of ["alert", "first"]) {
    const still = stillFor(warning, moment);
    if (!still) continue;
    const image = new Image();
    image.src = still.address;
    kept.images.push(image);
  }
  if (warning.evidence?.clip) {
    kept.video = h("video", { muted: true, playsinline: true, preload: "auto", src: evidenceAddress(warning, warning.evidence.clip) });
  }
  return kept;
}

/** Box and zone over a picture, in fractions of it. */
export function overlay(warning) {
  const [x, y, width, height] = warning.box ?? [0, 0, 0, 0];
  const polygon = warning.polygon;
  return s("svg", { class: "overlay", viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" },
    polygon ? [s("polygon", { class: "zone-halo", points: points(polygon) }), s("polygon", { class: "zone-line", points: points(polygon) })] : null,
    warning.box ? [s("rect", { class: "box-halo", x, y, width, height }), s("rect", { class: "box-line", x, y, width, height })] : null);
}

/** The evidence of a warning: still or clip as large as it fits, box, zone, time, and a scrubber with its marks. */
export class Evidence {
  constructor() {
    this.scene = h("div", { class: "scene" });
    this.viewport = h("div", { class: "viewport" }, this.scene);
    this.track = h("div", { class: "track" });
    this.playButton = button({ icon: "play", label: t("review.play"), quiet: true, press: () => this.togglePlay() });
    this.time = h("span", { class: "track-time" });
    this.tools = h("div", { class: "scrubber-tools" });
    this.scrubber = h("div", { class: "scrubber" }, this.playButton, this.track, this.time, this.tools);
    this.element = h("div", { class: "evidence" }, this.viewport, this.scrubber);
    this.observer = new ResizeObserver(() => { this.fit(); this.drawTrack(); });
    this.observer.observe(this.viewport);
    this.zoomed = false;
    this.drawing = true;
    this.viewport.addEventListener("dblclick", () => this.toggleZoom());
    this.panning();
  }

  destroy() {
    this.observer.disconnect();
    this.video?.pause();
  }

  /** Shows `warning`'s alert; `kept` is what `prefetch` read. */
  show(warning, kept = null) {
    this.video?.pause();
    this.warning = warning;
    this.zoomed = false;
    this.pan = [0, 0];
    this.moment = MOMENTS.findLast((moment) => stillFor(warning, moment)) ?? null;
    this.image = h("img", { class: "scene-media", alt: t("review.stillAlt", { type: word("type", warning.type), camera: warning.cameraName ?? warning.camera }), draggable: "false" });
    this.image.addEventListener("load", () => this.loaded(this.image.naturalWidth, this.image.naturalHeight));
    this.image.addEventListener("error", () => this.missing());
    this.video = warning.evidence?.clip ? this.makeVideo(warning, kept?.video) : null;
    this.drawn = overlay(warning);
    this.locate = !reducedMotion();
    this.problem = h("div", { class: "scene-missing" });
    replace(this.scene, this.image, this.video, this.drawn, this.problem);
    this.setMode(this.moment ? "still" : this.video ? "clip" : "still");
    if (!this.moment && !this.video) this.missing();
    this.drawTrack();
  }

  makeVideo(warning, kept = null) {
    const video = kept ?? h("video", { muted: true, playsinline: true, preload: "metadata", src: evidenceAddress(warning, warning.evidence.clip) });
    video.classList.add("scene-media");
    video.loop = true;
    video.setAttribute("aria-label", t("review.clip"));
    const current = (act) => () => { if (this.video === video) act(); };
    for (const name of ["timeupdate", "play", "pause", "loadedmetadata", "seeked"]) video.addEventListener(name, current(() => this.updateTrack()));
    video.addEventListener("loadedmetadata", current(() => this.mode === "clip" && this.loaded(video.videoWidth, video.videoHeight)));
    video.addEventListener("error", current(() => this.mode === "clip" && this.missing()));
    return video;
  }

  /** Takes what came later, such as the clip, which ends after the alert; what is shown stays. */
  update(warning) {
    const hadClip = this.warning?.evidence?.clip;
    this.warning = warning;
    if (hadClip || !warning.evidence?.clip) return;
    this.video = this.makeVideo(warning);
    this.image.after(this.video);
    this.drawTrack();
  }

  loaded(width, height) {
    if (width && height) this.size = [width, height];
    replace(this.problem);
    this.scene.classList.remove("missing");
    this.fit();
    if (this.locate) {
      this.locate = false;
      this.drawn.classList.add("locate");
    }
    this.onShown?.();
  }

  missing() {
    this.scene.classList.add("missing");
    replace(this.problem, icon("camera"), h("p", null, t("review.noEvidence")));
    this.fit();
    this.onShown?.();
  }

  setMode(mode) {
    this.mode = mode;
    this.scene.dataset.mode = mode;
    if (mode === "still") {
      this.video?.pause();
      const still = this.moment ? stillFor(this.warning, this.moment) : null;
      if (still && this.image.getAttribute("src") !== still.address) this.image.src = still.address;
      this.drawn.classList.toggle("already", still?.drawn ?? false);
    } else {
      this.drawn.classList.remove("already");
      if (this.video.videoWidth) this.loaded(this.video.videoWidth, this.video.videoHeight);
    }
    this.drawTrack();
  }

  /** S: still or clip. */
  toggleMode() {
    if (!this.video) return;
    this.setMode(this.mode === "still" ? "clip" : "still");
    if (this.mode === "clip") this.video.play().catch(() => null);
  }

  /** Space. */
  togglePlay() {
    if (!this.video) return;
    if (this.mode === "still") this.toggleMode();
    else if (this.video.paused) this.video.play().catch(() => null);
    else this.video.pause();
  }

  setMoment(moment) {
    if (!this.warning || !stillFor(this.warning, moment)) return;
    this.moment = moment;
    this.setMode("still");
  }

  /** The arrows: to the neighbouring mark of a still, a second in a clip. */
  step(direction) {
    if (!this.warning) return;
    if (this.mode === "clip") {
      this.video.pause();
      this.video.currentTime = clamp(this.video.currentTime + direction, 0, this.video.duration || 0);
      return;
    }
    const there = MOMENTS.filter((moment) => stillFor(this.warning, moment));
    const next = there[clamp(there.indexOf(this.moment) + direction, 0, there.length - 1)];
    if (next) this.setMoment(next);
  }

  /** Z: the whole picture, or the box with its surroundings. */
  toggleZoom() {
    this.zoomed = !this.zoomed;
    this.pan = [0, 0];
    this.fit();
  }

  /** B: with or without box and zone. */
  toggleDrawing() {
    this.drawing = !this.drawing;
    this.element.classList.toggle("bare", !this.drawing);
  }

  fit() {
    const [width, height] = this.size ?? [16, 9];
    const room = this.viewport.getBoundingClientRect();
    if (!room.width || !room.height) return;
    const scale = Math.min(room.width / width, room.height / height);
    const [w, hgt] = [width * scale, height * scale];
    let [k, x, y] = [1, 0, 0];
    if (this.zoomed && this.warning?.box) {
      const [bx, by, bw, bh] = this.warning.box;
      k = clamp(Math.min(1 / Math.max(bw * 2.6, 0.1), 1 / Math.max(bh * 2.2, 0.1)), 1.5, 8);
      // The box in the middle, but no more empty ground than needed.
      const reach = (size, place) => clamp((0.5 - place) * size * k, -(k - 1) * size / 2, (k - 1) * size / 2);
      x = reach(w, bx + bw / 2) + this.pan[0];
      y = reach(hgt, by + bh / 2) + this.pan[1];
    }
    setStyle(this.scene, { width: `${w}px`, height: `${hgt}px`, transform: `translate(${x}px, ${y}px) scale(${k})`, "--zoom": k });
    this.viewport.classList.toggle("zoomed", this.zoomed);
  }

  panning() {
    let from = null;
    this.viewport.addEventListener("pointerdown", (event) => {
      if (!this.zoomed || event.button !== 0) return;
      from = [event.clientX - this.pan[0], event.clientY - this.pan[1]];
      this.viewport.setPointerCapture(event.pointerId);
    });
    this.viewport.addEventListener("pointermove", (event) => {
      if (!from) return;
      this.pan = [event.clientX - from[0], event.clientY - from[1]];
      this.fit();
    });
    for (const name of ["pointerup", "pointercancel"]) this.viewport.addEventListener(name, () => { from = null; });
  }

  momentTime(moment) {
    const warning = this.warning;
    return { first: warning.startTime, due: warning.dueTime, alert: warning.alertTime }[moment];
  }

  /** When the clip's first picture was taken, where the evidence says so. */
  clipStart() {
    const start = Date.parse(this.warning?.evidence?.clipStart ?? "");
    return Number.isFinite(start) ? start : null;
  }

  clipClock() {
    const start = this.clipStart();
    return this.mode === "clip" && start !== null ? clockTime(new Date(start + this.video.currentTime * 1000).toISOString(), this.warning.timeZone) : null;
  }

  /** The span of the track in milliseconds: the clip's where that is played, else from first sight to the alert. */
  range() {
    if (this.mode === "clip") {
      const length = (this.video.duration || 0) * 1000;
      const start = this.clipStart();
      return start === null ? [0, length] : [start, start + length];
    }
    const times = MOMENTS.map((moment) => Date.parse(this.momentTime(moment))).filter(Number.isFinite);
    const [from, to] = [Math.min(...times), Math.max(...times)];
    const margin = Math.max(1000, (to - from) * 0.04);
    return [from - margin, to + margin];
  }

  drawTrack() {
    if (!this.warning) return;
    const [from, to] = this.range();
    const known = this.mode === "still" || this.clipStart() !== null;
    const place = (time) => clamp((time - from) / Math.max(1, to - from));
    const marks = MOMENTS.filter((moment) => stillFor(this.warning, moment) || known).map((moment) => {
      const time = Date.parse(this.momentTime(moment));
      if (!Number.isFinite(time)) return null;
      return { moment, at: known ? place(time) : null, outside: known && (time < from || time > to) };
    }).filter(Boolean);
    // Marks that fall on one another are set apart by a little, in their order.
    const spread = [];
    const gap = 104 / Math.max(300, this.track.clientWidth);
    let last = -1;
    for (const mark of marks.filter((one) => one.at !== null)) {
      const at = Math.max(mark.at, last + gap);
      spread.push({ ...mark, at });
      last = at;
    }
    const over = Math.max(0, last - 1);
    for (let i = spread.length - 1, limit = 1; over > 0 && i >= 0; i--) {
      spread[i].at = Math.min(spread[i].at, limit);
      limit = spread[i].at - gap;
    }
    this.progress = h("i", { class: "track-progress" });
    const children = [h("div", { class: "track-line" }, this.progress)];
    if (this.mode === "clip") {
      this.slider = h("input", {
        type: "range", class: "track-slider", min: "0", max: String(this.video.duration || 0), step: "0.05", value: String(this.video.currentTime), "aria-label": t("review.position"),
        on: { input: () => { this.video.pause(); this.video.currentTime = Number(this.slider.value); } },
      });
      children.push(this.slider);
    } else this.slider = null;
    for (const mark of spread) {
      const still = stillFor(this.warning, mark.moment);
      const element = h("button", {
        type: "button", class: ["mark", mark.moment, mark.outside && "outside"], disabled: !still, "aria-pressed": String(this.mode === "still" && mark.moment === this.moment),
        title: clockTime(this.momentTime(mark.moment), this.warning.timeZone), on: { click: () => this.setMoment(mark.moment) },
      }, h("span", null, word("moment", mark.moment)));
      setStyle(element, { left: `${mark.at * 100}%` });
      children.push(element);
    }
    if (this.mode === "clip" && !known) children.push(h("span", { class: "track-note" }, t("review.clipUntimed")));
    replace(this.track, children);
    this.playButton.disabled = !this.video;
    this.updateTrack();
  }

  updateTrack() {
    if (!this.warning) return;
    const playing = this.mode === "clip" && this.video && !this.video.paused;
    replace(this.playButton, icon(playing ? "pause" : "play"));
    this.playButton.setAttribute("aria-label", playing ? t("review.pause") : t("review.play"));
    if (this.mode === "clip") {
      if (this.slider && Number(this.slider.max) !== (this.video.duration || 0)) return this.drawTrack();
      const share = this.video.duration ? this.video.currentTime / this.video.duration : 0;
      if (this.slider) this.slider.value = String(this.video.currentTime);
      setStyle(this.progress, { width: `${share * 100}%` });
      this.time.textContent = this.clipClock() ?? `${this.video.currentTime.toFixed(1)} / ${(this.video.duration || 0).toFixed(1)} s`;
    } else {
      const mark = this.track.querySelector(`.mark.${this.moment}`);
      setStyle(this.progress, { width: mark ? mark.style.left : "0" });
      this.time.textContent = this.moment ? clockTime(this.momentTime(this.moment), this.warning.timeZone) : "";
    }
  }
}
