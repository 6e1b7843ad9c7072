"""Pedestrians: tapered limbs in a few poses. tintA is the upper garment, tintB the lower."""
import math

import numpy as np

from .mesh import Mesh

POSES = ("stand", "walk0", "walk1", "sit", "crouch", "push")
LONG = ("woman", "vendor")          # looks with long sleeves


def _rings(m, rows, material, sides=16):
    """A trunk of ellipses (x, z, half depth, half width)."""
    m.loft([[(x + rx * math.cos(2 * math.pi * i / sides), ry * math.sin(2 * math.pi * i / sides), z) for i in range(sides)] for x, z, rx, ry in rows], lambda i, j: material)


def _foot(m, ankle, pitch):
    """A shoe below an ankle; pitch > 0 lifts the heel. Returns its lowest point."""
    c, s = math.cos(math.radians(pitch)), math.sin(math.radians(pitch))
    a = np.array([[c, 0, s, ankle[0]], [0, 1, 0, ankle[1]], [-s, 0, c, ankle[2]], [0, 0, 0, 1]])
    shoe = Mesh()
    shoe.ball((.055, 0, -.045), (.135, .05, .042), "shoe", 8, 12)
    shoe.box((.05, 0, -.075), (.25, .09, .03), "sole", (.96, .96))
    shoe.ball((-.01, 0, -.01), (.055, .048, .06), "shoe", 6, 10)
    m.merge(shoe, a)
    return min(a[2] @ (x, 0, -.09, 1) for x in (-.075, .175))


def person(look="man", pose="stand"):
    """`look`: man, woman (long hair, skirt), vendor (conical hat, long sleeves), cap; returns mesh and facts."""
    m = Mesh()
    thigh, shin = .43, .41
    swing = {"walk0": (25, -20), "walk1": (12, -2), "push": (20, -16)}.get(pose, (2, -2))
    bend = {"walk0": (4, 16), "walk1": (52, 3), "push": (6, 18)}.get(pose, (3, 1))
    tip = {"walk0": (-14, 32), "walk1": (34, 0), "push": (-8, 30)}.get(pose, (0, 0))
    skirt = look == "woman" and pose not in ("sit", "crouch")
    low, legs = 1e9, []
    seat = {"sit": .47, "crouch": .26}.get(pose)
    for k, s in enumerate((1, -1)):
        y = s * .088
        if pose == "sit":
            pts, t = [(0, y, 0), (.42, s * .12, .02), (.40, s * .12, -.38)], 0
        elif pose == "crouch":
            pts, t = [(0, y, 0), (.36, s * .17, .24), (.10, s * .14, -.16)], 14
        else:
            a, b = math.radians(swing[k]), math.radians(swing[k] - bend[k])
            kn = np.array((math.sin(a) * thigh, y * 1.02, -math.cos(a) * thigh))
            pts, t = [(0, y, 0), kn, kn + (math.sin(b) * shin, 0, -math.cos(b) * shin)], tip[k]
        legs.append((np.array(pts), t))
        f = Mesh()
        low = min(low, _foot(f, pts[2], t))
    z = -low                        # the hip's height, so that the lower foot touches the ground
    up, down = "tintA", "tintB"
    for pts, t in legs:
        p = pts + (0, 0, z)
        _foot(m, p[2], t)
        if skirt:
            m.limb(p[:2], [.075, .056], "skin"), m.limb(p[1:], [.056, .036], "skin")
        else:
            m.limb(p[:2], [.098, .072], down), m.limb(p[1:], [.070, .055], down)
    lean = {"push": .10, "crouch": .30, "sit": -.02}.get(pose, .015)
    wide = .92 if look == "woman" else 1.0
    if skirt:
        _rings(m, [(.015, z - .44, .165, .205), (.01, z - .2, .155, .19), (0, z, .125, .172), (0, z + .12, .105, .145)], down)
    else:
        _rings(m, [(0, z - .10, .105, .165), (0, z, .122, .172), (0, z + .13, .105, .145)], down)
    h = lambda q: (lean * q, z + q * math.cos(min(lean, .9)))       # noqa: E731
    rows = [(.02, .130, .178), (.10, .124, .165), (.20, .112, .150), (.32, .122, .168), (.42, .124, .186), (.49, .105, .190), (.53, .080, .150), (.56, .056, .072)]
    _rings(m, [(*h(q * 1.0), rx, ry * wide) for q, rx, ry in rows], up)
    arms = {"walk0": (-24, 28), "walk1": (-8, 12)}.get(pose, (3, -2))
    for k, s in enumerate((1, -1)):
        sh = np.array((h(.49)[0], s * .182 * wide, h(.49)[1]))
        if pose == "push":
            el, ha = sh + (.14, s * .05, -.25), sh + (.38, s * .03, -.30)
        elif pose == "sit":
            el, ha = sh + (.06, s * .07, -.27), sh + (.28, -s * .02, -.32)
        elif pose == "crouch":
            el, ha = sh + (.20, s * .06, -.20), sh + (.42, -s * .04, -.28)
        else:
            a = math.radians(arms[k])
            el = sh + (math.sin(a) * .28, s * .045, -math.cos(a) * .28)
            b = a + math.radians(34 if pose.startswith("walk") and arms[k] > 0 else 12)
            ha = el + (math.sin(b) * .25, -s * .01, -math.cos(b) * .25)
        m.limb([sh, el], [.060, .047], up)
        if look in LONG:
            m.limb([el, ha], [.047, .036], up)
        else:
            m.tube(sh + (el - sh) * .9, el + (ha - el) * .2, .052, .050, up, 10)
            m.limb([el, ha], [.040, .030], "skin")
        m.ball(ha + (ha - el) * .2, (.045, .03, .055), "skin", 6, 8)
    nx, nz = h(.57)
    m.tube((nx - .01, 0, nz - .04), (nx + .015, 0, nz + .10), .052, .048, "skin", 12)
    hx, hz = nx + .025, nz + .165
    m.ball((hx, 0, hz), (.092, .074, .115), "skin", 12, 16)
    m.ball((hx + .085, 0, hz - .015), (.02, .014, .022), "skin", 6, 8)
    if look == "vendor":
        m.tube((hx, 0, hz + .05), (hx, 0, hz + .22), .25, .012, "straw", 24)
        m.ball((hx - .03, 0, hz), (.085, .082, .10), "hair")
    elif look == "cap":
        m.ball((hx - .02, 0, hz + .01), (.088, .080, .10), "hair")
        m.ball((hx - .005, 0, hz + .055), (.102, .086, .080), "capred", 10, 14)
        m.box((hx + .12, 0, hz + .055), (.11, .12, .018), "capred")
    else:
        m.ball((hx - .022, 0, hz + .032), (.094, .083, .100), "hair", 10, 14)
        if look == "woman":
            m.ball((hx - .062, 0, hz - .085), (.055, .082, .17), "hair", 10, 14)
            m.box((h(.3)[0] - .02, -.20, h(.12)[1]), (.22, .09, .20), "bag")
    return m, dict(cls="person", size=(1.25 if pose in ("sit", "crouch") else .84, .52, hz + (.22 if look == "vendor" else .13)))
