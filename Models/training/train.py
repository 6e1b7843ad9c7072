"""Trains the city model from the published NanoDet-Plus-m, on a CPU or a GPU.

  python train.py --data ../../../shared/dataset --start ../../../shared/models/nanodet-plus-m-416 --out RUN --samples 60000
  python train.py ... --out RUN --samples 60000 --resume      # goes on where the run stopped

Several --data folders may be given. The learning rate falls over --samples; resume with the same figure unless the run
is to be stretched or cut short. Writes into --out: last.pt (everything, every few minutes), final.pt (averaged weights)
and log.jsonl (a line every 20 steps, one an evaluation, one for every start).
"""
import argparse
import json
import math
import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # on a shared machine spinning threads cost half of the speed

import collections
import random
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

import evaluate
import pictures
from augment import Augmenter
from graph import CLASSES
from loss import Loss, retain
from network import Network, normalise


class Average:
    """Exponential moving average of the weights; young averages forget faster."""

    def __init__(self, model, decay=0.999):
        self.decay, self.steps = decay, 0
        self.state = {k: v.detach().clone() for k, v in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model):
        self.steps += 1
        d = min(self.decay, (1 + self.steps) / (20 + self.steps))
        for k, v in model.state_dict().items():
            self.state[k].lerp_(v, 1 - d)


