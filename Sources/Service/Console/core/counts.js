import { get } from "./api.js";
import { live } from "./live.js";
import { can, session } from "./session.js";

/** What the bar counts: undecided warnings, open cases, cameras; null where it is not known. */
export const counts = { review: null, cases: null, cameras: null, urgent: 0, listeners: new Set() };

let timer = null;
let watching = false;

async function read() {
  timer = null;
  if (!session()) return;
  const total = async (route) => {
    try {
      const page = await get(route);
      return page.total ?? (page.next ? null : page.items.length);
    } catch {
      return null;
    }
  };
  [counts.review, counts.cases, counts.cameras] = await Promise.all([
    total("warnings?state=undecided&limit=1"),
    can("inspector", "qa") ? total("cases?stage=open&limit=1") : null,
    total("cameras?limit=1"),
  ]);
  for (const listener of counts.listeners) listener();
}

/** Reads soon, and no more than once in two seconds however much happens. */
export function refreshCounts() {
  timer ??= setTimeout(read, 2000);
}

export function watchCounts() {
  counts.listeners.clear();
  clearTimeout(timer);
  timer = null;
  read();
  if (watching) return;
  watching = true;
  for (const type of ["warning", "review", "case", "resync"]) live.addEventListener(type, refreshCounts);
}
