"""Measures a model on a split, honouring what is labelled.

  python evaluate.py --data ../../../shared/dataset --start ../../../shared/models/nanodet-plus-m-416 --model ../street-n --bootstrap 1000
  python evaluate.py ... --model RUN/final.pt --json result.json
  python evaluate.py ... --model ../../../shared/models/nanodet-plus-m-416 --size 640x640
  python evaluate.py ... --labels labels          # adds what was labelled by eye (labels/*.json)
  python evaluate.py ... --groups "Montevideo=mvd_;other cameras=-vn_"   # the same on parts of the pictures

Per class: only pictures of which `labelled_classes` has the class, only human boxes; crowds are neither found nor
missed. A group of classes (any bin, vehicles) is measured as one class, on pictures where all of it is labelled.
AP is the 101-point interpolation of COCO at one IoU (0.5 unless named). "recall" is the highest recall at a precision
of at least 0.90. Sizes are the square root of the box's area in the picture scaled to 832 wide; objects below the limit
are neither found nor missed, and neither are unmatched detections below it. Intervals: 95 %, by bootstrap over scenes; every model is drawn
the same scenes, and --json keeps the draws, so that compare.py can pair them.
"""
import argparse
import json
import os
import time
import zlib

import cv2
import numpy as np

import pictures
from decode import decode, nms
from graph import CLASSES, REG_MAX, STRIDES, resized

VEHICLE = ["car", "bus", "truck"]
ALL = {c: ([c], 0.5, 0) for c in CLASSES}
ALL.update({"any bin": (["bin", "bin-overflow"], 0.5, 0), "motorcycle (IoU 0.3)": (["motorcycle"], 0.3, 0),
            "vehicles": (VEHICLE, 0.5, 0), "vehicles >= 24 px": (VEHICLE, 0.5, 24), "vehicles >= 48 px": (VEHICLE, 0.5, 48)})


