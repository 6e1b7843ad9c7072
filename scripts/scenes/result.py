#!/usr/bin/env python3
"""Reads what `warden evaluate` wrote about rendered clips.

    result.py table SUITE EVALUATION…           per type and condition, then each miss and false alarm with its likely reason, as Markdown
    result.py floor EVALUATION MODEL PROGRAM FILE       the counts per type as the floor that the end-to-end test holds

SUITE holds the clips (reference.json), EVALUATION is a folder that `evaluate --output` wrote; several are taken together. Only the standard library is needed."""
import argparse
import collections
import json
import os

PLAIN = ("rendered", "clear")


def load(*path):
    with open(os.path.join(*path), encoding="utf-8") as f:
        return json.load(f)


def share(a, b):
    return f"{a} of {b} ({a / b:.2f})" if b else "none"


def label(conditions):
    """The light, or the weather where that says more."""
    named = [c for c in conditions if c not in PLAIN]
    return "day, " + named[1] if len(named) > 1 and named[0] == "day" else named[0]


def reason(document, e):
    """What the system noted about the thing that it did not report in time: the candidate of the same zone that overlaps the event longest."""
    best = None
    end = e["endSeconds"] if e.get("endSeconds") is not None else document["durationSeconds"]
    for s in document.get("suppressed", []):
        if s["type"] == e["type"] and s.get("zone") == e.get("zone"):
            over = min(end, s["endSeconds"] if s.get("endSeconds") is not None else end) - max(e["startSeconds"], s["startSeconds"])
            if over > 0 and (best is None or over > best[0]):
                best = (over, f"{s['reason']} ({s.get('class', '?')}, {s['startSeconds']:.0f}–{s['endSeconds'] if s.get('endSeconds') is not None else end:.0f} s)")
    return best[1] if best else "no candidate: never seen still there"


def table(a):
    found = [load(e, "evaluation.json") for e in a.evaluation]
    results = [c for e in found for c in e["clipResults"]]
    matches = [(m, folder) for e, folder in zip(found, a.evaluation) for m in e["matches"]]
    hours_in_all = sum(e["hours"] for e in found)
    clips = {c["clip"]: load(a.suite, c["clip"], "reference.json") for c in results}
    lights = collections.defaultdict(lambda: [0, 0.0])
    counts = collections.defaultdict(collections.Counter)
    for c in results:
        where = label(clips[c["clip"]]["conditions"])
        lights[where][0] += 1
        lights[where][1] += c["seconds"] / 3600
        for t, r in c["types"].items():
            for k in (where, "all"):
                counts[t, k].update({q: r[q] for q in ("references", "truePositives", "falsePositives")})
    print(f"{len(results)} clips, {hours_in_all:.2f} h of simulation, preset {found[0]['preset']}\n")
    print("| type | condition | clips | events found | warnings right | false alarms an hour |\n| --- | --- | --- | --- | --- | --- |")
    for t in sorted({t for t, _ in counts}):
        for k in ["all"] + sorted(lights):
            n = counts[t, k]
            hours = hours_in_all if k == "all" else lights[k][1]
            print(f"| {t} | {k} | {len(results) if k == 'all' else lights[k][0]} | {share(n['truePositives'], n['references'])} | {share(n['truePositives'], n['truePositives'] + n['falsePositives'])} | {n['falsePositives'] / hours:.1f} |")
    print("\n| clip | condition | type | outcome | what | when | note |\n| --- | --- | --- | --- | --- | --- | --- |")
    for m, folder in sorted(matches, key=lambda q: (q[0]["type"], q[0]["outcome"], q[0]["clip"])):
        if m["outcome"] in ("true-positive", "ignored"):
            continue
        ref = clips[m["clip"]]
        doc = load(folder, "clips", m["clip"], "warnings.json")
        if m["outcome"] == "missed":
            v = next(x for x in ref["events"] if x["id"] == m["reference"])
            what, when, note = v["note"], f"{v['startSeconds']:.0f} to {'the end' if v['endSeconds'] is None else format(v['endSeconds'], '.0f')} s, due {v['dueSeconds']:.0f}", reason(doc, v)
            late = [w for w in doc["warnings"] if w["type"] == v["type"] and w["zone"] == v["zone"] and abs(w["startSeconds"] - v["startSeconds"]) < 40]
            if late:
                note = f"warned at {late[0]['alertSeconds']:.0f} s"
        else:
            w = next(x for x in doc["warnings"] if x["id"] == m["warning"])
            what, when, note = f"{w['class']} in {w['zone']}", f"{w['startSeconds']:.0f} s, alert {w['alertSeconds']:.0f}", f"box {w['box']}"
        print(f"| {m['clip']} | {label(ref['conditions'])} | {m['type']} | {m['outcome']} | {what} | {when} | {note} |")


def floor(a):
    e = load(a.evaluation, "evaluation.json")
    types = {}
    for t, r in e["types"].items():
        right = r["truePositives"]
        types[t] = dict(warnings=r["truePositives"] + r["falsePositives"], right=right, events=r["references"], found=right)
    with open(a.file, "w", encoding="utf-8") as f:
        json.dump(dict(model=a.model, program=a.program, simulation=True, preset=e["preset"], clips=e["clips"], types=types), f, indent=1, sort_keys=True)
        f.write("\n")


p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
sub = p.add_subparsers(required=True)
q = sub.add_parser("table")
q.add_argument("suite"), q.add_argument("evaluation", nargs="+"), q.set_defaults(do=table)
q = sub.add_parser("floor")
q.add_argument("evaluation"), q.add_argument("model"), q.add_argument("program"), q.add_argument("file"), q.set_defaults(do=floor)
a = p.parse_args()
a.do(a)
