import { h, s, replace, setStyle } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { clamp, crossing, area, centre, points, moved } from "../core/geometry.js";

/** How near, in pixels, a press at the first corner closes the outline. */
const NEAR = 14;
const SMALLEST = 0.0002;
const STEP = 0.005;
const FAST = 5;

/**
 * Zones drawn over a picture, with mouse, touch and keyboard.
 *
 * It holds no zones of its own: `model.zones()` and `model.selected()` are read at each `draw`; what is done is told by
 * `model.select(index)`, `model.change(index, polygon)` (a whole step for undo), `model.add(polygon)` and
 * `model.refuse(sentence)`. A corner has the focus like any button: arrows move it, Delete removes it.
 */
export class ZoneCanvas {
  constructor(picture, model, signal) {
    this.model = model;
    this.svg = s("svg", { class: "zone-svg", viewBox: "0 0 1 1", preserveAspectRatio: "none" });
    this.handles = h("div", { class: "zone-handles" });
    this.cross = h("div", { class: "crosshair", hidden: true });
    this.surface = h("div", { class: "zone-surface", tabindex: "0", role: "application", "aria-label": t("zones.surface") }, this.svg, this.handles, this.cross);
    this.element = h("div", { class: "zone-canvas" }, picture, this.surface);
    this.drawing = null;
    this.cursor = [0.5, 0.5];
    this.preview = null;
    this.surface.addEventListener("pointerdown", (event) => this.down(event));
    this.surface.addEventListener("pointermove", (event) => this.move(event));
    this.surface.addEventListener("dblclick", (event) => { if (this.drawing) { event.preventDefault(); this.finish(); } });
    this.surface.addEventListener("keydown", (event) => this.key(event));
    signal.addEventListener("abort", () => { this.drawing = null; });
  }

  at(event) {
    const box = this.surface.getBoundingClientRect();
    return [clamp((event.clientX - box.left) / box.width), clamp((event.clientY - box.top) / box.height)];
  }

  near(event, point) {
    const box = this.surface.getBoundingClientRect();
    const reach = event.pointerType === "touch" ? NEAR * 1.8 : NEAR;
    return Math.hypot(event.clientX - box.left - point[0] * box.width, event.clientY - box.top - point[1] * box.height) < reach;
  }

  // Drawing

  /** Begins an outline, or goes on with one. */
  start(corners = []) {
    this.drawing = [...corners];
    this.cursor = corners.at(-1) ?? [0.5, 0.5];
    this.surface.classList.add("drawing");
    this.model.select(null);
    this.surface.focus({ preventScroll: true });
    this.draw();
  }

  cancel() {
    if (!this.drawing) return false;
    this.drawing = null;
    this.surface.classList.remove("drawing");
    this.cross.hidden = true;
    this.model.drawingEnded?.();
    this.draw();
    return true;
  }

  place(point) {
    const next = [...this.drawing, point];
    const last = this.drawing.at(-1);
    if (last && Math.hypot(last[0] - point[0], last[1] - point[1]) < 0.003) return;
    const crossed = crossing(next, { closed: false });
    if (crossed) {
      this.model.refuse(t("zones.refusedCrossing", { a: crossed[0] + 1, b: crossed[1] + 1 }));
      return;
    }
    this.drawing = next;
    this.model.said?.(t(next.length < 3 ? "zones.cornersMore" : "zones.corners", { n: next.length }));
    this.draw();
    this.model.drawingChanged?.();
  }

  removeLast() {
    this.drawing?.pop();
    this.draw();
    this.model.drawingChanged?.();
  }

  finish() {
    const polygon = this.drawing;
    if (polygon.length < 3) {
      this.model.refuse(t("zones.refusedFew"));
      return;
    }
    const refusal = refusalOf(polygon);
    if (refusal) {
      this.model.refuse(refusal);
      return;
    }
    this.drawing = null;
    this.surface.classList.remove("drawing");
    this.cross.hidden = true;
    this.model.add(polygon);
  }

  // Pointer

  down(event) {
    if (event.button !== 0) return;
    if (this.drawing) {
      event.preventDefault();
      this.surface.focus({ preventScroll: true });
      this.cross.hidden = true;
      if (this.drawing.length >= 3 && this.near(event, this.drawing[0])) this.finish();
      else this.place(this.at(event));
      return;
    }
    const shape = event.target.closest?.("[data-zone]");
    if (!shape) {
      if (event.target === this.surface || event.target === this.svg) this.model.select(null);
      return;
    }
    const index = Number(shape.dataset.zone);
    event.preventDefault();
    if (this.model.selected() !== index) this.model.select(index);
    this.surface.focus({ preventScroll: true });
    const start = this.at(event);
    const polygon = this.model.zones()[index].polygon;
    this.drag(event, (point) => moved(polygon, point[0] - start[0], point[1] - start[1]), index);
  }

