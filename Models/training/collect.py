"""Builds a small data set from the pictures that labels/*.json name by repository and path: images/val and
annotations/val.json under --out, as ../../../shared/dataset is laid out. The repository must have been cloned; nothing
is downloaded. Pictures whose bytes are not those that were labelled are refused.

  git clone https://github.com/OWNER/NAME clone
  python collect.py --source OWNER/NAME --clone clone --out DATA
"""
import argparse
import hashlib
import json
import os

import cv2
import numpy as np

from graph import CLASSES
from pictures import read_sources

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--source", required=True, help="OWNER/NAME, as in sources.json")
    ap.add_argument("--clone", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--labels", default=os.path.join(HERE, "labels", "measure.json"))
    args = ap.parse_args()
    if args.source not in read_sources():
        raise SystemExit(f"{args.source} is not in sources.json")
    with open(args.labels, encoding="utf-8") as f:
        entries = [p for p in json.load(f)["pictures"] if p["source"] == args.source and "path" in p]
    os.makedirs(os.path.join(args.out, "images", "val"), exist_ok=True)
    os.makedirs(os.path.join(args.out, "annotations"), exist_ok=True)
    images = []
    for k, p in enumerate(entries):
        with open(os.path.join(args.clone, p["path"]), "rb") as f:
            raw = f.read()
        if hashlib.sha256(raw).hexdigest() != p["sha256"]:
            raise SystemExit(f"{p['path']} is not the picture that was labelled")
        with open(os.path.join(args.out, "images", "val", p["picture"]), "wb") as f:
            f.write(raw)
        height, width = cv2.imdecode(np.frombuffer(raw, np.uint8), 1).shape[:2]
        images.append({"id": k + 1, "file_name": p["picture"], "width": width, "height": height, "source": args.source,
                       "scene": p["picture"], "labelled_classes": []})
    with open(os.path.join(args.out, "annotations", "val.json"), "w", encoding="utf-8") as f:
        json.dump({"categories": [{"id": i + 1, "name": c} for i, c in enumerate(CLASSES)], "images": images, "annotations": []}, f)
    print(f"{len(images)} pictures")


if __name__ == "__main__":
    main()
