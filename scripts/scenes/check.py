#!/usr/bin/env python3
"""How many of the drawn things a detector that never saw them finds: check.py MODEL-FOLDER CLIP-FOLDER…

Needs numpy, OpenCV, onnxruntime and the reference post-processing in ../shared/models (--reference). Each CLIP-FOLDER holds clip.mp4
(or PNG pictures of `compose --stills`), boxes.json and reference.json. Counted: things of 32 pixels or more (longer side), hidden by
less than a quarter and not cut by the edge. Found: a detection of that class with IoU ≥ 0.4 at the score given. `rider` is the person on a two-wheeler, whose box is an estimate
within the whole's; `umbrella` includes the café's."""
import argparse
import collections
import glob
import json
import os
import sys

import cv2
import numpy as np

NAMES = {"person": ("person",), "rider": ("person",), "car": ("car", "truck", "bus"), "bus": ("bus", "truck"), "truck": ("truck", "car", "bus"), "umbrella": ("umbrella",), "motorcycle": ("motorcycle", "bicycle"), "bicycle": ("bicycle", "motorcycle")}
root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("model"), p.add_argument("clips", nargs="+"), p.add_argument("--score", type=float, default=.3), p.add_argument("--size", type=int, default=640)
p.add_argument("--every", type=float, default=3.0), p.add_argument("--draw"), p.add_argument("--reference", default=os.path.join(root, "..", "shared", "models")), p.add_argument("--min", type=int, default=32), p.add_argument("--missed", action="store_true", help="name each that was not found")
a = p.parse_args()
sys.path.insert(0, a.reference)
import reference  # noqa: E402

d = reference.Detector(a.model, size=(a.size, a.size) if a.size != 416 else None, threads=1)
table = collections.defaultdict(lambda: [0, 0])
missed = []


def iou(p, q):
    w = min(p[2], q[2]) - max(p[0], q[0])
    h = min(p[3], q[3]) - max(p[1], q[1])
    i = max(w, 0) * max(h, 0)
    return i / ((p[2] - p[0]) * (p[3] - p[1]) + (q[2] - q[0]) * (q[3] - q[1]) - i)


for folder in a.clips:
    boxes = json.load(open(os.path.join(folder, "boxes.json")))
    conditions = [c for c in json.load(open(os.path.join(folder, "reference.json")))["conditions"] if c not in ("rendered", "clear", "cloudy")]
    light = "rain" if "rain" in conditions else conditions[0]
    names = {c["id"]: c["name"] for c in boxes["categories"]}
    by = collections.defaultdict(list)
    for q in boxes["annotations"]:
        by[q["image_id"]].append(q)
    clip = os.path.join(folder, "clip.mp4")
    v = cv2.VideoCapture(clip) if os.path.exists(clip) else None
    at = -1
    last = -1e9
    for im in boxes["images"]:
        if im["time"] - last < a.every - 1e-6:
            continue
        last = im["time"]
        if v is not None:
            ok = True
            while at < im["id"]:
                ok, picture = v.read()
                at += 1
            if not ok:
                break
        else:
            picture = cv2.imread(os.path.join(folder, f"{im['id']:05d}.png"))
        found = d(picture, score_thr=a.score)
        got = [(d.cfg["classes"][c], s, b) for c, s, b in found]
        for q in by[im["id"]]:
            cls = names[q["category_id"]]
            x, y, w, h = q["bbox"]
            if cls == "person" and q["kind"] != "person":
                cls = "rider"
            if cls not in NAMES or max(w, h) < a.min or q["occluded"] > .25 or q["truncated"]:
                continue
            hit = any(n in NAMES[cls] and iou(b, (x, y, x + w, y + h)) >= .4 for n, s, b in got)
            table[cls, light][0] += hit
            table[cls, light][1] += 1
            if not hit:
                missed.append((folder, im["time"], q["track"], cls))
            if a.draw:
                cv2.rectangle(picture, (x, y), (x + w, y + h), (0, 255, 0) if hit else (0, 0, 255), 1)
        if a.draw:
            for n, s, b in got:
                cv2.putText(picture, f"{n[:5]} {s:.2f}", (int(b[0]), int(b[1]) - 2), 0, .32, (255, 255, 0), 1)
            os.makedirs(a.draw, exist_ok=True)
            cv2.imwrite(os.path.join(a.draw, f"{os.path.basename(os.path.normpath(folder))}-{im['id']:05d}.png"), picture)
print(f"{'class':12}{'light':10}{'found':>7}{'of':>6}{'share':>8}")
for (cls, light), (n, m) in sorted(table.items(), key=lambda r: (r[0][1], r[0][0])):
    print(f"{cls:12}{light:10}{n:7}{m:6}{n / m:8.2f}")
if a.missed:
    for folder, t, track, cls in missed:
        print(f"missed: {cls} {track} in {os.path.basename(os.path.normpath(folder))} at {t:g} s")
