"""What training minimises: task-aligned assignment, varifocal classification, GIoU and distribution focal loss on
boxes, with unknowns masked; and the pull towards the published network where nobody labelled COCO's classes.

Task-aligned assignment: Feng et al., TOOD, 2021. Varifocal loss: Zhang et al., VarifocalNet, 2021. Distribution focal
loss: Li et al., Generalized Focal Loss, 2020. Generalised IoU: Rezatofighi et al., 2019.
"""
import torch
import torch.nn.functional as F

from augment import CELL
from graph import REG_MAX
from network import boxes_at, cells
from pictures import EXCLUDES, NC


def area(b):
    return (b[..., 2:] - b[..., :2]).clamp(min=0).prod(-1)


def pairwise_iou(a, b, eps=1e-7):
    """a [..., G, 4], b [..., N, 4] -> [..., G, N]"""
    lt = torch.maximum(a[..., :, None, :2], b[..., None, :, :2])
    rb = torch.minimum(a[..., :, None, 2:], b[..., None, :, 2:])
    inter = (rb - lt).clamp(min=0).prod(-1)
    return inter / (area(a)[..., :, None] + area(b)[..., None, :] - inter + eps)


def giou(a, b, eps=1e-7):
    """Of boxes one by one, [..., 4]."""
    inter = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(min=0).prod(-1)
    hull = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).clamp(min=0).prod(-1)
    union = area(a) + area(b) - inter
    return inter / (union + eps) - (hull - union) / (hull + eps)


