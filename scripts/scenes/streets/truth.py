"""What is true of a clip: camera.json, reference.json, and boxes with their visible share as COCO JSON."""
import json
import os

import numpy as np

from .places import HEIGHT, PLACES, WIDTH, camera_of, height_at
from .play import facts

CLASSES = ["person", "bicycle", "motorcycle", "tricycle", "car", "bus", "truck", "umbrella", "stall", "bin", "bin-overflow", "garbage"]
TYPES = {"no-parking": "illegal-parking", "no-vending": "street-vending", "bin": "bin-overflow"}
DWELL = {"no-parking": 30, "no-vending": 25, "bin": 25}


def dump(path, value):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(value, f, indent=1, sort_keys=True, ensure_ascii=False)
        f.write("\n")


def polygon(place, corners):
    """A ground polygon as fractions of the picture, cut at its edges."""
    cam = camera_of(place)
    pts = []
    for k in range(len(corners)):
        a, b = np.array(corners[k], float), np.array(corners[(k + 1) % len(corners)], float)
        for q in np.linspace(0, 1, 12, endpoint=False):
            x, y = a + (b - a) * q
            pts.append((x, y, height_at(place, x)))
    uv = cam.project(pts)
    poly = [(float(u) / WIDTH, float(v) / HEIGHT) for u, v, d in uv if d > 1]
    for axis, edge, keep in ((0, 0.0, 1), (0, 1.0, -1), (1, 0.0, 1), (1, 1.0, -1)):     # Sutherland–Hodgman
        out = []
        for k in range(len(poly)):
            p, q = poly[k], poly[(k + 1) % len(poly)]
            ip, iq = keep * (p[axis] - edge) >= 0, keep * (q[axis] - edge) >= 0
            if ip:
                out.append(p)
            if ip != iq:
                s = (edge - p[axis]) / (q[axis] - p[axis])
                out.append((p[0] + s * (q[0] - p[0]), p[1] + s * (q[1] - p[1])))
        poly = out
    slim = []
    for k in range(len(poly)):      # drop corners on straight lines
        a, b, c = np.array(poly[k - 1]), np.array(poly[k]), np.array(poly[(k + 1) % len(poly)])
        if abs((b - a)[0] * (c - b)[1] - (b - a)[1] * (c - b)[0]) > 4e-6:
            slim.append([round(min(1, max(0, float(b[0]))), 4), round(min(1, max(0, float(b[1]))), 4)])
    out = []
    for p in slim:
        if p not in out:
            out.append(p)
    return out


def inside(corners, x, y):
    hit = False
    for k in range(len(corners)):
        (x0, y0), (x1, y1) = corners[k - 1], corners[k]
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            hit = not hit
    return hit


