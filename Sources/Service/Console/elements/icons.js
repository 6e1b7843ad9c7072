import { s } from "../core/dom.js";

/** Strokes on a grid of 24. */
const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  check: "M4 12.5l5 5L20 6.5",
  alert: "M12 3.5L22 20.5H2zM12 10v5M12 17.6v.4",
  stack: "M3 7h18M3 12h18M3 17h12",
  play: "M7 4.5v15l12-7.5z",
  pause: "M7 5v14M17 5v14",
  camera: "M3 7h12v10H3zM15 10.5l6-3.5v10l-6-3.5z",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 017 0v3",
  plus: "M12 5v14M5 12h14",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  edit: "M4 20l1-4L16 5l3 3L8 19z",
  copy: "M8 8h12v12H8zM16 8V4H4v12h4",
  undo: "M9 7L4 12l5 5M4 12h10a5 5 0 010 10h-2",
  redo: "M15 7l5 5-5 5M20 12H10a5 5 0 000 10h2",
  download: "M12 4v11M7 11l5 5 5-5M4 20h16",
  upload: "M12 16V5M7 9l5-5 5 5M4 20h16",
  search: "M10.5 4a6.5 6.5 0 110 13 6.5 6.5 0 010-13zM15.5 15.5L21 21",
  zoom: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 110 6 3 3 0 010-6z",
  clock: "M12 3a9 9 0 110 18 9 9 0 010-18zM12 7v5.5l3.5 2",
  question: "M9 9.2a3 3 0 115 2.2c-1 .9-2 1.4-2 3M12 17.6v.4M12 2.8a9.2 9.2 0 110 18.4 9.2 9.2 0 010-18.4z",
  sun: "M12 8a4 4 0 110 8 4 4 0 010-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2",
  left: "M15 5l-7 7 7 7",
  up: "M5 15l7-7 7 7",
  down: "M5 9l7 7 7-7",
  right: "M9 5l7 7-7 7",
  person: "M12 4a4 4 0 110 8 4 4 0 010-8zM4 21c0-5 4-7 8-7s8 2 8 7",
  parking: "M5 3h14v18H5zM9.5 17V7H13a3 3 0 010 6H9.5",
  stall: "M3 9l2-5h14l2 5zM5 9v11h14V9M5 14h14",
  bin: "M5 8h14l-1.5 13h-11zM4 8l3-4h10l3 4",
  out: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
  move: "M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3",
};

export function icon(name, className = null) {
  return s("svg", { class: ["icon", className].filter(Boolean).join(" "), viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, s("path", { d: PATHS[name] }));
}

export const typeIcon = (type) => icon({ "illegal-parking": "parking", "street-vending": "stall", "bin-overflow": "bin" }[type] ?? "alert", "type-icon");
