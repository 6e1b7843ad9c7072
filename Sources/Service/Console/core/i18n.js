import en from "../texts/en.js";
import zh from "../texts/zh.js";
import { recall, remember } from "./prefs.js";

const TEXTS = { en, zh };
let language = recall("language") ?? (navigator.language?.toLowerCase().startsWith("zh") ? "zh" : "en");
apply();

function apply() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}

export const currentLanguage = () => language;
/** For `Intl`: tabular, 24 hours. */
export const locale = () => (language === "zh" ? "zh-CN" : "en-GB");

export function setLanguage(next, { keep = true } = {}) {
  language = next in TEXTS ? next : "en";
  if (keep) remember("language", language);
  apply();
}

/** Whether the person chose a language in this browser. */
export const hasChosenLanguage = () => recall("language") !== null;

/** The text of `key`, with `{name}` replaced from `values`. A missing key shows itself. */
export function t(key, values = null) {
  const text = TEXTS[language][key] ?? TEXTS.en[key] ?? key;
  return values ? text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole)) : text;
}

/** What the console says in its language instead of the service's English sentence; null where that is the best there is. */
export const advice = (prefix, value) => (language === "en" ? null : TEXTS[language][`${prefix}.${value}`] ?? null);

/** The text of a value of an enumeration, `prefix.value`; a value that is not known shows as it came. */
export function word(prefix, value) {
  if (value === null || value === undefined) return "";
  return TEXTS[language][`${prefix}.${value}`] ?? String(value);
}
