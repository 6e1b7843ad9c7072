import { h, replace } from "./core/dom.js";
import { t, word, currentLanguage, setLanguage, hasChosenLanguage } from "./core/i18n.js";
import { whoAmI, session, can, logOut, forget } from "./core/session.js";
import { onSessionLost } from "./core/api.js";
import { connect, disconnect, live, liveState } from "./core/live.js";
import { bindKeys } from "./core/keys.js";
import { toggleTheme } from "./core/prefs.js";
import { counts, watchCounts } from "./core/counts.js";
import { button } from "./elements/controls.js";
import { icon } from "./elements/icons.js";
import { openDialog } from "./elements/dialog.js";
import { failed, loading } from "./elements/states.js";
import { loginPage } from "./pages/login.js";
import { passwordDialog } from "./pages/password.js";
import { reviewPage } from "./pages/review.js";
import { casesPage } from "./pages/cases.js";
import { camerasPage } from "./pages/cameras.js";
import { accuracyPage } from "./pages/accuracy.js";
import { peoplePage } from "./pages/people.js";
import { auditPage } from "./pages/audit.js";

/** The pages in the order of the bar; digits with Alt lead there. `mount(root, context)` draws until `context.signal` aborts. */
const PAGES = [
  { name: "review", mount: reviewPage, may: () => true, count: "review" },
  { name: "cases", mount: casesPage, may: () => can("inspector", "qa"), count: "cases" },
  { name: "cameras", mount: camerasPage, may: () => true, count: "cameras" },
  { name: "accuracy", mount: accuracyPage, may: () => can("qa", "inspector") },
  { name: "people", mount: peoplePage, may: () => can() },
  { name: "audit", mount: auditPage, may: () => can() },
];

const app = document.getElementById("app");
let leave = null;
let main = null;
let keysOfPage = [];

