"""Weights between the published network and a trained one: what both have is `share` times the trained weights and the
rest the published ones; rows of classes that COCO lacks stay as trained. Wortsman et al., Robust fine-tuning of
zero-shot models, 2022: much of what fine-tuning forgot comes back for little of what it learned.

  python average.py --weights RUN/final.pt --start ../../../shared/models/nanodet-plus-m-416 --share 0.8 --out between.pt
"""
import argparse

import torch

from graph import CLASSES, open_package
from network import Network


def between(trained, start, share, width=416, height=416):
    """`trained`: a state dict of Network; `start`: the published package's folder."""
    net = Network(start, width, height)
    coco = {CLASSES.index(c) for c in open_package(start)[0]["classes"] if c in CLASSES}
    new = [i for i in range(len(CLASSES)) if i not in coco]
    state = {}
    for name, published in net.state_dict().items():
        state[name] = published.lerp(trained[name], share)
        if net.is_new(name):
            state[name][new] = trained[name][new]
    return state


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--weights", required=True)
    ap.add_argument("--start", required=True)
    ap.add_argument("--share", type=float, required=True)
    ap.add_argument("--out", required=True)
    args = ap.parse_args()
    saved = torch.load(args.weights, map_location="cpu", weights_only=True)
    torch.save({"model": between(saved.get("average", saved["model"]), args.start, args.share), "size": saved["size"],
                "step": saved["step"], "seen": saved["seen"], "share": args.share}, args.out)


if __name__ == "__main__":
    main()
