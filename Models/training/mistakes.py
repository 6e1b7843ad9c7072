"""Draws where a model is wrong: a contact sheet a class with the surest false finds (red, from the left) and the largest
missed objects (magenta). Green: labelled. The sheets are for looking; they hold other people's pictures and stay out of
the project.

  python mistakes.py --data ../../../shared/dataset --labels labels --model ../street-n --out SHEETS [--score 0.35]
"""
import argparse
import os

import cv2
import numpy as np

import pictures
from decode import nms, overlap
from evaluate import Detector
from graph import CLASSES

COLOURS = {"labelled": (0, 200, 0), "false": (0, 0, 255), "missed": (255, 0, 255)}


def of_class(images, found, k, score):
    """Of one class: false finds [score, picture, box, labelled boxes], missed objects [area, picture, box, labelled boxes]."""
    false, missed, right = [], [], 0
    for im in images:
        if CLASSES[k] not in im["labelled_classes"]:
            continue
        crowds = pictures.VEHICLES if k in pictures.VEHICLES else [k]
        corners = lambda a: [a["bbox"][0], a["bbox"][1], a["bbox"][0] + a["bbox"][2], a["bbox"][1] + a["bbox"][3]]
        true = [corners(a) for a in im["annotations"] if a["label"] == k and not a.get("iscrowd") and a.get("origin", "human") == "human"]
        ignored = [corners(a) for a in im["annotations"] if a["label"] in crowds and a.get("iscrowd")]
        scores, boxes = found[im["id"]]
        pick = np.flatnonzero(scores[:, k] > score)
        keep = pick[nms(boxes[pick], scores[pick, k], 0.6)] if len(pick) else pick
        free = set(range(len(true)))
        for i in keep[np.argsort(-scores[keep, k])]:
            best = max(free, key=lambda j: overlap(boxes[i], true[j]), default=None)
            if best is not None and overlap(boxes[i], true[best]) >= 0.5:
                free.remove(best)
                right += 1
            elif not any(inside(boxes[i], c) >= 0.5 for c in ignored):
                false.append((float(scores[i, k]), im, boxes[i].tolist(), true))
        missed += [((true[j][2] - true[j][0]) * (true[j][3] - true[j][1]), im, true[j], true) for j in free]
    order = lambda rows: sorted(rows, key=lambda r: -r[0])
    return order(false), order(missed), right


def inside(box, region):
    iw, ih = min(box[2], region[2]) - max(box[0], region[0]), min(box[3], region[3]) - max(box[1], region[1])
    return max(0.0, iw) * max(0.0, ih) / max(1e-6, (box[2] - box[0]) * (box[3] - box[1]))


def tile(row, kind, side=300):
    value, im, box, true = row
    image = cv2.imread(im["path"])
    h, w = image.shape[:2]
    reach = max(60.0, 1.6 * max(box[2] - box[0], box[3] - box[1]))
    cx, cy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    x1, y1, x2, y2 = int(max(0, cx - reach)), int(max(0, cy - reach)), int(min(w, cx + reach)), int(min(h, cy + reach))
    s = side / max(x2 - x1, y2 - y1)
    part = cv2.resize(image[y1:y2, x1:x2], None, fx=s, fy=s, interpolation=cv2.INTER_CUBIC if s > 1 else cv2.INTER_AREA)
    for b, colour in [*((t, COLOURS["labelled"]) for t in true), (box, COLOURS[kind])]:
        a, c = [int((b[0] - x1) * s), int((b[1] - y1) * s)], [int((b[2] - x1) * s), int((b[3] - y1) * s)]
        cv2.rectangle(part, a, c, colour, 2)
    out = np.full((side + 16, side, 3), 30, np.uint8)
    out[:part.shape[0], :part.shape[1]] = part[:side, :side]
    text = f"{value:.2f} " if kind == "false" else "missed "
    cv2.putText(out, text + os.path.splitext(im["file_name"])[0], (3, side + 12), 0, 0.4, (0, 255, 255), 1)
    return out


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", required=True, action="append")
    ap.add_argument("--model", required=True)
    ap.add_argument("--start", help="package folder of NanoDet-Plus-m, for a .pt")
    ap.add_argument("--labels", help="folder of labels by eye")
    ap.add_argument("--out", required=True)
    ap.add_argument("--score", type=float, default=0.35)
    ap.add_argument("--threads", type=int, default=2)
    args = ap.parse_args()
    detector, labels = Detector(args.model, threads=args.threads, start=args.start), pictures.read_labels(args.labels) if args.labels else None
    images = [dict(im, id=(root, im["id"])) for root in args.data for im in pictures.read_split(root, "val", labels)["images"] if not im.get("drop")]
    found = {im["id"]: detector(cv2.imread(im["path"])) for im in images}
    os.makedirs(args.out, exist_ok=True)
    for k, name in enumerate(CLASSES):
        false, missed, right = of_class(images, found, k, args.score)
        print(f"{name}: {right} right, {len(false)} false, {len(missed)} missed at score {args.score}")
        tiles = []
        for rows, kind in ((false, "false"), (missed, "missed")):
            used = {}
            for r in rows:  # at most two of a picture
                used[r[1]["id"]] = used.get(r[1]["id"], 0) + 1
                if used[r[1]["id"]] <= 2 and len(tiles) < (5 if kind == "false" else 10):
                    tiles.append(tile(r, kind))
        if tiles:
            tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % 5)
            cv2.imwrite(os.path.join(args.out, name + ".jpg"), np.vstack([np.hstack(tiles[i:i + 5]) for i in range(0, len(tiles), 5)]))


if __name__ == "__main__":
    main()
