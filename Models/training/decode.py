"""From the network's output to boxes, in numpy."""
import numpy as np


def decode(out, classes, strides, reg_max, width, height):
    """Output [N, classes + 4 * (reg_max + 1)] -> scores [N, classes], corner boxes [N, 4] in network pixels."""
    points, step = [], []
    for s in strides:
        y, x = np.meshgrid(np.arange(-(-height // s)), np.arange(-(-width // s)), indexing="ij")
        points.append(np.stack([x.ravel(), y.ravel()], 1) * s)
        step.append(np.full(x.size, s))
    points, step = np.concatenate(points).astype(np.float32), np.concatenate(step).astype(np.float32)
    d = out[:, classes:].reshape(-1, 4, reg_max + 1)
    d = np.exp(d - d.max(2, keepdims=True))
    d = (d / d.sum(2, keepdims=True)) @ np.arange(reg_max + 1, dtype=np.float32) * step[:, None]
    boxes = np.concatenate([points - d[:, :2], points + d[:, 2:]], 1)
    boxes[:, 0::2] = boxes[:, 0::2].clip(0, width)
    boxes[:, 1::2] = boxes[:, 1::2].clip(0, height)
    return out[:, :classes], boxes


def nms(boxes, scores, threshold):
    """Indices kept, best first; ties go to the lower index."""
    order, keep = np.argsort(-scores, kind="stable"), []
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    while order.size:
        i, rest = order[0], order[1:]
        keep.append(int(i))
        iw = (np.minimum(boxes[i, 2], boxes[rest, 2]) - np.maximum(boxes[i, 0], boxes[rest, 0])).clip(0)
        ih = (np.minimum(boxes[i, 3], boxes[rest, 3]) - np.maximum(boxes[i, 1], boxes[rest, 1])).clip(0)
        inter = iw * ih
        order = rest[inter <= threshold * (area[i] + area[rest] - inter)]
    return keep


def overlap(a, b):
    """IoU of two corner boxes."""
    iw, ih = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if iw <= 0 or ih <= 0:
        return 0.0
    return iw * ih / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - iw * ih)
