"""A row of things before a plain wall of daylight, large: to judge a mesh before sprites of it are rendered."""
import math

import bpy
import cv2
import numpy as np

from . import blend
from .places import Camera
from .play import COLOURS, build


def row(models, out, colours=("blue", "navy"), headings=(200,), width=1.3, samples=8):
    """Writes a PNG of `models` [(kind, look, pose)] side by side, a line per heading, with tints as colours of the material."""
    lines = []
    for h in headings:
        s = blend.reset()
        n = len(models)
        span = width * n
        cam = Camera((0, -22, 8.5), 0, 18.5, math.degrees(2 * math.atan(span / 2 / 23.0)))
        blend.camera(cam)
        L = blend.Lights(dict(sun=(-60, 48), lamps=(), road=(-5, 5)), cam)
        d = bpy.data.meshes.new("ground")
        d.from_pydata([(-60, -30, 0), (60, -30, 0), (60, 90, 0), (-60, 90, 0)], [], [(0, 1, 2, 3)])
        d.materials.append(blend.material("ground", (.2, .2, .2), .9))
        s.collection.objects.link(bpy.data.objects.new("ground", d))
        for k, m in enumerate(models):
            mesh, f = build(*m)
            o = blend.object_of(mesh, "m", .012 if m[0] not in ("person", "bags") else 0, f["cls"] in ("person", "umbrella", "stall"))
            o.location, o.rotation_euler = (width * (k - (n - 1) / 2), 0, 0), (0, 0, math.radians(h))
        for n_, m in blend._made.items():
            for t, c in (("tintA", colours[0]), ("tintB", colours[1])):
                if n_.startswith(t):
                    m.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (*COLOURS[c], 1)
        L.only("sky")
        for o in L.objects["sun"]:
            o.hide_render = False
        a = blend.render(samples, (0, int(180 - 640 * 1.25 / width / n * 1.5 * .9), 640, int(180 + 640 * 1.25 / width / n)), 1.0)
        x = np.clip(a[..., :3] * 1.5, 0, 4)
        g = np.clip(1.03 * (1 - np.exp(-1.25 * x)), 0, 1) ** (1 / 2.2)
        lines.append((g[..., ::-1] * 255).astype(np.uint8))
    cv2.imwrite(out, np.vstack(lines))