class Detector:
    """A picture in, (scores [N, classes], boxes [N, 4] in pixels of the picture) out. `model`: a network, a .pt (final.pt or
    last.pt; needs `start`), an .onnx with its .json of the same name, or a folder with model.json; heads of the kind nanodet-plus."""

    def __init__(self, model, size=None, resize=None, threads=2, start=None):
        if isinstance(model, str) and not model.endswith(".pt"):
            self.open_onnx(model, size, resize, threads)
        else:
            self.open_torch(model, size, resize, start)
        self.classes = [c for c in CLASSES if c in self.names]

    def open_onnx(self, model, size, resize, threads):
        import onnxruntime as ort
        folder = os.path.isdir(model)
        with open(os.path.join(model, "model.json") if folder else os.path.splitext(model)[0] + ".json", encoding="utf-8") as f:
            cfg = json.load(f)
        assert cfg["head"]["kind"] == "nanodet-plus", cfg["head"]["kind"]
        path, given = os.path.join(model, cfg["file"]) if folder else model, cfg["input"]
        self.names = cfg["classes"]
        self.width, self.height = map(int, size.split("x")) if size else (given["width"], given["height"])
        self.strides, self.bins, self.channels = cfg["head"]["strides"], cfg["head"]["regMax"], given["channels"]
        self.resize = resize or given["resize"]
        self.mean, self.scale = np.array(given["mean"], np.float32), np.array(given["scale"], np.float32)
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        session = ort.InferenceSession(resized(path, self.width, self.height).SerializeToString() if size else path, options,
                                       providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        self.run = lambda x: session.run(None, {name: x})[0][0]

    def open_torch(self, model, size, resize, start):
        import torch
        from network import MEAN, SCALE, Network
        if isinstance(model, str):
            saved = torch.load(model, map_location="cpu", weights_only=True)
            self.width, self.height = map(int, (size or saved["size"]).split("x"))
            model = Network(start, self.width, self.height)
            model.load_state_dict(saved.get("average", saved["model"]))
        else:
            shape = model.nodes and [c[1] for op, _, _, _, c in model.nodes if op == "Reshape"][0]
            self.width, self.height = shape[-1] * 8, shape[-2] * 8
        self.names, self.strides, self.bins, self.channels, self.resize = CLASSES, STRIDES, REG_MAX, "bgr", resize or "stretch"
        self.mean, self.scale = np.array(MEAN, np.float32), np.array(SCALE, np.float32)
        model = model.eval().to(memory_format=torch.channels_last)

        def run(x):
            with torch.inference_mode():
                out = model(torch.from_numpy(x).contiguous(memory_format=torch.channels_last))[0]
                return torch.cat([out[:, :len(CLASSES)].sigmoid(), out[:, len(CLASSES):]], 1).numpy()
        self.run = run

    def __call__(self, image):
        h, w = image.shape[:2]
        sx, sy = self.width / w, self.height / h
        if self.resize == "stretch":
            net = cv2.resize(image, (self.width, self.height), interpolation=cv2.INTER_LINEAR)
        else:  # letterbox: the picture at the top left, grey elsewhere
            sx = sy = min(sx, sy)
            net = np.full((self.height, self.width, 3), 114, np.uint8)
            nw, nh = min(self.width, round(w * sx)), min(self.height, round(h * sy))
            net[:nh, :nw] = cv2.resize(image, (nw, nh), interpolation=cv2.INTER_LINEAR)
        x = ((net[:, :, ::-1] if self.channels == "rgb" else net).astype(np.float32) - self.mean) * self.scale
        out = self.run(np.ascontiguousarray(x.transpose(2, 0, 1)[None]))
        found, boxes = decode(out, len(self.names), self.strides, self.bins, self.width, self.height)
        scores = np.zeros((len(found), len(CLASSES)), np.float32)
        for c in self.classes:
            scores[:, CLASSES.index(c)] = found[:, self.names.index(c)]
        return scores, (boxes / np.array([sx, sy, sx, sy], np.float32)).clip(0, [w, h, w, h])


def match(boxes, scores, true, crowd, threshold, smallest, scale):
    """Of one picture: scores and hits of the detections that count, and how many objects there are to find."""
    area = lambda b: (b[:, 2:] - b[:, :2]).clip(0).prod(1)
    ignored = crowd | (np.sqrt(area(true)) * scale < smallest)
    order = np.argsort(-scores, kind="stable")
    boxes, scores = boxes[order], scores[order]
    inter = (np.minimum(boxes[:, None, 2:], true[None, :, 2:]) - np.maximum(boxes[:, None, :2], true[None, :, :2])).clip(0).prod(2)
    da, ta = area(boxes), area(true)
    value = inter / np.maximum(np.where(crowd[None], da[:, None], da[:, None] + ta[None] - inter), 1e-9)
    taken, small, rows = np.zeros(len(true), bool), np.sqrt(da) * scale < smallest, []
    for i in range(len(boxes)):
        free = ~taken & ~ignored & (value[i] >= threshold)
        if free.any():
            taken[np.flatnonzero(free)[np.argmax(value[i][free])]] = True
            rows.append((scores[i], True))
        elif not ((value[i] >= threshold) & ignored).any() and not small[i]:
            rows.append((scores[i], False))
    return np.array([r[0] for r in rows]), np.array([r[1] for r in rows], bool), int((~ignored).sum())


def curve(matched, weights=None):
    """AP, recall at a precision of 0.90 and the score there, of what `match` gave for several pictures. `weights`: how often
    each picture counts."""
    weights = np.ones(len(matched)) if weights is None else weights
    n = float(sum(m[2] * w for m, w in zip(matched, weights)))
    if n == 0:
        return {"ap": float("nan"), "recall": float("nan"), "score": None, "n": 0}
    scores, hits, picture = joined(matched)
    w = weights[picture]
    if w.sum() == 0:
        return {"ap": 0.0, "recall": 0.0, "score": None, "n": int(n), "f1": 0.0, "f1Score": None}
    tp, seen = np.cumsum(hits * w), np.cumsum(w)
    recall, precision = tp / n, tp / np.maximum(seen, 1e-9)
    good = precision >= 0.90
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    index = np.searchsorted(recall, np.linspace(0, 1, 101), side="left")
    return {"ap": float(np.mean([envelope[i] if i < len(envelope) else 0.0 for i in index])), "n": int(n),
            "recall": float(recall[good].max()) if good.any() else 0.0, "f1": float(f1.max()), "f1Score": float(scores[f1.argmax()]),
            "score": float(scores[good][-1]) if good.any() else None}


def joined(matched):
    """Scores and hits of all pictures by falling score, and the picture of each; kept for the next call with the same list."""
    if joined.last[0] is not matched:
        scores, hits = np.concatenate([m[0] for m in matched]), np.concatenate([m[1] for m in matched]).astype(bool)
        picture = np.repeat(np.arange(len(matched)), [len(m[0]) for m in matched])
        order = np.argsort(-scores, kind="stable")
        joined.last = (matched, (scores[order], hits[order], picture[order]))
    return joined.last[1]


joined.last = (None, None)


def run(detector, root, split, measures=ALL, lowest=0.02, overlap=0.6, most=1000, source="", picture="", labels=None, bootstrap=0,
        groups=()):
    """{measure: figures}. `source`, `picture`: only pictures whose source contains, whose name begins with it. `groups`:
    (name, beginning of a picture's name, or with "-" in front what it must not begin with): "measure | name" is added."""
    begun = time.time()
    images = [im for im in pictures.read_split(root, split, labels)["images"]
              if source in im.get("source", "") and im["file_name"].startswith(tuple(picture.split(","))) and not im.get("drop")]
    found = {im["id"]: detector(cv2.imread(im["path"])) for im in images}
    result = {}
    for name, (members, threshold, smallest) in measures.items():
        if not set(members) <= set(detector.classes):
            continue
        k, all_scenes, all_matched, files = [CLASSES.index(c) for c in members], [], [], []
        for im in images:
            if not set(members) <= set(im["labelled_classes"]):
                continue
            scores, boxes = found[im["id"]]
            s = scores[:, k].max(1)
            pick = np.flatnonzero(s > lowest)
            keep = pick[nms(boxes[pick], s[pick], overlap)[:most]] if len(pick) else pick
            crowds = pictures.VEHICLES if k[0] in pictures.VEHICLES else k
            mine = [a for a in im["annotations"] if a["label"] in k and a.get("origin", "human") == "human"
                    or a.get("iscrowd") and a["label"] in crowds]
            true = np.array([[a["bbox"][0], a["bbox"][1], a["bbox"][0] + a["bbox"][2], a["bbox"][1] + a["bbox"][3]]
                             for a in mine], np.float64).reshape(-1, 4)
            crowd = np.array([bool(a.get("iscrowd")) for a in mine], bool)
            all_matched.append(match(boxes[keep].astype(np.float64), s[keep], true, crowd, threshold, smallest, 832 / im["width"]))
            all_scenes.append(im.get("scene", im["file_name"]))
            files.append(im["file_name"])
        for group, start in [("", ""), *groups]:
            part = [i for i, f in enumerate(files) if f.startswith(start.lstrip("-")) != start.startswith("-")]
            matched, scenes = [all_matched[i] for i in part], [all_scenes[i] for i in part]
            if group and not sum(m[2] for m in matched):
                continue
            r = {**curve(matched), "pictures": len(matched), "scenes": len(set(scenes))}
            if bootstrap and r["n"]:
                scene = np.unique(scenes, return_inverse=True)[1]
                rng = np.random.default_rng([1, zlib.crc32((name + group).encode())])
                draws = [curve(matched, np.bincount(rng.integers(0, r["scenes"], r["scenes"]), minlength=r["scenes"])[scene].astype(float))
                         for _ in range(bootstrap)]
                for key in ("ap", "recall"):
                    r[key + "Draws"] = [round(d[key], 4) if d["n"] else None for d in draws]
                    r[key + "Interval"] = [float(v) for v in np.percentile([d[key] for d in draws if d["n"]], [2.5, 97.5])]
            result[name + (f" | {group}" if group else "")] = r
    run.seconds = (time.time() - begun) / max(1, len(images))
    return result


def table(result):
    lines = ["| class | n | pictures (scenes) | AP | recall at precision 0.90 | score there |", "| --- | ---: | ---: | --- | --- | --- |"]
    for name, r in result.items():
        if not r["n"]:
            lines.append(f"| {name} | 0 | {r['pictures']} ({r['scenes']}) | | | |")
            continue
        span = lambda key: " ({:.3f}–{:.3f})".format(*r[key + "Interval"]) if key + "Interval" in r else ""
        score = f"{r['score']:.2f}" if r["score"] is not None else "none"
        lines.append(f"| {name} | {r['n']} | {r['pictures']} ({r['scenes']}) | {r['ap']:.3f}{span('ap')} | {r['recall']:.3f}{span('recall')} | {score} |")
    return "\n".join(lines)


if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", required=True)
    ap.add_argument("--split", default="val")
    ap.add_argument("--model", required=True, help=".onnx (its .json beside it), .pt, or a package folder")
    ap.add_argument("--start", help="package folder of NanoDet-Plus-m, for a .pt")
    ap.add_argument("--resize", choices=["stretch", "letterbox"], help="another way than the model's")
    ap.add_argument("--size", help="width x height, another one than the model's")
    ap.add_argument("--source", default="", help="only pictures whose source contains this")
    ap.add_argument("--picture", default="", help="only pictures whose name begins with this (several by commas)")
    ap.add_argument("--groups", default="", help="NAME=BEGINNING;NAME=-BEGINNING: also on pictures whose names begin so, or do not")
    ap.add_argument("--labels", help="folder of labels by eye, added to the data set's")
    ap.add_argument("--bootstrap", type=int, default=0, help="draws over scenes for the intervals")
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--json")
    args = ap.parse_args()
    labels = pictures.read_labels(args.labels) if args.labels else None
    r = run(Detector(args.model, args.size, args.resize, args.threads, args.start), args.data, args.split, source=args.source,
            picture=args.picture, labels=labels, bootstrap=args.bootstrap,
            groups=[tuple(g.split("=")) for g in args.groups.split(";") if g])
    print(table(r))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(r, f, indent=1, sort_keys=True)