  move(event) {
    if (!this.drawing?.length) return;
    this.cursor = this.at(event);
    this.drawRubber();
  }

  /** Follows the pointer until it is let go; what would cross goes back to where it was. */
  drag(event, shape, index) {
    const surface = this.surface;
    const before = this.model.zones()[index].polygon;
    let last = null;
    const move = (next) => {
      if (next.pointerId !== event.pointerId) return;
      last = shape(this.at(next));
      this.preview = { index, polygon: last, wrong: refusalOf(last) !== null };
      this.drawShapes();
      this.placeHandles();
    };
    const end = (next) => {
      if (next.pointerId !== event.pointerId) return;
      for (const name of ["pointermove", "pointerup", "pointercancel"]) surface.removeEventListener(name, name === "pointermove" ? move : end);
      this.preview = null;
      const changed = last && JSON.stringify(last) !== JSON.stringify(before);
      const refusal = changed ? refusalOf(last) : null;
      if (refusal) this.model.refuse(refusal);
      if (changed && !refusal && next.type === "pointerup") this.model.change(index, last);
      else this.draw();
    };
    surface.setPointerCapture(event.pointerId);
    surface.addEventListener("pointermove", move);
    surface.addEventListener("pointerup", end);
    surface.addEventListener("pointercancel", end);
  }

