import { locale, t } from "./i18n.js";

let skew = 0;

/** Takes the server's clock from an answer: deadlines are the server's, and a desk's clock may be wrong. */
export function noteServerDate(text) {
  const date = Date.parse(text ?? "");
  // The header has whole seconds, so less than two say nothing.
  if (Number.isFinite(date)) skew = Math.abs(date - Date.now()) < 2000 ? 0 : date - Date.now();
}

/** The server's now, in milliseconds since 1970. */
export const now = () => Date.now() + skew;

const formats = new Map();

function format(zone, options) {
  const key = `${locale()}|${zone}|${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) {
    try {
      found = new Intl.DateTimeFormat(locale(), { ...options, timeZone: zone || undefined, hourCycle: "h23" });
    } catch {
      // A zone that this browser does not know: its own.
      found = new Intl.DateTimeFormat(locale(), { ...options, hourCycle: "h23" });
    }
    formats.set(key, found);
  }
  return found;
}

const valid = (iso) => iso && Number.isFinite(Date.parse(iso));
const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
const MINUTE = { hour: "2-digit", minute: "2-digit" };
const DAY = { year: "numeric", month: "2-digit", day: "2-digit" };

/** `14:03:22`, on the wall clock of the camera. */
export const clockTime = (iso, zone) => (valid(iso) ? format(zone, CLOCK).format(new Date(iso)) : "–");
/** `14:03`. */
export const minuteTime = (iso, zone) => (valid(iso) ? format(zone, MINUTE).format(new Date(iso)) : "–");
/** Date and time with seconds. */
export const fullTime = (iso, zone) => (valid(iso) ? format(zone, { ...DAY, ...CLOCK }).format(new Date(iso)) : "–");

/** The day and time as short as it is still clear: today's without the date. */
export function shortTime(iso, zone) {
  if (!valid(iso)) return "–";
  const day = format(zone, DAY);
  return day.format(new Date(iso)) === day.format(new Date(now()))
    ? clockTime(iso, zone)
    : format(zone, { month: "2-digit", day: "2-digit", ...MINUTE }).format(new Date(iso));
}

/** `3 min ago`. */
export function relative(iso) {
  if (!valid(iso)) return "–";
  const seconds = Math.round((Date.parse(iso) - now()) / 1000);
  const unit = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]].find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto", style: "short" }).format(Math.trunc(seconds / unit[1]), unit[0]);
}

/** `03:12`, `1:05:00`; the sign is left out. */
export function span(milliseconds) {
  const seconds = Math.floor(Math.abs(milliseconds) / 1000);
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
}

/** A length in words: `45 s`, `3 min`, `2 h 5 min`, `4 d`. */
export function length(milliseconds) {
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  if (seconds < 120) return t("time.seconds", { n: seconds });
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return t("time.minutes", { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? t("time.hoursMinutes", { h: hours, m: minutes % 60 }) : t("time.hours", { n: hours });
  return t("time.days", { n: Math.floor(hours / 24) });
}

/** The offset of a zone from UTC at an instant, in minutes. */
function offsetAt(instant, zone) {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone || undefined, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(new Date(instant));
  const get = (type) => Number(parts.find((part) => part.type === type)?.value);
  const wall = Date.UTC(get("year"), get("month") - 1, get("day"), get("hour"), get("minute"), get("second"));
  return Math.round((wall - Math.floor(instant / 1000) * 1000) / 60000);
}

/** `2026-11-25T14:03` on the wall of `zone` becomes ISO 8601 with the zone's offset. */
export function fromWall(text, zone) {
  const match = /^(\d+)-(\d+)-(\d+)T(\d+):(\d+)/.exec(text ?? "");
  if (!match) return null;
  const wall = Date.UTC(+match[1], +match[2] - 1, +match[3], +match[4], +match[5]);
  let offset;
  try {
    offset = offsetAt(wall - offsetAt(wall, zone) * 60000, zone);
  } catch {
    offset = 0;
  }
  const sign = offset < 0 ? "-" : "+";
  const two = (n) => String(Math.floor(n)).padStart(2, "0");
  return `${text.slice(0, 16)}:00${sign}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`;
}

/** The reverse, for `<input type=datetime-local>`. */
export function toWall(iso, zone) {
  if (!valid(iso)) return "";
  const instant = Date.parse(iso);
  let offset = 0;
  try {
    offset = offsetAt(instant, zone);
  } catch {
    // UTC then.
  }
  return new Date(instant + offset * 60000).toISOString().slice(0, 16);
}

/** Calls `update` once now and every second while `element` is in the document. */
export function everySecond(element, update) {
  ticking.push({ element, update, seen: false, age: 0 });
  update();
  return element;
}

let ticking = [];
setInterval(() => {
  ticking = ticking.filter((entry) => {
    if (entry.element.isConnected) entry.seen = true;
    else if (entry.seen || (entry.age += 1) > 30) return false;
    if (entry.element.isConnected && !document.hidden) entry.update();
    return true;
  });
}, 1000);