/** `#/cameras/cam-1/zones?x=1` → page, parts, values. */
function place() {
  const [path, search = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").filter(Boolean).map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return { name: parts[0] ?? "", parts: parts.slice(1), values: Object.fromEntries(new URLSearchParams(search)) };
}

function home() {
  return session().role === "operator" ? "cameras" : session().role === "qa" ? "accuracy" : "review";
}

function show() {
  leave?.abort();
  leave = new AbortController();
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  if (!session()) {
    disconnect();
    main = null;
    document.title = "warden";
    loginPage(app, { signal: leave.signal, done: start });
    return;
  }
  const { name, parts, values } = place();
  const page = PAGES.find((one) => one.name === name && one.may()) ?? null;
  if (!page) {
    location.replace(`#/${home()}`);
    return;
  }
  if (!main) drawShell();
  keysOfPage = [];
  for (const tab of document.querySelectorAll(".tab")) tab.toggleAttribute("aria-current", tab.dataset.page === page.name);
  for (const tab of document.querySelectorAll(".tab[aria-current]")) tab.setAttribute("aria-current", "page");
  document.title = `${t("nav." + page.name)} – warden`;
  main.className = "main page-" + page.name;
  replace(main, loading());
  const signal = leave.signal;
  Promise.resolve(page.mount(main, { signal, parts, values, go: (path) => { location.hash = "#/" + path; }, describeKeys: (list) => { keysOfPage = list; } }))
    .catch((error) => {
      if (signal.aborted || error?.name === "AbortError") return;
      replace(main, failed(error, show));
      if (!("status" in error)) console.error(error);
    });
}

function drawShell() {
  const stateText = h("span", { class: "live-text" });
  const stateMark = h("span", { class: "live-state", role: "status" }, h("i", { "aria-hidden": "true" }), stateText);
  const drawState = () => {
    stateMark.dataset.state = liveState();
    stateText.textContent = word("live", liveState());
    stateMark.title = word("live.explained", liveState());
  };
  live.addEventListener("state", drawState);
  drawState();
  const tabs = PAGES.filter((page) => page.may()).map((page) => {
    const count = page.count ? h("b", { class: "count" }) : null;
    const tab = h("a", { class: "tab", href: `#/${page.name}`, "data-page": page.name }, h("span", null, t("nav." + page.name)), count);
    if (count) {
      const draw = () => {
        const n = counts[page.count];
        count.textContent = n ?? "";
        count.hidden = n === null || n === undefined;
        count.classList.toggle("urgent", page.name === "review" && counts.isUrgent);
      };
      counts.listeners.add(draw);
      draw();
    }
    return tab;
  });
  main = h("main", { class: "main", id: "main", tabindex: "-1" });
  const menu = h("details", { class: "menu" },
    h("summary", { "aria-label": t("shell.account", { name: session().name }) }, icon("person"), h("span", { class: "menu-name" }, session().name)),
    h("div", { class: "menu-list" },
      h("p", { class: "menu-who" }, h("b", null, session().name), h("span", null, word("role", session().role))),
      button({ text: t("shell.password"), icon: "lock", quiet: true, press: () => { menu.open = false; passwordDialog(); } }),
      button({ text: t("shell.logOut"), icon: "out", quiet: true, press: async () => { await logOut(); show(); } }),
      h("p", { class: "menu-version" }, `warden ${session().version ?? ""}`)));
  document.addEventListener("click", (event) => { if (menu.open && !menu.contains(event.target)) menu.open = false; });
  menu.addEventListener("keydown", (event) => {
    if (event.code !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  replace(app,
    h("a", { class: "skip", href: "#main", on: { click: (event) => { event.preventDefault(); main.focus(); } } }, t("shell.skip")),
    h("header", { class: "bar" },
      h("a", { class: "brand", href: `#/${home()}`, "aria-label": "warden" }, h("span", { class: "brand-mark", "aria-hidden": "true" }), h("span", { class: "brand-name" }, "warden")),
      h("nav", { class: "tabs", "aria-label": t("shell.pages") }, tabs),
      h("div", { class: "bar-end" },
        stateMark,
        button({ text: currentLanguage() === "zh" ? "EN" : "中文", quiet: true, title: t("shell.language"), press: switchLanguage }),
        button({ icon: "sun", label: t("shell.theme"), quiet: true, press: toggleTheme }),
        button({ icon: "question", label: t("shell.keys"), quiet: true, press: showKeys }),
        menu)),
    main);
}

function switchLanguage() {
  setLanguage(currentLanguage() === "zh" ? "en" : "zh");
  main = null;
  show();
}

function showKeys() {
  const rows = (list) => h("dl", { class: "keys" }, list.map(([keys, text]) => [h("dt", null, [keys].flat().map((key) => h("kbd", null, key))), h("dd", null, text)]));
  openDialog({
    title: t("shell.keys"),
    build: () => [
      keysOfPage.length ? [h("h3", null, t("nav." + (place().name || home()))), rows(keysOfPage)] : null,
      h("h3", null, t("keys.everywhere")),
      rows([[["Alt", "1–6"], t("keys.pages")], ["?", t("shell.keys")], [["⇧", "T"], t("shell.theme")], [["⇧", "L"], t("shell.language")], ["Esc", t("action.close")]]),
    ],
  });
}

const everywhere = new AbortController();
bindKeys(everywhere.signal, {
  "Shift+Slash": () => session() && showKeys(),
  "Shift+KeyT": toggleTheme,
  "Shift+KeyL": () => session() && switchLanguage(),
});
addEventListener("keydown", (event) => {
  if (!session() || !event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
  const number = /^Digit(\d)$/.exec(event.code)?.[1];
  const page = PAGES.filter((one) => one.may())[Number(number) - 1];
  if (!page) return;
  event.preventDefault();
  location.hash = `#/${page.name}`;
});

function start() {
  if (!hasChosenLanguage() && session().language) setLanguage(session().language, { keep: false });
  main = null;
  connect();
  watchCounts();
  show();
}

onSessionLost(() => {
  if (!session()) return;
  forget();
  show();
});
addEventListener("hashchange", show);

async function boot() {
  replace(app, loading(""));
  try {
    await whoAmI();
  } catch (error) {
    replace(app, failed(error, boot));
    return;
  }
  if (session() && !session().mustChangePassword) start();
  else loginPage(app, { signal: (leave = new AbortController()).signal, done: start });
}

boot();