class Record:
    def __init__(self, script, rate):
        self.script, self.rate, self.place = script, rate, script["place"]
        self.images, self.annotations, self.boxes = [], [], {}
        self.every = max(1, int(rate * float(script.get("label_every", 1.0))))

    def add(self, k, t, records):
        if k % self.every and not (k % max(1, int(self.rate // 2)) == 0 and False):
            return
        self.images.append(dict(id=k, file_name=f"clip.mp4#frame={k}", width=WIDTH, height=HEIGHT, time=round(t, 3)))
        for r in records:
            i = r["item"]
            f = facts(*i.model())
            self.boxes.setdefault(i.id, []).append((t, r["box"], r["visible"]))
            todo = [(f["cls"], r["box"])]
            if f.get("rider"):
                x, y, w, h = r["box"]
                todo.append(("person", (x + int(w * .12), y, max(2, int(w * .76)), int(h * .80))))
            for cls, b in todo:
                if cls is None:
                    continue
                cut = b[0] <= 0 or b[1] <= 0 or b[0] + b[2] >= WIDTH or b[1] + b[3] >= HEIGHT
                self.annotations.append(dict(id=len(self.annotations) + 1, image_id=k, category_id=CLASSES.index(cls) + 1, bbox=list(map(int, b)), area=round(r["area"], 1), iscrowd=0, occluded=round(1 - r["visible"], 3), truncated=cut, track=i.id, kind=i.kind))

    def zones(self):
        chosen = self.script.get("zones") or {}
        out = []
        for name, dwell in chosen.items():
            kind, corners = PLACES[self.place]["zones"][name]
            extra = dwell if isinstance(dwell, dict) else {}
            seconds = extra.get("dwell") if extra else dwell
            z = dict(id=name, name=extra.get("name", name.replace("-", " ").capitalize()), kind=kind, polygon=polygon(self.place, corners))
            if kind in DWELL:
                z["dwellSeconds"] = seconds if seconds is not None else DWELL[kind]
            if kind == "no-parking":
                z["classes"] = extra.get("classes", ["vehicle"])
            out.append((z, corners))
        return out

    def _box(self, ids, start, end):
        best = None
        for t, b, visible in sorted((q for i in ids for q in self.boxes.get(i, [])), key=lambda q: q[0]):
            if start - .01 <= t <= end + .01:
                best = best or {}
                best.setdefault(round(t, 3), []).append(b)
        if not best:
            return None
        t = min(best, key=lambda q: abs(q - (start + end) / 2))
        bs = best[t]
        x0, y0, x1, y1 = min(b[0] for b in bs), min(b[1] for b in bs), max(b[0] + b[2] for b in bs), max(b[1] + b[3] for b in bs)
        return [round(x0 / WIDTH, 4), round(y0 / HEIGHT, 4), round((x1 - x0) / WIDTH, 4), round((y1 - y0) / HEIGHT, 4)]

    def events(self, play):
        out = []
        zones = self.zones()
        permitted = [(z, c) for z, c in zones if z["kind"].startswith("permitted")]
        for s in sorted(play.spans, key=lambda s: (s["start"], s["id"])):
            want = "bin" if s["kind"] == "bin" else "no-vending" if s["kind"] == "stall" else "no-parking"
            for z, corners in zones:
                if z["kind"] != want or not inside(corners, s["x"], s["y"]):
                    continue
                if any(inside(c, s["x"], s["y"]) for q, c in permitted if (q["kind"] == "permitted-parking") == (want == "no-parking")):
                    continue
                cls = {"stall": "stall", "bin": "bin"}.get(s["kind"]) or facts(s["kind"])["cls"]
                if want == "no-parking":
                    groups = z["classes"]
                    names = {"vehicle": ("car", "bus", "truck"), "two-wheeler": ("bicycle", "motorcycle"), "three-wheeler": ("tricycle",)}
                    if not any(cls in names.get(g, (g,)) for g in groups):
                        continue
                due = s["start"] + z["dwellSeconds"]
                end = s["end"] if s["end"] is not None and s["end"] < play.seconds else None
                if due > play.seconds - 1 or (end is not None and end < due):
                    continue
                ids = [s["id"]] if want != "no-vending" else [f"{s['id']}.goods", f"{s['id']}.umbrella"]
                box = self._box(ids, s["start"] + (4 if want == "no-vending" else 0), end if end is not None else play.seconds)
                if box is None:
                    continue
                e = dict(id=f"E{len(out) + 1}", type=TYPES[want], zone=z["id"], startSeconds=round(s["start"], 3), dueSeconds=round(due, 3), endSeconds=None if end is None else round(end, 3), box=box, ignore=s.get("ignore", False), note=s.get("note") or s["kind"])
                out.append(e)
        return out

    def write(self, out, play, boxes=True):
        s = self.script
        zones = [z for z, _ in self.zones()]
        camera = dict(schema="warden.camera/1", id=s["name"], name=PLACES[self.place]["title"], timeZone=s.get("timeZone", "Asia/Ho_Chi_Minh"), frame=dict(width=WIDTH, height=HEIGHT), clipStart=s.get("clock", "2024-05-02T08:00:00+07:00"), sampleRate=float(s.get("sampleRate", 2.0)), site=self.place, zones=zones)
        dump(os.path.join(out, "camera.json"), camera)
        conditions = [s.get("light", "day")] + ([s["weather"]] if s.get("weather") else []) + ["rendered"] + list(s.get("conditions", []))
        reference = dict(schema="warden.reference/1", clip="clip.mp4", durationSeconds=round(play.seconds, 3), labelledBy="the generator that drew the clip (rendered, not real)", conditions=conditions, events=self.events(play))
        if s.get("shows"):
            with open(os.path.join(out, "README.md"), "w", encoding="utf-8") as f:
                f.write(f"{s['shows']} Rendered, not real: drawn by `scripts/scenes` from `scripts/scenes/scripts/{s['name']}.yaml`.\n")
        if boxes:
            with open(os.path.join(out, "boxes.json"), "w", encoding="utf-8") as f:
                json.dump(dict(info=dict(description="rendered, not real; bbox is the whole thing within the picture, occluded the hidden share", seed=s.get("seed", 1)), images=self.images, annotations=self.annotations, categories=[dict(id=k + 1, name=c) for k, c in enumerate(CLASSES)]), f, sort_keys=True)
                f.write("\n")
        dump(os.path.join(out, "reference.json"), reference)
