import { get } from "./api.js";
import { live } from "./live.js";
import { can, session } from "./session.js";
import { urgency } from "../elements/budget.js";

/** What the bar counts: undecided warnings, open cases, cameras; null where it is not known. */
export const counts = { review: null, cases: null, cameras: null, isUrgent: false, listeners: new Set() };

let timer = null;
let watching = false;
/** Cameras come and go seldom, and their list is long. */
let withCameras = true;

async function read() {
  timer = null;
  if (!session()) return;
  const first = (route) => get(route).catch(() => null);
  const total = (page) => page?.total ?? (page && !page.next ? page.items.length : null);
  const [warnings, cases, cameras] = await Promise.all([
    first("warnings?state=undecided&limit=1"), can("inspector", "qa") ? first("cases?stage=open&limit=1") : null, withCameras ? first("cameras?limit=1") : null,
  ]);
  counts.review = total(warnings);
  counts.cases = total(cases);
  if (cameras) counts.cameras = total(cameras);
  withCameras = false;
  // The most urgent comes first.
  const next = warnings?.items[0];
  counts.isUrgent = next ? urgency(Date.parse(next.alertTime), Date.parse(next.deadline)) !== "calm" : false;
  for (const listener of counts.listeners) listener();
}

/** Reads soon, and no more than once in two seconds however much happens. */
export function refreshCounts({ cameras = false } = {}) {
  withCameras ||= cameras;
  timer ??= setTimeout(read, 2000);
}

export function watchCounts() {
  counts.listeners.clear();
  clearTimeout(timer);
  timer = null;
  withCameras = true;
  read();
  if (watching) return;
  watching = true;
  for (const type of ["warning", "review", "case", "resync"]) live.addEventListener(type, () => refreshCounts());
}
