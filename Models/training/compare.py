"""Two results of evaluate.py --bootstrap --json, measure by measure: the difference of AP and of recall at precision 0.90
(second minus first), with its 95 % interval over the same draws of scenes.

  python compare.py prototype.json street-n.json
"""
import json
import sys

import numpy as np


def main():
    first, second = (json.load(open(p, encoding="utf-8")) for p in sys.argv[1:3])
    print("| class | n | AP | AP | difference | recall | recall | difference |\n| --- | ---: | ---: | ---: | --- | ---: | ---: | --- |")
    for name, b in second.items():
        a = first.get(name)
        if not a or not a["n"] or not b["n"]:
            continue
        assert a["n"] == b["n"] and a["scenes"] == b["scenes"], name
        row = f"| {name} | {b['n']} "
        for key in ("ap", "recall"):
            row += f"| {a[key]:.3f} | {b[key]:.3f} | {b[key] - a[key]:+.3f}"
            if key + "Draws" in a and key + "Draws" in b:
                d = [y - x for x, y in zip(a[key + "Draws"], b[key + "Draws"]) if x is not None and y is not None]
                row += " ({:+.3f} to {:+.3f})".format(*np.percentile(d, [2.5, 97.5]))
            row += " "
        print(row + "|")


if __name__ == "__main__":
    main()
