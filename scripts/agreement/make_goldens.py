#!/usr/bin/env python3
"""Makes goldens.json: figures of independent scorers on random data, which the tests of Statistics and Evaluation must meet to 1e-9.

  python3 -m venv VENV && VENV/bin/pip install -r requirements.txt && VENV/bin/python make_goldens.py

Where a scorer could not be taken as it is, the reason stands beside it here.
"""
import contextlib
import importlib.metadata
import io
import json
import pathlib

import numpy as np
import sed_eval
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy import stats
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import average_precision_score, brier_score_loss, precision_recall_curve
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

random = np.random.default_rng(20240502)


def shares():
    rows = []
    for _ in range(60):
        n = int(random.integers(1, 3000))
        k = int(random.integers(0, n + 1)) if random.random() < 0.8 else int(random.choice([0, n]))
        rows.append([k, n, *proportion_confint(k, n, method="wilson"), *proportion_confint(k, n, method="beta")])
    # statsmodels gives NaN at the ends of "beta"; the bound there is 0 or 1 by definition.
    return [[0.0 if v != v and i == 4 else 1.0 if v != v else float(v) for i, v in enumerate(r)] for r in rows]


def poisson():
    rows = []
    for _ in range(40):
        k, hours = int(random.integers(0, 400)), float(random.uniform(0.1, 500))
        low = stats.chi2.ppf(0.025, 2 * k) / 2 / hours if k else 0.0
        rows.append([k, hours, low, stats.chi2.ppf(0.975, 2 * k + 2) / 2 / hours])
    return rows


def pairs():
    rows = []
    for _ in range(40):
        a, b = int(random.integers(0, 60)), int(random.integers(0, 60))
        rows.append([a, b, float(mcnemar([[5, a], [b, 5]], exact=True).pvalue) if a + b else 1.0])
    return rows


def isotonic():
    rows = []
    for n in (1, 2, 7, 40, 150):
        y, w = random.integers(0, 2, n).astype(float), random.integers(1, 5, n).astype(float)
        fit = IsotonicRegression().fit_transform(np.arange(n), y, sample_weight=w)
        rows.append({"values": y.tolist(), "weights": w.tolist(), "fitted": fit.tolist()})
    return rows


def curves():
    rows = []
    for n, ties in ((5, False), (30, True), (200, False), (200, True)):
        scores = random.random(n)
        if ties:
            scores = np.round(scores, 1)
        truth = random.random(n) < scores
        truth[0] = True
        p, r, t = precision_recall_curve(truth, scores, drop_intermediate=False)
        rows.append({"scores": scores.tolist(), "truth": truth.tolist(), "averagePrecision": float(average_precision_score(truth, scores)),
                     "brier": float(brier_score_loss(truth, scores)),
                     # by falling threshold, without the point (1, 0) that scikit-learn adds
                     "curve": [[float(t[i]), float(p[i]), float(r[i])] for i in reversed(range(len(t)))]})
    return rows


def boxes():
    """pycocotools with the size range "all"; maxDets 1000, since ours has no cap below it; the file's default areas are all counted."""
    rows = []
    for seed in range(4):
        images, annotations, results = [], [], []
        for image in range(1, 13):
            images.append({"id": image, "file_name": f"{image}.jpg", "width": 832, "height": 624})
            for _ in range(int(random.integers(0, 7))):
                w, h = random.uniform(20, 200, 2)
                x, y = random.uniform(0, 832 - w), random.uniform(0, 624 - h)
                crowd = int(random.random() < 0.15)
                label = int(random.integers(1, 3))
                box = [float(round(v, 2)) for v in (x, y, w, h)]
                annotations.append({"id": len(annotations) + 1, "image_id": image, "category_id": label, "bbox": box,
                                    "area": box[2] * box[3], "iscrowd": crowd})
                for _ in range(int(random.integers(0, 4))):
                    jitter = random.normal(0, 0.12, 4) * [w, h, w, h]
                    found = [float(round(v, 2)) for v in (x + jitter[0], y + jitter[1], max(w + jitter[2], 2), max(h + jitter[3], 2))]
                    results.append({"image_id": image, "category_id": label, "bbox": found, "score": float(round(random.random(), 6))})
            for _ in range(int(random.integers(0, 4))):
                w, h = random.uniform(10, 100, 2)
                results.append({"image_id": image, "category_id": int(random.integers(1, 3)), "score": float(round(random.random() * 0.8, 6)),
                                "bbox": [float(round(v, 2)) for v in (random.uniform(0, 832 - w), random.uniform(0, 624 - h), w, h)]})
        document = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "car"}, {"id": 2, "name": "person"}]}
        with contextlib.redirect_stdout(io.StringIO()):
            coco = COCO()
            coco.dataset = document
            coco.createIndex()
            judge = COCOeval(coco, coco.loadRes(results), "bbox")
            judge.params.maxDets = [1, 10, 1000]
            judge.evaluate()
            judge.accumulate()
        precision = judge.eval["precision"][:, :, :, 0, 2]  # overlap, recall, class
        rows.append({"coco": document, "results": results,
                     "ap50": [float(precision[0, :, k].mean()) for k in range(2)],
                     "ap5095": [float(precision[:, :, k].mean()) for k in range(2)]})
    return rows


def events():
    """sed_eval without offsets: an alarm within 10 s of due. Ours says the same where an event ends when it is due (late by 10 s)
    and a picture is taken every 10 s (early by 10 s), and every box is the same. Times end in .25 and .5, so that no distance is
    10 s."""
    rows = []
    labels = ["illegal-parking", "street-vending", "bin-overflow"]
    for _ in range(6):
        reference, system = [], []
        for _ in range(40):
            reference.append({"event_label": str(random.choice(labels)), "onset": float(random.integers(20, 900)) + 0.5})
        for _ in range(50):
            system.append({"event_label": str(random.choice(labels)), "onset": float(random.integers(20, 900)) + 0.25})
        for entry in reference + system:
            entry["offset"] = entry["onset"] + 1
            entry["file"] = "a"
        judge = sed_eval.sound_event.EventBasedMetrics(event_label_list=labels, t_collar=10.0, evaluate_onset=True, evaluate_offset=False,
                                                       event_matching_type="optimal")
        judge.evaluate(reference_event_list=reference, estimated_event_list=system)
        result = {}
        for label in labels:
            counts, figures = judge.class_wise[label], judge.results_class_wise_metrics()[label]["f_measure"]
            result[label] = [float(counts["Ntp"]), float(counts["Nfp"]), float(counts["Nfn"]), float(figures["f_measure"])]
        rows.append({"reference": [[e["event_label"], e["onset"]] for e in reference],
                     "system": [[e["event_label"], e["onset"]] for e in system], "classes": result})
    return rows


if __name__ == "__main__":
    packages = ["numpy", "scipy", "statsmodels", "scikit-learn", "pycocotools", "sed_eval"]
    document = {"madeWith": {p: importlib.metadata.version(p) for p in packages}, "shares": shares(), "poisson": poisson(), "pairs": pairs(),
                "isotonic": isotonic(), "curves": curves(), "boxes": boxes(), "events": events()}
    path = pathlib.Path(__file__).parent / "goldens.json"
    path.write_text(json.dumps(document, sort_keys=True, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size} bytes")
