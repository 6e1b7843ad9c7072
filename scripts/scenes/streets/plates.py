"""Plates of a place: linear pictures by light, glow of lamps and shops, depth, and where the sun reaches."""
import os
import time

import bpy
import numpy as np

from . import blend, street
from .places import HEIGHT, PLACES, WIDTH, camera_of

PLATE_VERSION = 3


def _depth_material(cam):
    m = bpy.data.materials.new("depth")
    m.use_nodes = True
    nt = m.node_tree
    nt.nodes.clear()
    out, em, cd = nt.nodes.new("ShaderNodeOutputMaterial"), nt.nodes.new("ShaderNodeEmission"), nt.nodes.new("ShaderNodeCameraData")
    nt.links.new(cd.outputs["View Z Depth"], em.inputs["Color"])
    nt.links.new(em.outputs[0], out.inputs[0])
    return m


def plate(place_name, cache, lights, log=print):
    """Renders what is missing of {light}, glow and geometry of a place into `cache`/plate-NAME-*.npz."""
    def path(part):
        return os.path.join(cache, f"plate-{place_name}-{part}-{PLATE_VERSION}.npz")
    wanted = [q for q in list(lights) + ["glow", "geometry"] if not os.path.exists(path(q))]
    if not wanted:
        return
    place, cam = PLACES[place_name], camera_of(place_name)
    s = blend.reset()
    blend.camera(cam)
    L = blend.Lights(place, cam)
    street.build(place, L)
    for part in wanted:
        t = time.time()
        if part == "geometry":
            continue
        if part == "day":
            L.only("sky")
            for o in L.objects["sun"]:
                o.hide_render = False
            a = blend.render(place["samples"][0])
        elif part == "sky":
            L.only("sky")
            a = blend.render(place["samples"][1])
        else:
            L.only("lamp")
            for o in L.objects["lamp"]:
                o.hide_render = True
            a = blend.render(place["samples"][2])
        np.savez_compressed(path(part), rgb=a[..., :3].astype(np.float16), alpha=a[..., 3].astype(np.float16))
        log(f"plate {place_name} {part}: {time.time() - t:.1f} s")
    if "geometry" in wanted:
        t = time.time()
        graph = bpy.context.evaluated_depsgraph_get()
        d = L.sun_direction
        step = place["grid"]
        gx, gy = np.arange(place["left"][0], place["right"][1] + step, step), np.arange(4, 80, step)
        sun = np.zeros((len(gy), len(gx)), np.float16)
        for j, y in enumerate(gy):
            for i, x in enumerate(gx):
                sun[j, i] = not s.ray_cast(graph, (float(x), float(y), .7), tuple(d))[0]
        over = _depth_material(cam)
        for o in s.objects:
            if hasattr(o.data, "materials"):
                for k in range(len(o.data.materials)):
                    o.data.materials[k] = over
        L.only("none")
        full = blend.render(1, None, 2.0, False, .01)
        for o in s.objects:
            if o.type in ("MESH", "FONT") and not o.get("solid"):
                o.hide_render = True
        solid = blend.render(1, None, 2.0, False, .01)

        def z(a):
            return np.where(a[..., 3] > .5, a[..., 0], 9999).astype(np.float32)
        np.savez_compressed(path("geometry"), depth=z(full), solid=z(solid), sun=sun, gx=gx, gy=gy)
        log(f"plate {place_name} geometry: {time.time() - t:.1f} s")


def load(place_name, cache):
    out = {}
    for part in ("day", "sky", "glow", "geometry"):
        p = os.path.join(cache, f"plate-{place_name}-{part}-{PLATE_VERSION}.npz")
        if os.path.exists(p):
            with np.load(p) as f:
                out[part] = {k: f[k] for k in f.files}
    return out
