"""Chooses model.json's score thresholds from what evaluate.py --json wrote: per class the score of the best F1, where the
class has at least 100 boxes; the default elsewhere. `low`, for a tracker's second stage, is a third of it.

  python thresholds.py result.json thresholds.json
"""
import json
import sys

from graph import CLASSES

DEFAULT, FEWEST = 0.35, 100


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        result = json.load(f)
    score, low = {"default": DEFAULT}, {"default": 0.1}
    for c in CLASSES:
        r = result.get(c, {})
        if r.get("n", 0) >= FEWEST and r.get("f1Score"):
            score[c] = round(min(0.6, max(0.2, r["f1Score"])), 2)
            low[c] = round(max(0.05, score[c] / 3), 2)
    with open(sys.argv[2], "w", encoding="utf-8") as f:
        json.dump({"score": score, "low": low, "nms": 0.6, "maxDetections": 100}, f, indent=1, sort_keys=True)
        f.write("\n")


if __name__ == "__main__":
    main()
