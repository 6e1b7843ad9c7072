"""Reading pictures and what is known about them.

The rule that everything here serves: a class that nobody looked for in a picture is unknown there, neither present nor
absent. `known` says per class whether somebody (or the teacher) looked.
"""
import glob
import json
import os
import zlib
from dataclasses import dataclass

import cv2
import numpy as np

from decode import decode, nms, overlap
from graph import CLASSES, open_package, resized

NC = len(CLASSES)
BIN, OVERFLOW, GARBAGE = (CLASSES.index(c) for c in ("bin", "bin-overflow", "garbage"))
VEHICLES = [CLASSES.index(c) for c in ("car", "bus", "truck")]  # an ignored place of one is one of all three
TEACHER_CLASSES = ("person", "bicycle", "motorcycle", "car", "bus", "truck", "umbrella")
# Classes of which a labelled object may hold another one in the same place. All other pairs exclude each other: there a
# labelled object is also a sure negative of the other class, even where that class was not looked for.
SHARE = {"person": {"bicycle", "motorcycle", "tricycle", "umbrella", "stall", "bus", "car", "truck"},
         "bicycle": {"tricycle"}, "motorcycle": {"tricycle"}, "tricycle": {"stall", "garbage", "umbrella"},
         "truck": {"stall", "garbage"}, "umbrella": {"stall"}, "stall": {"garbage", "car"},
         "bin": {"garbage", "bin-overflow"}, "bin-overflow": {"garbage"}}
EXCLUDES = np.ones((NC, NC), bool)
for a, others in SHARE.items():
    for b in others:
        EXCLUDES[CLASSES.index(a), CLASSES.index(b)] = EXCLUDES[CLASSES.index(b), CLASSES.index(a)] = False
np.fill_diagonal(EXCLUDES, False)


@dataclass
class Picture:
    image: np.ndarray    # uint8 BGR
    boxes: np.ndarray    # float32 [n, 4] corners in pixels
    labels: np.ndarray   # int64 [n]
    weights: np.ndarray  # float32 [n], 1 for a human's box
    ignore: np.ndarray   # float32 [m, 5]: corners, class
    known: np.ndarray    # bool [NC]
    source: str
    name: str
    squeezed: bool = False  # by its source, to a square


def read_sources(path=os.path.join(os.path.dirname(os.path.abspath(__file__)), "sources.json")):
    """{source: its entry in sources.json}"""
    with open(path, encoding="utf-8") as f:
        return {s["source"]: s for s in json.load(f)["sources"]}


def read_labels(folder=os.path.join(os.path.dirname(os.path.abspath(__file__)), "labels")):
    """{(source, picture): what was seen in it by eye}, from labels/*.json (`warden.labels/1`)."""
    found = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.json"))):
        with open(path, encoding="utf-8") as f:
            doc = json.load(f)
        if doc.get("schema") != "warden.labels/1":
            raise SystemExit(f"{path}: schema is not warden.labels/1")
        for p in doc["pictures"]:
            entry = found.setdefault((p["source"], p["picture"]), {"looked_for": [], "boxes": []})
            entry["looked_for"] += p["looked_for"]
            entry["boxes"] += p.get("boxes", [])
            entry["drop"] = entry.get("drop", False) or p.get("drop", False)
    return found


def read_split(root, split, labels=None):
    """The COCO document of a split with class indices (`label`) in CLASSES' order. `labels` adds what read_labels gives:
    a class looked for by eye replaces all earlier boxes of that class in the picture."""
    with open(os.path.join(root, "annotations", split + ".json"), encoding="utf-8") as f:
        doc = json.load(f)
    index = {c["id"]: CLASSES.index(c["name"]) for c in doc.get("categories", [])}
    by_image = {im["id"]: [] for im in doc["images"]}
    for a in doc.get("annotations", []):
        a["label"] = index[a["category_id"]]
        by_image[a["image_id"]].append(a)
    for im in doc["images"]:
        im["path"] = os.path.join(root, "images", split, im["file_name"])
        im["annotations"] = by_image[im["id"]]
        im.setdefault("labelled_classes", [])
        seen = (labels or {}).get((im.get("source", ""), im["file_name"]))
        if seen:
            im["drop"] = seen["drop"]
            im["labelled_classes"] = sorted(set(im["labelled_classes"]) | set(seen["looked_for"]))
            im["annotations"] = [a for a in im["annotations"] if CLASSES[a["label"]] not in seen["looked_for"]]
            im["annotations"] += [{"label": CLASSES.index(b["class"]), "bbox": b["box"], "iscrowd": int(b.get("ignore", False)),
                                   "origin": "human", "by": "labels"} for b in seen["boxes"]]
    return doc