  // Keyboard

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.code];
    const step = STEP * (event.shiftKey ? FAST : 1);
    if (this.drawing) {
      if (arrow) {
        this.cursor = [clamp(this.cursor[0] + arrow[0] * step * 2), clamp(this.cursor[1] + arrow[1] * step * 2)];
        this.cross.hidden = false;
        this.drawRubber();
      } else if (event.code === "Space") this.place([...this.cursor]);
      else if (event.code === "Enter") this.finish();
      else if (event.code === "Backspace") this.removeLast();
      else return;
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const index = this.model.selected();
    if (index === null) return;
    const polygon = this.model.zones()[index].polygon;
    const corner = event.target.dataset?.corner;
    if (arrow) {
      event.preventDefault();
      const [dx, dy] = [arrow[0] * step, arrow[1] * step];
      const next = corner === undefined ? moved(polygon, dx, dy)
        : polygon.map((point, i) => (i === Number(corner) ? [clamp(point[0] + dx), clamp(point[1] + dy)] : point));
      this.changeBy(index, next, corner);
    } else if ((event.code === "Delete" || event.code === "Backspace") && corner !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      this.removeCorner(index, Number(corner));
    }
  }

  changeBy(index, polygon, corner) {
    const refusal = refusalOf(polygon);
    if (refusal) this.model.refuse(refusal);
    else this.model.change(index, polygon, { together: true });
    if (corner !== undefined) this.handles.querySelector(`[data-corner="${corner}"]`)?.focus({ preventScroll: true });
  }

  removeCorner(index, corner) {
    const polygon = this.model.zones()[index].polygon;
    if (polygon.length <= 3) {
      this.model.refuse(t("zones.refusedLeast"));
      return;
    }
    const next = polygon.filter((_, i) => i !== corner);
    const refusal = refusalOf(next);
    if (refusal) this.model.refuse(refusal);
    else this.model.change(index, next);
    this.handles.querySelector(`[data-corner="${Math.min(corner, next.length - 1)}"]`)?.focus({ preventScroll: true });
  }

  // Picture

  polygonOf(index) {
    return this.preview?.index === index ? this.preview.polygon : this.model.zones()[index].polygon;
  }

  draw() {
    this.drawShapes();
    this.drawHandles();
    this.drawRubber();
  }

  drawShapes() {
    const zones = this.model.zones();
    const selected = this.model.selected();
    const order = zones.map((_, i) => i).sort((a, b) => (a === selected) - (b === selected) || area(this.polygonOf(b)) - area(this.polygonOf(a)));
    const shapes = order.map((i) => {
      const wrong = this.preview?.index === i && this.preview.wrong;
      return [s("polygon", { class: "zone-under", points: points(this.polygonOf(i)) }),
        s("polygon", { class: ["zone-shape", `kind-${zones[i].kind}`, i === selected && "selected", wrong && "wrong"].filter(Boolean).join(" "), points: points(this.polygonOf(i)), "data-zone": i })];
    });
    this.rubber = s("polyline", { class: "rubber" });
    this.rubberUnder = s("polyline", { class: "rubber-under" });
    replace(this.svg, shapes, this.rubberUnder, this.rubber);
  }

  drawHandles() {
    const focused = this.handles.contains(document.activeElement) ? document.activeElement.dataset.corner : null;
    const selected = this.model.selected();
    const children = this.model.zones().map((zone, i) => {
      // The chosen one is named beside the picture; over it the label would lie on its corners.
      if (i === selected) return null;
      const label = h("span", { class: "zone-label" }, zone.name || zone.id);
      const [x, y] = centre(this.polygonOf(i));
      setStyle(label, { left: `${x * 100}%`, top: `${y * 100}%` });
      return label;
    });
    if (selected !== null && this.model.zones()[selected]) {
      const polygon = this.polygonOf(selected);
      polygon.forEach((point, i) => {
        const corner = h("button", { type: "button", class: "corner", "data-corner": i, "aria-label": t("zones.corner", { n: i + 1, x: Math.round(point[0] * 100), y: Math.round(point[1] * 100) }) });
        corner.addEventListener("pointerdown", (event) => {
          if (event.button !== 0) return;
          event.preventDefault();
          event.stopPropagation();
          corner.focus({ preventScroll: true });
          this.drag(event, (to) => polygon.map((one, j) => (j === i ? to : one)), selected);
        });
        corner.addEventListener("dblclick", (event) => { event.stopPropagation(); this.removeCorner(selected, i); });
        children.push(corner);
      });
      polygon.forEach((point, i) => {
        const next = polygon[(i + 1) % polygon.length];
        const middle = [(point[0] + next[0]) / 2, (point[1] + next[1]) / 2];
        const insert = (at) => [...polygon.slice(0, i + 1), at, ...polygon.slice(i + 1)];
        const handle = h("button", { type: "button", class: "middle", "data-middle": i, "aria-label": t("zones.addCorner", { a: i + 1, b: ((i + 1) % polygon.length) + 1 }) });
        handle.addEventListener("pointerdown", (event) => {
          if (event.button !== 0) return;
          event.preventDefault();
          event.stopPropagation();
          this.drag(event, insert, selected);
        });
        handle.addEventListener("click", (event) => {
          // Only the keyboard: a press of the pointer has been a drag.
          if (event.detail !== 0) return;
          this.model.change(selected, insert(middle));
          this.handles.querySelector(`[data-corner="${i + 1}"]`)?.focus({ preventScroll: true });
        });
        children.push(handle);
      });
    }
    if (this.drawing) {
      this.drawing.forEach((point, i) => {
        const dot = h("span", { class: ["corner", "ghost", i === 0 && this.drawing.length >= 3 && "closes"] });
        setStyle(dot, { left: `${point[0] * 100}%`, top: `${point[1] * 100}%` });
        children.push(dot);
      });
    }
    replace(this.handles, children);
    this.placeHandles();
    if (focused !== null && focused !== undefined) this.handles.querySelector(`[data-corner="${focused}"]`)?.focus({ preventScroll: true });
  }

  placeHandles() {
    const selected = this.model.selected();
    if (selected === null || !this.model.zones()[selected]) return;
    const polygon = this.polygonOf(selected);
    for (const handle of this.handles.querySelectorAll("button")) {
      const corner = handle.dataset.corner;
      let point = null;
      if (corner !== undefined) point = polygon[Number(corner)];
      else {
        const i = Number(handle.dataset.middle);
        const [a, b] = [polygon[i], polygon[(i + 1) % polygon.length]];
        if (a && b) point = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
      }
      if (point) setStyle(handle, { left: `${point[0] * 100}%`, top: `${point[1] * 100}%` });
    }
  }

  drawRubber() {
    const chain = this.drawing?.length ? [...this.drawing, this.cursor] : [];
    for (const line of [this.rubber, this.rubberUnder]) line?.setAttribute("points", points(chain));
    this.rubber?.classList.toggle("wrong", chain.length > 3 && crossing(chain, { closed: false }) !== null);
    setStyle(this.cross, { left: `${this.cursor[0] * 100}%`, top: `${this.cursor[1] * 100}%` });
  }
}

/** Why an outline is no zone, in a sentence; null where it is one. */
export function refusalOf(polygon) {
  const crossed = crossing(polygon);
  if (crossed) return t("zones.refusedCrossing", { a: crossed[0] + 1, b: crossed[1] + 1 });
  if (area(polygon) < SMALLEST) return t("zones.refusedSmall");
  return null;
}
