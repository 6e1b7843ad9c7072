"""Pedestrians: tapered limbs in a few poses. tintA is the upper garment, tintB the lower."""
import math

import numpy as np

from .mesh import Mesh

POSES = ("stand", "walk0", "walk1", "walk2", "walk3", "sit", "crouch", "push")


def person(look="man", pose="stand"):
    """`look`: man, woman (long hair, skirt), vendor (conical hat), cap; returns mesh and facts."""
    m = Mesh()
    w = {"walk0": (28, -22), "walk1": (6, 4), "walk2": (-22, 28), "walk3": (4, 6)}.get(pose, (3, -3))
    bend = {"walk0": (4, 30), "walk1": (2, 48), "walk2": (30, 4), "walk3": (48, 2)}.get(pose, (2, 2))
    hip, knee, ankle = 0.90, 0.44, 0.43
    drop = 0.0
    lean = 0.06 if pose == "push" else 0.02
    height = 1.72
    if pose == "sit":
        drop, height = 0.48, 1.24
    elif pose == "crouch":
        drop, height = 0.62, 1.12
    z = hip - drop
    skirt = look == "woman"
    low = "tintB"
    for k, s in enumerate((1, -1)):
        if pose in ("sit", "crouch"):
            kz = 0.46 if pose == "sit" else 0.56
            pts = [(0, s * .10, z), (.42 if pose == "sit" else .34, s * .14, kz), (.40 if pose == "sit" else .16, s * .13, .09)]
        else:
            a, b = math.radians(w[k]), math.radians(w[k] - bend[k])
            kn = (math.sin(a) * knee, s * .10, z - math.cos(a) * knee)
            pts = [(0, s * .095, z), kn, (kn[0] + math.sin(b) * ankle, s * .10, kn[2] - math.cos(b) * ankle)]
        m.limb(pts[:2], [.108, .078], low)
        if skirt:
            m.limb(pts[1:], [.062, .042], "skin")
        else:
            m.limb(pts[1:], [.078, .058], low)
        f = pts[2]
        m.ball((f[0] + .06, f[1], max(f[2] - .03, .045)), (.13, .052, .055), "shoe", 6, 10)
    if skirt and pose not in ("sit", "crouch"):
        m.tube((0, 0, z + .06), (0.01, 0, z - .36), .155, .21, low, 14, True, 1.0)
    # trunk: flattened
    t = lean * 1.0
    waist, chest, neck = np.array((0, 0, z + .05)), np.array((t * 3, 0, z + .34)), np.array((t * 4.5, 0, z + .56))
    if pose == "crouch":
        chest, neck = np.array((.20, 0, z + .28)), np.array((.32, 0, z + .44))
    up = "tintA"
    m.ball(waist, (.13, .165, .12), low)
    m.loft([[(c[0] + rx * math.cos(2 * math.pi * i / 14), c[1] + ry * math.sin(2 * math.pi * i / 14), c[2]) for i in range(14)]
            for c, rx, ry in ((waist, .125, .165), (waist + (chest - waist) * .45, .115, .155), (chest - (0, 0, .04), .125, .185), (chest + (0, 0, .10), .12, .20), (neck - (0, 0, .03), .085, .15), (neck + (0, 0, .02), .05, .07))],
           lambda i, j: up)
    sw = {"walk0": (-24, 26), "walk1": (-4, 6), "walk2": (26, -24), "walk3": (6, -4)}.get(pose, (2, 4))
    for k, s in enumerate((1, -1)):
        sh = neck + (0, s * .19, -.04)
        if pose == "push":
            el, ha = sh + (.18, s * .05, -.22), sh + (.46, s * .04, -.30)
        elif pose in ("sit", "crouch"):
            el, ha = sh + (.12, s * .06, -.24), sh + (.36, -s * .02, -.30)
        else:
            a = math.radians(sw[k])
            el = sh + (math.sin(a) * .28, s * .05, -math.cos(a) * .28)
            b = a + math.radians(18)
            ha = el + (math.sin(b) * .26, s * .01, -math.cos(b) * .26)
        m.limb([sh, sh + (el - sh) * .75], [.062, .052], up)
        m.limb([sh + (el - sh) * .7, el, ha], [.045, .042, .034], "skin")
        m.ball(ha + (ha - el) * .18, .045, "skin", 6, 8)
    head = neck + (.02, 0, .17)
    m.tube(neck, head, .055, None, "skin", 10)
    m.ball(head + (.01, 0, .03), (.098, .08, .125), "skin", 10, 14)
    if look == "vendor":
        m.tube(head + (0, 0, .06), head + (0, 0, .24), .27, .012, "straw", 20)
    elif look == "cap":
        m.ball(head + (-.01, 0, .075), (.112, .095, .09), "capred")
        m.box(head + (.12, 0, .07), (.12, .13, .02), "capred")
    else:
        m.ball(head + (-.018, 0, .06), (.105, .09, .11), "hair")
        if look == "woman":
            m.ball(head + (-.07, 0, -.06), (.06, .09, .17), "hair")
    if look == "man" and pose.startswith("walk"):
        m.box(neck + (-.17, 0, -.22), (.13, .26, .36), "bag")
    return m, dict(cls="person", size=(.75, .6, height + (.08 if look == "vendor" else 0)))