def load(root, split, labels, teacher, longest=832, positive=0.45, unsure=0.2):
    """Decodes the pictures of a split that may be trained on into memory. `teacher`: a function (name, picture) ->
    [(class name, score, box)] for TEACHER_CLASSES; used where those are unlabelled: a score from `positive` on is an
    object, one from `unsure` on is ignored, and the rest counts as absent."""
    sources, pictures = read_sources(), []
    for im in read_split(root, split, labels)["images"]:
        source = sources.get(im.get("source", ""))
        if source is None:
            raise SystemExit(f"{im['file_name']}: its source {im.get('source')!r} is not in sources.json")
        if source["use"] != "train" or im.get("drop"):
            continue
        image = cv2.imread(im["path"])
        if image is None:
            raise SystemExit(f"cannot read {im['path']}")
        s = min(1.0, longest / max(image.shape[:2]))
        if s < 1.0:
            image = cv2.resize(image, None, fx=s, fy=s, interpolation=cv2.INTER_AREA)
        labelled = set(im["labelled_classes"])
        known = np.array([c in labelled for c in CLASSES])
        boxes, ignore = [], []
        for a in im["annotations"]:
            x, y, w, h = (v * s for v in a["bbox"])
            k = a["label"]
            if a.get("iscrowd"):
                ignore += [[x, y, x + w, y + h, v] for v in (VEHICLES if k in VEHICLES else [k])]
            elif a.get("origin", "human") == "human":
                boxes.append([x, y, x + w, y + h, k, 1.0])
        if teacher is not None and not labelled.issuperset(TEACHER_CLASSES):
            objects, unsure_places = believe(teacher(im["file_name"], image), known, boxes, positive, unsure)
            boxes, ignore = boxes + objects, ignore + unsure_places
            for name in TEACHER_CLASSES:
                known[CLASSES.index(name)] = True
        b = np.array(boxes, np.float32).reshape(-1, 6)
        pictures.append(Picture(image, b[:, :4], b[:, 4].astype(np.int64), b[:, 5],
                                np.array(ignore, np.float32).reshape(-1, 5), known, im["source"], im["file_name"],
                                source.get("squeezed", False)))
    return pictures


def believe(found, known, boxes, positive, unsure):
    """The teacher's findings -> objects [corners, class, score] and ignored places [corners, class]. Where people
    labelled an object of a class that excludes the teacher's (a skip taken for a truck), the teacher is wrong; of
    several vehicle classes in one place the best counts, the others are ignored."""
    objects, ignored = [], []
    for name, score, box in sorted(found, key=lambda f: -f[1]):
        k = CLASSES.index(name)
        if known[k] or score < unsure:
            continue
        near = [int(b[4]) for b in boxes + objects if overlap(b, box) > 0.5 and EXCLUDES[int(b[4]), k]]
        if any(b >= BIN for b in near):
            continue
        if score >= positive and not near:
            objects.append([*box, k, score])
        else:
            ignored.append([*box, k])
    return objects, ignored


class Teacher:
    """NanoDet-Plus (COCO) through onnxruntime at several square sizes, results joined; kept in a JSON file."""

    def __init__(self, folder, cache, sizes=(416, 640), threads=2, lowest=0.1):
        import onnxruntime as ort
        self.settings, path = open_package(folder)
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        self.sessions = {n: ort.InferenceSession(resized(path, n, n).SerializeToString(), options,
                                                 providers=["CPUExecutionProvider"]) for n in sizes}
        self.lowest, self.cache, self.found = lowest, cache, {}
        if os.path.exists(cache):
            with open(cache, encoding="utf-8") as f:
                self.found = json.load(f)

    def __call__(self, name, image):
        key = f"{name} {zlib.crc32(image.tobytes()):08x}"
        if key not in self.found:
            self.found[key] = self.detect(image)
            if len(self.found) % 50 == 0:
                self.save()
        return self.found[key]

    def save(self):
        with open(self.cache + ".part", "w", encoding="utf-8") as f:
            json.dump(self.found, f)
        os.replace(self.cache + ".part", self.cache)

    def detect(self, image):
        cfg, (h, w) = self.settings, image.shape[:2]
        mean, scale = (np.array(cfg["input"][k], np.float32) for k in ("mean", "scale"))
        scores, boxes = [], []
        for n, session in self.sessions.items():
            x = (cv2.resize(image, (n, n), interpolation=cv2.INTER_LINEAR).astype(np.float32) - mean) * scale
            out = session.run(None, {session.get_inputs()[0].name: np.ascontiguousarray(x.transpose(2, 0, 1)[None])})[0][0]
            s, b = decode(out, len(cfg["classes"]), cfg["head"]["strides"], cfg["head"]["regMax"], n, n)
            scores.append(s), boxes.append(b * np.array([w / n, h / n, w / n, h / n], np.float32))
        scores, boxes = np.concatenate(scores), np.concatenate(boxes)
        found = []
        for name in TEACHER_CLASSES:
            s = scores[:, cfg["classes"].index(name)]
            k = np.flatnonzero(s > self.lowest)
            for j in nms(boxes[k], s[k], 0.6):
                found.append([name, round(float(s[k[j]]), 3), [round(float(v), 1) for v in boxes[k[j]]]])
        return found
