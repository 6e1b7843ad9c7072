"""Writes a trained network as a model package: model.onnx and model.json; checks it against PyTorch with onnxruntime.

  python export.py --weights RUN/final.pt --start ../../../shared/models/nanodet-plus-m-416 --package ../street-n \
      --thresholds thresholds.json [--picture street.jpg]
"""
import argparse
import hashlib
import json
import os

import cv2
import numpy as np
import onnx
import onnxruntime
import torch

from graph import CLASSES, REG_MAX, STRIDES, multiply_adds, open_package, with_weights
from network import MEAN, SCALE, Network, normalise

GROUPS = {"person": ["person"], "vehicle": ["car", "bus", "truck"], "two-wheeler": ["bicycle", "motorcycle"],
          "three-wheeler": ["tricycle"], "stall-like": ["stall", "tricycle", "umbrella"], "bin": ["bin", "bin-overflow"],
          "bin-overflow": ["bin-overflow"], "litter": ["garbage"]}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--weights", required=True)
    ap.add_argument("--start", required=True, help="package folder of NanoDet-Plus-m")
    ap.add_argument("--package", required=True, help="folder to write into")
    ap.add_argument("--name", default="street-n")
    ap.add_argument("--version", default="0.1.0")
    ap.add_argument("--size", help="width x height; of the training without it")
    ap.add_argument("--thresholds", help="JSON file for model.json's thresholds")
    ap.add_argument("--picture", help="a picture to compare the two on, beside noise")
    args = ap.parse_args()
    saved = torch.load(args.weights, map_location="cpu", weights_only=True)
    width, height = map(int, (args.size or saved["size"]).split("x"))
    net = Network(args.start, width, height)
    net.load_state_dict(saved.get("average", saved["model"]))
    net.eval()
    _, path = open_package(args.start)
    m = with_weights(path, width, height, net.arrays(), args.name)
    os.makedirs(args.package, exist_ok=True)
    file = os.path.join(args.package, "model.onnx")
    onnx.save(m, file)
    operators = {}
    for n in m.graph.node:
        operators[n.op_type] = operators.get(n.op_type, 0) + 1
    print("operators:", dict(sorted(operators.items())), f"{multiply_adds(m, width, height) / 1e9:.3f} G multiply-adds")

    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    pictures = [np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)]
    if args.picture:
        pictures.append(cv2.resize(cv2.imread(args.picture), (width, height)))
    for p in pictures:
        x = normalise(torch.from_numpy(np.ascontiguousarray(p))[None].permute(0, 3, 1, 2))
        with torch.inference_mode():
            a = net(x)
            a = torch.cat([a[..., :len(CLASSES)].sigmoid(), a[..., len(CLASSES):]], -1).numpy()
        b = session.run(None, {"image": x.numpy()})[0]
        worst = float(np.abs(a - b).max())
        print(f"onnxruntime against PyTorch: largest difference {worst:.2e} of values up to {np.abs(a).max():.1f}")
        if a.shape != b.shape or worst > 1e-3 * max(1.0, float(np.abs(a).max())):
            raise SystemExit("the exported network differs from the trained one")

    with open(file, "rb") as f:
        raw = f.read()
    thresholds = {"score": 0.35, "low": 0.1, "nms": 0.6}
    if args.thresholds:
        with open(args.thresholds, encoding="utf-8") as f:
            thresholds = json.load(f)
    document = {
        "schema": "warden.model/1", "name": args.name, "version": args.version, "file": "model.onnx",
        "sha256": hashlib.sha256(raw).hexdigest(), "licence": "Apache-2.0 (weights; started from NanoDet-Plus-m, Apache-2.0); pictures: README.md",
        "classes": CLASSES, "groups": GROUPS,
        "input": {"name": "image", "width": width, "height": height, "multiple": 32, "resize": "stretch", "channels": "bgr",
                  "mean": MEAN, "scale": [round(s, 9) for s in SCALE]},
        "head": {"kind": "nanodet-plus", "strides": list(STRIDES), "regMax": REG_MAX, "scores": "activated", "cellOffset": 0.0,
                 "output": "output"},
        "thresholds": thresholds, "calibration": {},
        "origin": {"start": "NanoDet-Plus-m 416 (RangiLyu/nanodet, Apache-2.0), COCO 2017", "outputShape": list(b.shape), "step": saved["step"]},
    }
    with open(os.path.join(args.package, "model.json"), "w", encoding="utf-8") as f:
        json.dump(document, f, indent=2, sort_keys=True)
        f.write("\n")
    print(f"{file}: {len(raw)} bytes, sha256 {document['sha256']}")


if __name__ == "__main__":
    main()
