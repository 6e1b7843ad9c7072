"""NanoDet-Plus-m, made trainable in PyTorch, and the geometry of its head.

The published ONNX graph is run operator by operator; its weights are parameters. Batch normalisation is folded into
them already, so batches may be small and the learning rate must be.

Output: [batch, cells, classes + 4 * (REG_MAX + 1)], cells of stride 8, then 16, 32 and 64, row by row. First the class
scores (logits), then for left, top, right, bottom a distribution over 0..REG_MAX in units of the stride, as logits.
The cell (x, y) of stride s stands at the pixel (x * s, y * s).
"""
import onnx
import torch
import torch.nn as nn
import torch.nn.functional as F
from onnx import numpy_helper

from graph import CLASSES, REG_MAX, SIDES, STRIDES, class_rows, head_outputs, open_package, resized

MEAN, SCALE = [103.53, 116.28, 123.675], [1 / 57.375, 1 / 57.12, 1 / 58.395]  # in the order blue, green, red


class Network(nn.Module):
    """The published network in `folder` with the classes of this project, or (`classes=None`) with its own."""

    def __init__(self, folder, width, height, classes=CLASSES):
        super().__init__()
        settings, path = open_package(folder)
        self.names = list(classes or settings["classes"])
        m = resized(path, width, height)
        self.input = m.graph.input[0].name
        values = {i.name: numpy_helper.to_array(i) for i in m.graph.initializer}
        makers = {o: n for n in m.graph.node for o in n.output}
        self.heads = head_outputs(m)
        needed, todo = set(), list(self.heads)
        while todo:
            node = makers.get(todo.pop())
            if node is not None and node.output[0] not in needed:
                needed.add(node.output[0])
                todo += node.input
        self.weights, self.nodes, self.tensor_names = nn.ParameterDict(), [], {}
        for n in m.graph.node:
            if n.output[0] not in needed:
                continue
            a = {x.name: onnx.helper.get_attribute_value(x) for x in n.attribute}
            consts = [values[i].tolist() if i in values and n.op_type != "Conv" else None for i in n.input]
            if n.op_type == "Conv":
                w, b = values[n.input[1]], values[n.input[2]]
                if n.output[0] in self.heads and classes:
                    # A score of 0.01 to begin with, whatever is seen: focal losses need a low prior.
                    w, b = class_rows(w, settings["classes"], 0.0), class_rows(b, settings["classes"], -4.6)
                key = f"conv{len(self.nodes)}"
                for part, value, name in (("w", w, n.input[1]), ("b", b, n.input[2])):
                    self.weights[f"{key}_{part}"] = nn.Parameter(torch.from_numpy(value.copy()))
                    self.tensor_names[f"{key}_{part}"] = name
                assert a["pads"][:2] == a["pads"][2:] and set(a.get("dilations", [1])) == {1}
                consts = key
            self.nodes.append((n.op_type, list(n.input), n.output[0], a, consts))
        self.last_use = {i: k for k, (_, ins, _, _, _) in enumerate(self.nodes) for i in ins}

    def freeze(self, convolutions, wide_depthwise):
        """Leaves the first so many convolutions as they are, and with `wide_depthwise` the 5x5 depthwise weights (their
        gradient is slow on a CPU)."""
        for k, key in enumerate(key for op, _, _, _, key in self.nodes if op == "Conv"):
            w, b = self.weights[key + "_w"], self.weights[key + "_b"]
            if k < convolutions:
                w.requires_grad_(False), b.requires_grad_(False)
            elif wide_depthwise and w.shape[1] == 1 and w.shape[2] == 5:
                w.requires_grad_(False)

    def is_new(self, name):
        """Whether a parameter belongs to the last convolutions, which have rows without training."""
        return name.split(".")[-1][:-2] in {key for op, _, out, _, key in self.nodes if out in self.heads}

    def arrays(self):
        """{tensor name in the ONNX file: array}, for `graph.with_weights`."""
        return {self.tensor_names[k]: v.detach().cpu().numpy() for k, v in self.weights.items()}

    def forward(self, x):
        v = {self.input: x}
        for k, (op, ins, out, a, c) in enumerate(self.nodes):
            x = v[ins[0]]
            if op == "Conv":
                y = F.conv2d(x, self.weights[c + "_w"], self.weights[c + "_b"], a.get("strides", 1), a["pads"][:2], 1,
                             a.get("group", 1))
            elif op == "LeakyRelu":
                y = F.leaky_relu(x, a.get("alpha", 0.01))
            elif op == "Add":
                y = x + v[ins[1]]
            elif op == "Concat":
                y = torch.cat([v[i] for i in ins], a["axis"])
            elif op == "Reshape":
                y = x.reshape([int(x.shape[0])] + c[1][1:])
                if y.ndim == 4:
                    y = y.contiguous(memory_format=torch.channels_last)
            elif op == "Transpose":
                y = x.permute(a["perm"])
            elif op == "Slice":
                (start,), (end,), (axis,) = c[1], c[2], c[3]
                y = x.narrow(axis, start, end - start)
            elif op == "Resize":
                y = F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
            elif op == "MaxPool":
                y = F.max_pool2d(x, a["kernel_shape"], a["strides"], a["pads"][:2])
            else:
                raise ValueError(f"operator {op} is not known")
            v[out] = y
            for i in ins:
                if self.last_use.get(i) == k and i not in self.heads:
                    v.pop(i, None)
        return torch.cat([v[n].reshape(int(x.shape[0]), len(self.names) + SIDES, -1) for n in self.heads], 2).permute(0, 2, 1)


def normalise(pictures):
    """uint8 [B, 3, H, W] BGR -> float input."""
    one = lambda v: torch.tensor(v, device=pictures.device).view(1, 3, 1, 1)
    return (pictures.float() - one(MEAN)) * one(SCALE)


def cells(width, height):
    """Places of the cells [N, 2] in pixels and their strides [N]."""
    points, strides = [], []
    for s in STRIDES:
        y, x = torch.meshgrid(torch.arange(-(-height // s)), torch.arange(-(-width // s)), indexing="ij")
        points.append(torch.stack([x.flatten(), y.flatten()], 1).float() * s)
        strides.append(torch.full((x.numel(),), float(s)))
    return torch.cat(points), torch.cat(strides)


def boxes_at(points, strides, logits):
    """Distribution logits [..., N, SIDES] -> corner boxes [..., N, 4] in pixels."""
    steps = torch.arange(REG_MAX + 1, dtype=torch.float32, device=logits.device)
    d = logits.unflatten(-1, (4, REG_MAX + 1)).softmax(-1) @ steps * strides[:, None]
    return torch.cat([points - d[..., :2], points + d[..., 2:]], -1)