def save(value, path):
    torch.save(value, path + ".part")
    os.replace(path + ".part", path)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", required=True, action="append", help="a data set's folder; may be repeated")
    ap.add_argument("--start", required=True, help="package folder of NanoDet-Plus-m (COCO)")
    ap.add_argument("--out", required=True)
    ap.add_argument("--samples", type=int, default=60000)
    ap.add_argument("--finish-by", type=float, help="minutes by the clock in which this call must end: the learning rate "
                                                    "falls faster where --samples would take longer")
    ap.add_argument("--size", default="544x320", help="width x height, multiples of 32")
    ap.add_argument("--batch", type=int, default=8)
    ap.add_argument("--lr", type=float, default=1e-3, help="of the last convolutions; the others get --old times it")
    ap.add_argument("--old", type=float, default=0.2)
    ap.add_argument("--freeze", type=int, default=15, help="first convolutions left as they are")
    ap.add_argument("--retain", type=float, default=0.0, help="weight of the pull towards the published network")
    ap.add_argument("--no-teacher", action="store_true", help="COCO's classes stay unknown where nobody labelled them")
    ap.add_argument("--cache", help="file that keeps the teacher's findings (teacher.json in --out)")
    ap.add_argument("--mosaic", type=float, default=0.35)
    ap.add_argument("--paste", type=float, default=0.3)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    ap.add_argument("--threads", type=int, default=os.cpu_count())
    ap.add_argument("--workers", type=int, default=1, help="threads that make samples")
    ap.add_argument("--checkpoint-minutes", type=float, default=3)
    ap.add_argument("--evaluate-minutes", type=float, default=20)
    ap.add_argument("--init", help="weights to start from (a final.pt or last.pt) in place of COCO's")
    ap.add_argument("--resume", action="store_true")
    args = ap.parse_args()
    width, height = map(int, args.size.split("x"))
    os.makedirs(args.out, exist_ok=True)
    torch.set_num_threads(args.threads)
    random.seed(args.seed), np.random.seed(args.seed), torch.manual_seed(args.seed)
    log_file = open(os.path.join(args.out, "log.jsonl"), "a", encoding="utf-8")

    def log(**row):
        line = json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()})
        print(line, flush=True)
        print(line, file=log_file, flush=True)

    begun = time.time()
    teacher = None if args.no_teacher else pictures.Teacher(args.start, args.cache or os.path.join(args.out, "teacher.json"), threads=args.threads)
    labels, found = pictures.read_labels(), []
    for root in args.data:
        for split in ("train", "unlabelled"):  # unlabelled: backgrounds, and the teacher's classes
            if os.path.exists(os.path.join(root, "annotations", split + ".json")):
                found += pictures.load(root, split, labels, teacher)
                if teacher:
                    teacher.save()
    counts = {c: int(sum((p.labels == i).sum() for p in found)) for i, c in enumerate(CLASSES)}
    of = dict(collections.Counter(p.source for p in found))
    log(event="data", pictures=len(found), sources=of, objects=counts, megabytes=sum(p.image.nbytes for p in found) // 2**20,
        seconds=time.time() - begun)

    model = Network(args.start, width, height)
    if args.init:
        state = torch.load(args.init, map_location="cpu", weights_only=True)
        model.load_state_dict(state.get("average", state["model"]))
    model.freeze(args.freeze, wide_depthwise=args.device == "cpu")
    model = model.to(args.device, memory_format=torch.channels_last)
    old = None
    if args.retain:
        old = Network(args.start, width, height, classes=None).requires_grad_(False).to(args.device, memory_format=torch.channels_last)
    groups = {}
    for name, p in model.named_parameters():
        if p.requires_grad:
            groups.setdefault((model.is_new(name), p.ndim > 1), []).append(p)
    optimiser = torch.optim.AdamW([{"params": ps, "scale": 1.0 if new else args.old, "weight_decay": 0.05 if decay else 0.0}
                                   for (new, decay), ps in groups.items()], lr=args.lr, betas=(0.9, 0.99))
    average, loss_of = Average(model), Loss(width, height, args.device)
    step, seen, spent = 0, 0, 0.0
    last = os.path.join(args.out, "last.pt")
    if args.resume and os.path.exists(last):
        c = torch.load(last, map_location=args.device, weights_only=True)
        model.load_state_dict(c["model"]), optimiser.load_state_dict(c["optimiser"])
        average.state, average.steps = c["average"], c["average_steps"]
        step, seen, spent = c["step"], c["seen"], c["spent"]
        log(event="resumed", step=step, seen=seen, minutes=spent / 60)
    augmenter = Augmenter(found, width, height, args.seed, args.mosaic, args.paste)
    log(event="start", args={k: v for k, v in vars(args).items() if k not in ("data", "out", "init", "start", "cache")},
        data_folders=len(args.data), init=bool(args.init), torch=torch.__version__,
        trained=sum(p.numel() for p in model.parameters() if p.requires_grad), parameters=sum(p.numel() for p in model.parameters()))

    def checkpoint():
        save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "average": average.state,
              "average_steps": average.steps, "step": step, "seen": seen, "spent": spent, "size": args.size}, last)

    def test():
        net = Network(args.start, width, height)
        net.load_state_dict({k: v.cpu() for k, v in average.state.items()})
        result = evaluate.run(evaluate.Detector(net, threads=args.threads), args.data[0], "val")
        log(event="evaluation", step=step, seen=seen, minutes=spent / 60, ap={k: round(r["ap"], 4) if r["n"] else None for k, r in result.items()},
            recall={k: round(r["recall"], 4) if r["n"] else None for k, r in result.items()}, n={k: r["n"] for k, r in result.items()})

    makers = ThreadPoolExecutor(args.workers)
    ahead, asked = collections.deque(), seen

    def ask():
        nonlocal asked
        ahead.append([makers.submit(augmenter.sample, asked + i) for i in range(args.batch)])
        asked += args.batch

    for _ in range(4):
        ask()
    model.train()
    saved = tested = spent
    sums, since, since_seen = {}, spent, seen
    started, first = time.time(), seen / args.samples
    while seen < args.samples:
        clock, done = time.time(), seen / args.samples
        if args.finish_by:
            done = max(done, first + (1 - first) * (clock - started) / (60 * args.finish_by))
            if done >= 1:
                break
        rate = args.lr * min(1.0, (step + 1) / 60) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
        for g in optimiser.param_groups:
            g["lr"] = rate * g["scale"]
        samples = [f.result() for f in ahead.popleft()]
        ask()
        x = torch.from_numpy(np.stack([s[0] for s in samples])).to(args.device)
        x = normalise(x).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cuda", torch.bfloat16, enabled=args.device == "cuda"):
            out = model(x)
        loss, parts = loss_of(out, samples)
        if old is not None:
            with torch.no_grad():
                before = old(x)
            cls, dfl = retain(out, before, old.names)
            loss = loss + args.retain * (cls + 0.25 * dfl)
            parts |= {"retain": cls.item()}
        optimiser.zero_grad(set_to_none=True)
        step, seen = step + 1, seen + len(samples)
        if not torch.isfinite(loss):
            log(event="skipped", step=step, reason="loss is not finite")
            continue
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimiser.step()
        average.update(model)
        spent += time.time() - clock
        for k, v in {"loss": loss.item(), **parts}.items():
            sums.setdefault(k, []).append(v)
        if step % 20 == 0:
            log(step=step, minutes=spent / 60, seen=seen, done=done, rate=rate, picturesPerSecond=(seen - since_seen) / max(spent - since, 1e-9),
                **{k: float(np.mean(v)) for k, v in sums.items()})
            sums, since, since_seen = {}, spent, seen
        if spent - saved > args.checkpoint_minutes * 60:
            checkpoint()
            saved = spent
        if spent - tested > args.evaluate_minutes * 60:
            checkpoint()
            test()
            tested = spent
    checkpoint()
    save({"model": average.state, "size": args.size, "step": step, "seen": seen}, os.path.join(args.out, "final.pt"))
    test()
    makers.shutdown(cancel_futures=True)


if __name__ == "__main__":
    main()
