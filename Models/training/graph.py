"""The ONNX side of the network: NanoDet-Plus-m as published, resized, read as a list of operators, and written back
with new weights and this project's classes.

The graph of the trained network is the published one, operator by operator; only weights, the class rows of the last
four convolutions and the input size differ. There is no tracing exporter in between.
"""
import json
import os

import numpy as np
import onnx
from onnx import numpy_helper

CLASSES = ["person", "bicycle", "motorcycle", "tricycle", "car", "bus", "truck", "umbrella", "stall", "bin",
           "bin-overflow", "garbage"]
STRIDES = (8, 16, 32, 64)
REG_MAX = 7
SIDES = 4 * (REG_MAX + 1)


def open_package(folder):
    """A model package: its model.json and the path of its ONNX file."""
    with open(os.path.join(folder, "model.json"), encoding="utf-8") as f:
        settings = json.load(f)
    return settings, os.path.join(folder, settings["file"])


def resized(path, width, height):
    """The ONNX model for another input size (multiples of 64 or of 32): sizes baked into its reshapes are scaled."""
    m = onnx.load(path)
    dims = m.graph.input[0].type.tensor_type.shape.dim
    old_height, old_width = dims[2].dim_value, dims[3].dim_value
    shapes = {n.input[1] for n in m.graph.node if n.op_type == "Reshape"}
    for t in m.graph.initializer:
        v = numpy_helper.to_array(t).copy()
        if t.name in shapes and v.size >= 4:
            v[-2], v[-1] = v[-2] * height // old_height, v[-1] * width // old_width
            t.CopyFrom(numpy_helper.from_array(v, t.name))
    dims[2].dim_value, dims[3].dim_value = height, width
    del m.graph.value_info[:]
    for o in m.graph.output:
        o.type.tensor_type.ClearField("shape")
    return m


def head_outputs(m):
    """Names of the tensors that hold scores and distances, one a stride."""
    return [n.input[0] for n in m.graph.node if n.op_type == "Split"]


def class_rows(v, names, empty):
    """Rows of a last convolution for CLASSES: the published row where COCO has the class, else filled with `empty`."""
    mine = [v[names.index(c)] if c in names else np.full_like(v[0], empty) for c in CLASSES]
    return np.concatenate([np.stack(mine), v[len(names):]])


def multiply_adds(m, width, height):
    """Multiply-adds of all convolutions."""
    m = onnx.shape_inference.infer_shapes(m)
    shape = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in m.graph.value_info}
    weights = {i.name: i.dims for i in m.graph.initializer}
    return sum(int(np.prod(shape[n.output[0]][2:])) * int(np.prod(weights[n.input[1]]))
               for n in m.graph.node if n.op_type == "Conv")


def with_weights(path, width, height, weights, name):
    """The published graph at `path` with `weights` ({tensor name: array}) and CLASSES in place of COCO's classes."""
    m = resized(path, width, height)
    g = m.graph
    for t in g.initializer:
        if t.name in weights:
            t.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(weights[t.name], np.float32), t.name))
        elif t.name.startswith("split_"):
            t.CopyFrom(numpy_helper.from_array(np.array([len(CLASSES), SIDES], np.int64), t.name))
        elif t.name.startswith("flat_112"):
            t.CopyFrom(numpy_helper.from_array(np.array([1, len(CLASSES) + SIDES, -1], np.int64), t.name))
    keep = {g.input[0].name: "image", g.output[0].name: "output"}
    for i in g.initializer:
        keep[i.name] = f"w{len(keep)}"
    for n in g.node:
        for o in n.output:
            keep.setdefault(o, f"t{len(keep)}")
    for k, n in enumerate(g.node):
        n.name, n.doc_string = f"{n.op_type}_{k}", ""
        n.input[:] = [keep[i] if i else i for i in n.input]
        n.output[:] = [keep[o] for o in n.output]
    for v in [*g.input, *g.output, *g.initializer]:
        v.name = keep[v.name]
    cells = sum(-(-width // s) * -(-height // s) for s in STRIDES)
    shape = g.output[0].type.tensor_type.shape
    for d in (1, cells, len(CLASSES) + SIDES):
        shape.dim.add().dim_value = d
    g.name, m.producer_name, m.producer_version, m.doc_string = name, name, "", ""
    del m.metadata_props[:]
    onnx.checker.check_model(m, full_check=True)
    return m
