"""Sprites: a thing at one place before one camera, rendered once per light and kept.

Several things that neither hide nor shade each other share one render. A sprite file holds the colour under each light, its
cover, the masks of both tint channels, and the sun's shadow on the ground as a factor. `region` is in pixels of the picture;
`scale` says how many pixels of the sprite make one of those.
"""
import hashlib
import json
import math
import os
import time

import numpy as np

from .places import HEIGHT, PLACES, WIDTH, camera_of, height_at

# Raised when a mesh or its materials change, so that only those sprites are rendered again.
VERSIONS = {"person": 2, "motorcyclist": 3, "wheelie": 2, "litterbin": 2, "skip": 2, "bags": 2}
SAMPLES = {"day": 14, "sky": 10}
COARSE = {"sedan", "hatch", "suv", "taxi", "van", "minibus", "bus", "truck"}      # large enough at one pixel a pixel; all else is drawn at twice that
OVER = 1.5               # sprites may reach beyond the picture, so that a thing half outside can be drawn further in


def name_of(place, key):
    kind = key[0]
    text = json.dumps([place, PLACES[place]["position"], PLACES[place]["yaw"], PLACES[place]["pitch"], PLACES[place]["hfov"], PLACES[place]["sun"], key, VERSIONS.get(kind, 1)])
    return f"{place}-{kind}-" + hashlib.sha1(text.encode()).hexdigest()[:14]


def path_of(cache, place, key, light):
    return os.path.join(cache, "sprites", f"{name_of(place, key)}.{light}.npz")


def _corners(place, key, size):
    kind, look, pose, x, y, heading = key
    l, w, h = size
    a = math.radians(heading)
    z = height_at(place, x)
    out = []
    for p in (-.56, .56):
        for q in (-.58, .58):
            px, py = x + p * l * math.cos(a) - q * w * math.sin(a), y + p * l * math.sin(a) + q * w * math.cos(a)
            for r in (0, h * 1.04):
                out.append((px, py, z + r))
    return np.array(out)


