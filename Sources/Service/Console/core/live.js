import { get, loseSession } from "./api.js";

/**
 * What happens at the service, as it happens.
 *
 * Events: `warning`, `review`, `case`, `health` with the parsed data as `detail`; `resync` after a gap, when lists have
 * to be read anew; `state` when the connection's state changes.
 */
export const live = new EventTarget();

let source = null;
let state = "off";
let attempts = 0;
let timer = null;
let hadGap = false;

export const liveState = () => state;

function become(next) {
  if (state === next) return;
  state = next;
  live.dispatchEvent(new CustomEvent("state", { detail: next }));
}

export function connect() {
  disconnect();
  open();
}

export function disconnect() {
  clearTimeout(timer);
  source?.close();
  source = null;
  attempts = 0;
  hadGap = false;
  become("off");
}

function open() {
  source = new EventSource("/api/v1/events");
  source.addEventListener("open", () => {
    attempts = 0;
    become("live");
    if (hadGap) live.dispatchEvent(new CustomEvent("resync"));
    hadGap = false;
  });
  source.addEventListener("error", () => {
    hadGap = true;
    become("lost");
    // The browser tries again by itself, with Last-Event-ID, unless the answer was no stream at all.
    if (source?.readyState !== EventSource.CLOSED) return;
    source.close();
    clearTimeout(timer);
    attempts += 1;
    // A stream does not say why it was refused; a session may have ended while nobody asked for anything.
    get("session").catch((error) => { if (error.status === 401) loseSession(); });
    timer = setTimeout(open, Math.min(30_000, 1000 * 2 ** Math.min(attempts, 5)) * (0.7 + 0.6 * Math.random()));
  });
  for (const type of ["warning", "review", "case", "health"]) {
    source.addEventListener(type, (event) => {
      let data = null;
      try {
        data = JSON.parse(event.data);
      } catch {
        return;
      }
      live.dispatchEvent(new CustomEvent(type, { detail: data }));
    });
  }
}

/** Listens until `signal` aborts. */
export function onLive(signal, listeners) {
  for (const [type, listener] of Object.entries(listeners)) {
    live.addEventListener(type, (event) => listener(event.detail), { signal });
  }
}
