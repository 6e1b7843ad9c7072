import { t, word } from "../core/i18n.js";

/** What the rules say in English, each with the text that says it in the console's languages; groups become {a}, {b}. */
const PHRASES = [
  [/^first seen in (?<a>.+)$/, "phrase.firstSeen"],
  [/^has stood for (?<a>[\d.]+) s$/, "phrase.stood"],
  [/^has stood for (?<a>[\d.]+) s, (?<b>[\d.]+) s are allowed$/, "phrase.stoodAllowed"],
  [/^left$/, "phrase.left"],
  [/^left the zone$/, "phrase.leftZone"],
  [/^moved on$/, "phrase.movedOn"],
  [/^moved off$/, "phrase.movedOff"],
  [/^not seen again$/, "phrase.notAgain"],
  [/^not seen since (?<a>[\d.]+), longer than (?<b>[\d.]+) s$/, "phrase.notSeenLonger"],
  [/^another took its place$/, "phrase.another"],
  [/^seen again in its place$/, "phrase.again"],
  [/^seen again, the same; not seen from (?<a>[\d.]+) to (?<b>[\d.]+)$/, "phrase.againSame"],
  [/^its place looks as it did$/, "phrase.placeSame"],
  [/^is back where it stood$/, "phrase.back"],
  [/^stands again, less than its own length further$/, "phrase.further"],
  [/^has begun to move$/, "phrase.moving"],
  [/^no longer seen in its place$/, "phrase.noLonger"],
  [/^is one with another thing there$/, "phrase.one"],
  [/^is mostly seen as another class$/, "phrase.otherClass"],
  [/^already raised in (?<a>.+)$/, "phrase.already"],
  [/^held back by (?<condition>.+)$/, "phrase.held"],
];

/** A reason of the rules in the console's language; what is not known stays as it came. */
export function phrase(text) {
  if (!text) return "";
  const end = / before (the dwell|it was sure)$/.exec(text);
  const body = end ? text.slice(0, end.index) : text;
  for (const [pattern, key] of PHRASES) {
    const match = pattern.exec(body);
    if (!match) continue;
    const values = { ...match.groups };
    if (values.condition) values.condition = word("condition", values.condition);
    const said = t(key, values);
    return end ? t(end[1] === "the dwell" ? "phrase.beforeDwell" : "phrase.beforeSure", { what: said }) : said;
  }
  return text;
}
