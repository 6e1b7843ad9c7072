"""Chooses model.json's score thresholds from what evaluate.py --json wrote, for classes with at least 100 boxes: of bins,
overflow and garbage, which stand still and are seen again and again, the lowest score with a precision of 0.90 (a bin's of
bins in any state); of all others the score of the best F1, at least 0.30. The default elsewhere. `low`, for a tracker's second stage, is a third of it.

  python thresholds.py result.json thresholds.json
"""
import json
import sys

from graph import CLASSES

DEFAULT, FEWEST = 0.35, 100
STILL = ("bin", "bin-overflow", "garbage")


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        result = json.load(f)
    score, low = {"default": DEFAULT}, {"default": 0.1}
    for c in CLASSES:
        r = result.get(c, {})
        if r.get("n", 0) >= FEWEST and r.get("f1Score"):
            best = (result["any bin" if c == "bin" else c].get("score") or 0.7) if c in STILL else r["f1Score"]
            score[c] = round(min(0.7 if c in STILL else 0.5, max(0.3, best)), 2)
            low[c] = round(max(0.05, score[c] / 3), 2)
    with open(sys.argv[2], "w", encoding="utf-8") as f:
        json.dump({"score": score, "low": low, "nms": 0.6, "maxDetections": 100}, f, indent=1, sort_keys=True)
        f.write("\n")


if __name__ == "__main__":
    main()