def _region(cam, points, margin):
    uv = cam.project(points)
    left, top = int(WIDTH * (OVER - 1) / 2), int(HEIGHT * (OVER - 1) / 2)
    if (uv[:, 2] < .5).any():
        return -left, -top, WIDTH + left, HEIGHT + top
    u0, v0 = np.floor(uv[:, :2].min(0)).astype(int) - margin
    u1, v1 = np.ceil(uv[:, :2].max(0)).astype(int) + margin
    u0, v0, u1, v1 = [2 * (int(q) // 2) for q in (u0, v0, u1 + 1, v1 + 1)]
    return max(-left, u0), max(-top, v0), min(WIDTH + left, u1), min(HEIGHT + top, v1)


def _shadow_points(corners, sun):
    low = corners[:, 2].min()
    k = (corners[:, 2] - low) / sun[2]
    ground = corners - k[:, None] * sun
    return np.concatenate([ground, corners[corners[:, 2] < low + .01]])


def _overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def render_missing(place_name, keys, light, cache, log=print, limit=None):
    """Renders the sprites of `keys` that the cache lacks; a dictionary gives their order. Returns how many were made."""
    order = keys if isinstance(keys, dict) else {}
    os.makedirs(os.path.join(cache, "sprites"), exist_ok=True)
    todo = [k for k in keys if not os.path.exists(path_of(cache, place_name, k, light))]
    if not todo:
        return 0
    import bpy
    from . import blend
    from .play import build
    place, cam = PLACES[place_name], camera_of(place_name)
    s = blend.reset()
    blend.camera(cam, OVER)
    L = blend.Lights(place, cam)
    for n, (x0, x1, z, c) in enumerate(((*place["road"], 0, .12), (*place["left"], .13, .22), (*place["right"], .13, .22))):
        d = bpy.data.meshes.new("ground")
        if n == 1:
            x0 -= 40
        if n == 2:
            x1 += 40
        d.from_pydata([(x0, -60, z), (x1, -60, z), (x1, 160, z), (x0, 160, z)], [], [(0, 1, 2, 3)])
        d.materials.append(blend.material(f"ground{n}", (c, c, c), .9))
        o = bpy.data.objects.new("ground", d)
        s.collection.objects.link(o)
        o["ground"] = True
    grounds = [o for o in s.objects if o.get("ground")]
    white = blend.material("shadow-ground", (.8, .8, .8), 1.0)
    own = [o.data.materials[0] for o in grounds]
    flat = {}
    for n, c in (("mask-a", (1, 0, 0)), ("mask-b", (0, 1, 0)), ("mask-n", (0, 0, 0))):
        m = bpy.data.materials.new(n)
        m.use_nodes = True
        m.node_tree.nodes.clear()
        out, em = m.node_tree.nodes.new("ShaderNodeOutputMaterial"), m.node_tree.nodes.new("ShaderNodeEmission")
        em.inputs["Color"].default_value = (*c, 1)
        m.node_tree.links.new(em.outputs[0], out.inputs[0])
        flat[n] = m
    made, meshes, info = {}, {}, {}
    for k in todo:
        model = k[:3]
        if model not in info:
            meshes[model], info[model] = build(*model)
    sun = L.sun_direction
    entries = []
    for k in todo:
        c = _corners(place_name, k, info[k[:3]]["size"])
        r = _region(cam, c, 3)
        if r[2] - r[0] < 3 or r[3] - r[1] < 3:
            np.savez_compressed(path_of(cache, place_name, k, light), empty=True)
            continue
        sh = _region(cam, _shadow_points(c, sun), 4)
        both = (min(r[0], sh[0]), min(r[1], sh[1]), max(r[2], sh[2]), max(r[3], sh[3]))
        entries.append((k, c, r, sh, both))
    entries.sort(key=lambda e: (order.get(e[0], 0), -(e[2][2] - e[2][0]) * (e[2][3] - e[2][1]), e[0]))
    batches = []
    for e in entries:
        for b in batches:
            if len(b) < 14 and all(not _overlap(e[4], o[4]) and math.hypot(e[0][3] - o[0][3], e[0][4] - o[0][4]) > .6 * (max(info[e[0][:3]]["size"]) + max(info[o[0][:3]]["size"])) + 1.2 for o in b):
                b.append(e)
                break
        else:
            batches.append([e])
    log(f"{place_name} {light}: {len(entries)} sprites in {len(batches)} renders")
    count, begun, cpu = 0, time.time(), sum(os.times()[:2])
    for n, b in enumerate(batches):
        objects = []
        for k, *_ in b:
            model = k[:3]
            if model not in made:
                o = blend.object_of(meshes[model], "m", .012 if model[0] not in ("person", "bags") else 0, info[model]["cls"] in ("person", "umbrella", "stall") or model[0] in ("motorcyclist",))
                graph = bpy.context.evaluated_depsgraph_get()
                data = bpy.data.meshes.new_from_object(o.evaluated_get(graph))
                bpy.data.objects.remove(o)
                made[model] = data
            o = bpy.data.objects.new("thing", made[model])
            o.location = (k[3], k[4], height_at(place_name, k[3]))
            o.rotation_euler = (0, 0, math.radians(k[5]))
            s.collection.objects.link(o)
            objects.append(o)
        # colour
        for o in grounds:
            o.visible_camera = False
        s.cycles.max_bounces, s.cycles.diffuse_bounces = 3, 2
        L.only("sky")
        if light == "day":
            for o in L.objects["sun"]:
                o.hide_render = False
        scale = [1.0 if e[0][0] in COARSE else 2.0 for e in b]
        shades = [blend.render(SAMPLES[light], e[2], q, over=OVER) for e, q in zip(b, scale)]      # the denoiser's cost goes by area
        # masks of the tint channels
        L.only("none")
        kept = {}
        for data in {id(o.data): o.data for o in objects}.values():
            kept[data] = list(data.materials)
            for q, m in enumerate(kept[data]):
                data.materials[q] = flat["mask-a" if m.name.startswith("tintA") else "mask-b" if m.name.startswith("tintB") else "mask-n"]
        for o in grounds:
            o.hide_render = True
        masks = [blend.render(8, e[2], q, False, over=OVER) for e, q in zip(b, scale)]
        for data, ms in kept.items():
            for q, m in enumerate(ms):
                data.materials[q] = m
        for o in grounds:
            o.hide_render = False
        # the sun's shadow, at half size
        shadow = None
        if light == "day":
            us = tuple(f(e[3][q] for e in b) for q, f in ((0, min), (1, min), (2, max), (3, max)))
            L.only("sun")
            s.cycles.max_bounces = 0
            for o in grounds:
                o.visible_camera = True
                o.data.materials[0] = white
            for o in objects:
                o.visible_camera = False
            lit = blend.render(6, us, .5, False, over=OVER)
            for o, m in zip(grounds, own):
                o.data.materials[0] = m
            full = .8 * L.objects["sun"][0].data.energy * sun[2] / math.pi
            shadow = np.clip(lit[..., 1] / (full * .93 + 1e-6), 0, 1)
        for o in objects:
            bpy.data.objects.remove(o)
        for (k, c, r, sh, _), a, m, q in zip(b, shades, masks, scale):
            out = dict(region=np.array(r), scale=int(q), rgb=a[..., :3].astype(np.float16), alpha=np.clip(m[..., 3] * 255 + .5, 0, 255).astype(np.uint8), a=np.clip(m[..., 0] * 255 + .5, 0, 255).astype(np.uint8), b=np.clip(m[..., 1] * 255 + .5, 0, 255).astype(np.uint8))
            if shadow is not None:
                ys, xs = slice((sh[1] - us[1]) // 2, (sh[3] - us[1]) // 2), slice((sh[0] - us[0]) // 2, (sh[2] - us[0]) // 2)
                out["shadow"], out["shadow_region"] = np.clip(shadow[ys, xs] * 255 + .5, 0, 255).astype(np.uint8), np.array(sh)
            p = path_of(cache, place_name, k, light)
            np.savez_compressed(p + ".part.npz", **out)
            os.replace(p + ".part.npz", p)
            count += 1
        log(f"  {n + 1}/{len(batches)}: {count} sprites, {time.time() - begun:.0f} s, {sum(os.times()[:2]) - cpu:.0f} s of CPU")
        if limit and time.time() - begun > limit:
            break
    return count


def load(cache, place, key, light):
    """The sprite, or one of another light as a stand-in, or None."""
    for l in (light, "day" if light == "sky" else "sky"):
        p = path_of(cache, place, key, l)
        if os.path.exists(p):
            with np.load(p) as f:
                return {k: f[k] for k in f.files} | {"light": l}
    return None
