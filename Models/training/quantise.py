"""What ONNX Runtime's static quantiser makes of a package: int8 weights (per channel) and activations, calibrated on
training pictures that may be trained on. Writes the int8 network beside a copy of model.json, for evaluate.py.

  python quantise.py --package ../street-n --data ../../../shared/dataset --out INT8 [--operators all]
"""
import argparse
import json
import os
import shutil

import cv2
import numpy as np
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

import pictures


class Reader(CalibrationDataReader):
    def __init__(self, paths, given):
        self.rest, self.given = list(paths), given

    def get_next(self):
        if not self.rest:
            return None
        g = self.given
        x = cv2.resize(cv2.imread(self.rest.pop()), (g["width"], g["height"]), interpolation=cv2.INTER_LINEAR).astype(np.float32)
        x = (x - np.array(g["mean"], np.float32)) * np.array(g["scale"], np.float32)
        return {g["name"]: np.ascontiguousarray(x.transpose(2, 0, 1)[None])}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--package", required=True)
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--operators", choices=["all", "conv"], default="conv")
    ap.add_argument("--pictures", type=int, default=64)
    args = ap.parse_args()
    with open(os.path.join(args.package, "model.json"), encoding="utf-8") as f:
        cfg = json.load(f)
    sources = pictures.read_sources()
    paths = [im["path"] for im in pictures.read_split(args.data, "train")["images"] if sources[im["source"]]["use"] == "train"]
    paths = paths[::max(1, len(paths) // args.pictures)][:args.pictures]
    os.makedirs(args.out, exist_ok=True)
    quantize_static(os.path.join(args.package, cfg["file"]), os.path.join(args.out, cfg["file"]), Reader(paths, cfg["input"]),
                    quant_format=QuantFormat.QDQ, per_channel=True, weight_type=QuantType.QInt8, activation_type=QuantType.QUInt8,
                    calibrate_method=CalibrationMethod.MinMax, op_types_to_quantize=["Conv"] if args.operators == "conv" else None)
    shutil.copy(os.path.join(args.package, "model.json"), args.out)


if __name__ == "__main__":
    main()