class Loss:
    def __init__(self, width, height, device="cpu", topk=10, alpha=1.0, beta=6.0):
        points, strides = cells(width, height)
        self.cell = (points / CELL).long()
        self.points, self.strides = points.to(device), strides.to(device)
        self.topk, self.alpha, self.beta, self.device = topk, alpha, beta, device
        self.excludes = torch.from_numpy(EXCLUDES).to(device)

    def __call__(self, out, samples):
        """`out`: the network's output [B, N, NC + SIDES]; `samples`: what augment.Augmenter makes."""
        to = lambda v: torch.from_numpy(v).to(self.device)
        B, N = out.shape[:2]
        logits, dist = out[..., :NC].float(), out[..., NC:].float()
        boxes = boxes_at(self.points, self.strides, dist)
        G = max(1, max(len(s[1]) for s in samples))
        gt, label, weight = (torch.zeros(B, G, 4), torch.zeros(B, G, dtype=torch.long), torch.zeros(B, G))
        for i, (_, b, l, w, _, _) in enumerate(samples):
            if len(b):
                gt[i, :len(b)], label[i, :len(b)], weight[i, :len(b)] = map(torch.from_numpy, (b, l, w))
        gt, label, weight = gt.to(self.device), label.to(self.device), weight.to(self.device)
        known = torch.stack([torch.from_numpy(s[5])[self.cell[:, 1], self.cell[:, 0]] for s in samples]).to(self.device)
        with torch.no_grad():
            target, owner, positive = self.assign(logits.sigmoid(), boxes, gt, label, weight)
            # Within an object nothing stands of the classes that it excludes: a lorry is no bin, although nobody looked
            # for bins in that picture.
            p = self.points[None, None]
            inside = ((p > gt[:, :, None, :2]) & (p < gt[:, :, None, 2:])).all(-1) & (weight > 0)[..., None]
            known |= torch.einsum("bgn,bgc->bnc", inside.float(), self.excludes[label].float()) > 0
            for i, s in enumerate(samples):
                if len(s[4]):
                    place = to(s[4])
                    inside = ((self.points >= place[:, None, :2] - 2) & (self.points <= place[:, None, 2:4] + 2)).all(-1)
                    for c in place[:, 4].unique().long().tolist():
                        known[i, inside[place[:, 4] == c].any(0) & ~positive[i], c] = False
            if positive.any():  # the object's own class is known, and so are the classes that it excludes
                b, n = positive.nonzero(as_tuple=True)
                mine = label[b, owner[b, n]]
                known[b, n] |= F.one_hot(mine, NC).bool() | self.excludes[mine]
        score = logits.sigmoid()
        # Varifocal: an object's cell is weighted by its target, all others by how wrong they are.
        factor = torch.where(target > 0, target, 0.75 * score.detach() ** 2) * known
        total = target.sum().clamp(min=1.0)
        cls = (F.binary_cross_entropy_with_logits(logits, target, reduction="none") * factor).sum() / total
        if not positive.any():
            return cls, {"cls": cls.item(), "box": 0.0, "dfl": 0.0, "positive": 0}
        b, n = positive.nonzero(as_tuple=True)
        want, step, at = gt[b, owner[b, n]], self.strides[n], self.points[n]
        w = target[b, n].amax(-1)
        box = ((1 - giou(boxes[b, n], want)) * w).sum() / total
        ltrb = (torch.cat([at - want[:, :2], want[:, 2:] - at], 1) / step[:, None]).clamp(0, REG_MAX - 0.01)
        low = ltrb.long()
        frac = ltrb - low
        logp = dist[b, n].unflatten(-1, (4, REG_MAX + 1)).log_softmax(-1)
        dfl = -(logp.gather(-1, low[..., None]).squeeze(-1) * (1 - frac)
                + logp.gather(-1, low[..., None] + 1).squeeze(-1) * frac).mean(-1)
        dfl = (dfl * w).sum() / total
        return cls + 2.5 * box + 0.5 * dfl, {"cls": cls.item(), "box": box.item(), "dfl": dfl.item(), "positive": len(b) / B}

    def assign(self, score, boxes, gt, label, weight):
        """Target scores [B, N, NC], the object of each cell [B, N], and which cells are positive [B, N]."""
        B, N = score.shape[:2]
        p, s = self.points, self.strides
        sides = torch.cat([p[None, None] - gt[:, :, None, :2], gt[:, :, None, 2:] - p[None, None]], -1)
        centre = (gt[..., :2] + gt[..., 2:]) / 2
        near = ((p[None, None] - centre[:, :, None]).abs().amax(-1) < 0.75 * s)  # small objects may contain no cell
        # The top level takes what is too large for every level; elsewhere the distances must be representable.
        fits = (sides.amax(-1) < REG_MAX * s * 1.02) | (s == s.max())
        candidate = ((sides.amin(-1) > 0) | near) & fits & (weight > 0)[..., None]
        iou = pairwise_iou(gt, boxes)
        mine = score.transpose(1, 2).gather(1, label[..., None].expand(-1, -1, N))  # [B, G, N]
        metric = (mine ** self.alpha * iou ** self.beta + 1e-12 * near) * candidate
        value, index = metric.topk(min(self.topk, N), -1)
        chosen = torch.zeros_like(metric, dtype=torch.bool).scatter_(-1, index, value > 0)
        # A cell wanted by several objects goes to the one that it overlaps most.
        rivals = torch.where(chosen, iou + 1e-6, torch.zeros_like(iou))
        best, owner = rivals.max(1)
        positive = best > 0
        chosen &= F.one_hot(owner, gt.shape[1]).transpose(1, 2).bool()
        metric = metric * chosen
        reach = (iou * chosen).amax(-1, keepdim=True)
        quality = metric / (metric.amax(-1, keepdim=True) + 1e-15) * reach.clamp(min=0.05)
        quality = (quality * weight[..., None]).gather(1, owner[:, None]).squeeze(1)
        quality = torch.where(positive, quality.clamp(min=1e-3), torch.zeros_like(quality))
        target = torch.zeros(B, N, NC, device=score.device)
        target.scatter_(-1, label.gather(1, owner)[..., None], quality[..., None])
        return target, owner, positive


def retain(out, old, names):
    """How far the scores of COCO's classes and the boxes have moved from the published network's (`old`, its output on
    the same pictures, with classes `names`): cross entropy to its scores and to its side distributions, weighted by the
    score, so that empty street counts little."""
    from graph import CLASSES
    mine = [i for i, c in enumerate(CLASSES) if c in names]
    theirs = [names.index(CLASSES[i]) for i in mine]
    with torch.no_grad():
        score = old[..., theirs].float().sigmoid()
        sides = old[..., len(names):].float().unflatten(-1, (4, REG_MAX + 1)).softmax(-1)
        best = score.amax(-1) * (score.amax(-1) > 0.15)
        total = best.sum().clamp(min=1.0)
    logits = out[..., mine].float()
    wrong = (logits.detach().sigmoid() - score).abs()
    cls = (F.binary_cross_entropy_with_logits(logits, score, reduction="none") * wrong).sum() / total
    logp = out[..., NC:].float().unflatten(-1, (4, REG_MAX + 1)).log_softmax(-1)
    dfl = (-(sides * logp).sum(-1).mean(-1) * best).sum() / total
    return cls, dfl
