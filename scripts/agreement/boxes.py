"""Holds `warden evaluate --boxes` against the training prototype's evaluate.py on real pictures.

  python boxes.py --prototype ../../../shared/training-prototype --data ../../../shared/dataset --split val --result DIR [--model DIR]

DIR is what `warden evaluate --boxes … --output DIR` wrote. First the scorers alone: warden's detections, scored by both. With --model also
the whole chain: the prototype decodes, resizes and runs the network itself (ONNX Runtime), so that differences of pixels are in it. Needs the
prototype's own requirements.
"""
import argparse
import json
import pathlib
import sys

import numpy as np


def scored_by_prototype(evaluate, data, images, detections, members, floor=0.01, overlap=0.6):
    rows = []
    for image in images:
        if not set(members) <= set(image["labelled_classes"]):
            continue
        width, height = image["width"], image["height"]
        found = [d for d in detections[image["file_name"]] if d["class"] in members and d["score"] > floor]
        found.sort(key=lambda d: -d["score"])
        boxes = np.array([[d["box"][0] * width, d["box"][1] * height, (d["box"][0] + d["box"][2]) * width, (d["box"][1] + d["box"][3]) * height]
                          for d in found], np.float64).reshape(-1, 4)
        scores = np.array([d["score"] for d in found], np.float64)
        if len(members) > 1 and len(found):
            keep = data.nms(boxes.astype(np.float32), scores.astype(np.float32), overlap)
            boxes, scores = boxes[keep], scores[keep]
        codes = [evaluate.CLASSES.index(c) for c in members]
        mine = [a for a in image["annotations"] if a["label"] in codes and a.get("origin", "human") == "human"
                or a.get("iscrowd") and a["label"] in (data.VEHICLES if codes[0] in data.VEHICLES else codes)]
        true = np.array([[a["bbox"][0], a["bbox"][1], a["bbox"][0] + a["bbox"][2], a["bbox"][1] + a["bbox"][3]] for a in mine], np.float64).reshape(-1, 4)
        crowd = np.array([bool(a.get("iscrowd")) for a in mine], bool)
        rows.append((boxes, scores, true, crowd, 832 / width))
    return evaluate.curve(rows, 0.5, 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["prototype", "data", "result"]:
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--split", default="val")
    parser.add_argument("--model")
    parser.add_argument("--chain", help="the prototype's own result as JSON, from an earlier run with --model")
    args = parser.parse_args()
    sys.path.insert(0, args.prototype)
    import data
    import evaluate

    images = data.read_split(args.data, args.split)["images"]
    result = pathlib.Path(args.result)
    ours = {m["name"]: m for m in json.loads((result / "boxes.json").read_text())["measures"]}
    detections = {p["file"]: p["detections"] for p in json.loads((result / "detections.json").read_text())["pictures"]}
    known = {c for m in ours.values() for c in m["classes"]}
    measures = {m: (ours[m]["classes"], 0.5, 0) for m in ours if "," not in m and ours[m]["objects"] and set(ours[m]["classes"]) <= set(evaluate.CLASSES)}
    chain = {}
    if args.chain:
        chain = json.loads(pathlib.Path(args.chain).read_text())
    elif args.model:
        network = evaluate.Network(args.model, threads=1)
        chain = evaluate.run(network, args.data, args.split, measures={m: v for m, v in measures.items() if set(v[0]) <= set(network.classes)},
                             lowest=0.01, most=1000)
    print(f"{'measure':24}{'n':>6}{'warden':>10}{'its scorer':>12}{'diff':>10}" + (f"{'its chain':>12}{'diff':>10}" if chain else ""))
    worst = [0.0, 0.0]
    for name, (members, _, _) in measures.items():
        same = scored_by_prototype(evaluate, data, images, detections, members)
        ap = ours[name]["averagePrecision"]
        line = f"{name:24}{same['n']:6}{ap:10.4f}{same['ap']:12.4f}{ap - same['ap']:10.4f}"
        assert same["n"] == ours[name]["objects"], name
        worst[0] = max(worst[0], abs(ap - same["ap"]))
        name = {"any vehicle": "vehicles"}.get(name, name)
        if name in chain:
            line += f"{chain[name]['ap']:12.4f}{ap - chain[name]['ap']:10.4f}"
            worst[1] = max(worst[1], abs(ap - chain[name]["ap"]))
        print(line)
    print(f"largest difference: scorers {worst[0]:.4f}" + (f", whole chain {worst[1]:.4f}" if chain else ""))
    sys.exit(0 if worst[0] <= 1e-3 else 1)


if __name__ == "__main__":
    main()
