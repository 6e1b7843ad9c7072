import { advice, t } from "./i18n.js";
import { noteServerDate } from "./time.js";

const BASE = "/api/v1/";
let csrf = null;
const lostSession = new Set();

export const setCSRF = (token) => { csrf = token; };
/** Calls `listener` when an answer says that the session is over. */
export const onSessionLost = (listener) => lostSession.add(listener);

/** Tells everyone that the session is over. */
export function loseSession() {
  for (const listener of lostSession) listener();
}

/** An answer that is not a success; `message` is the one sentence to show. */
export class APIError extends Error {
  constructor(status, detail, retryAfter = null) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** `path` is relative to `/api/v1/`. Returns the JSON document, or null for an answer without one. */
export async function call(method, path, body = undefined, { type = "application/json", signal } = {}) {
  const headers = { Accept: "application/json, application/problem+json" };
  if (body !== undefined) headers["Content-Type"] = type;
  if (method !== "GET" && csrf) headers["X-Warden-CSRF"] = csrf;
  let response;
  try {
    response = await fetch(BASE + path, {
      method, headers, signal, credentials: "same-origin", cache: "no-store",
      body: body === undefined ? undefined : type === "application/json" ? JSON.stringify(body) : body,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new APIError(0, t("error.unreachable"));
  }
  noteServerDate(response.headers.get("Date"));
  const isJSON = /json/.test(response.headers.get("Content-Type") ?? "");
  const document = isJSON ? await response.json().catch(() => null) : null;
  if (response.ok) return document;
  if (response.status === 401 && path !== "session") loseSession();
  // In Chinese what is known is said in Chinese; the rest is the service's own sentence.
  const detail = advice("problem", response.status)
    ?? (document?.detail || document?.title || t("error.status", { status: response.status }));
  throw new APIError(response.status, detail, Number(response.headers.get("Retry-After")) || null);
}

export const get = (path, options) => call("GET", path, undefined, options);
export const post = (path, body = {}, options) => call("POST", path, body, options);
export const put = (path, body, options) => call("PUT", path, body, options);
export const remove = (path) => call("DELETE", path);

/** `{type: "a", camera: null}` → `?type=a`. */
export function query(values) {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value !== null && value !== undefined && value !== "") search.set(key, value);
  const text = search.toString();
  return text ? "?" + text : "";
}

/** The address of a thing in the API, each part escaped. */
export const path = (...parts) => parts.map(encodeURIComponent).join("/");
/** The same for `src` and `href`. */
export const address = (...parts) => BASE + path(...parts);

/** A list page by page, `most` items at most; each page with the list's `total` and whether there is `more`. */
export async function* pages(route, values = {}, most = 1000) {
  let after = null;
  let count = 0;
  do {
    const page = await get(route + query({ limit: Math.min(200, most - count), ...values, after }));
    count += page.items.length;
    after = page.next ?? null;
    yield { items: page.items, total: page.total ?? null, more: after !== null };
  } while (after && count < most);
}

/** All pages of a list, `most` items at most; `more` says whether something was left out. */
export async function list(route, values = {}, most = 1000) {
  const items = [];
  let last = null;
  for await (const page of pages(route, values, most)) {
    items.push(...page.items);
    last = page;
  }
  return { items, total: last.total ?? items.length, more: last.more };
}
