"""Vehicles as meshes. Materials "tintA" and "tintB" take their colour when a frame is put together."""
import math

import numpy as np

from .mesh import Mesh, moved, leaned


def _body(stations, ride=0.22):
    """Closed half-sections mirrored: stations are (x, zb, belt, roof, half width, half roof width)."""
    rings = []
    for x, zb, belt, roof, w, r in stations:
        mid = zb + 0.45 * (belt - zb)
        half = [(0, zb), (w * 0.90, zb), (w * 0.985, zb + 0.10), (w, mid), (w * 0.995, mid + 0.6 * (belt - mid)),
                (w * 0.955, belt), (r + 0.15 * (w - r), belt + 0.80 * (roof - belt)), (r * 0.94, roof - 0.015), (r * 0.55, roof + 0.012), (0, roof + 0.02)]
        ring = [(x, y, z) for y, z in half] + [(x, -y, z) for y, z in reversed(half[1:-1])]
        rings.append(ring)
    return rings


SIDE_GLASS = (5,)      # ring sides (left half) between belt and roof edge
TOP = (6, 7, 8)        # roof strips, left half; mirrored sides are 17 - j


def _car(m, stations, glass, screens, length, width, belt, wheels, radius, front, rear, tail_z, head_z):
    """Body, wheels and trim. `glass`: station gaps with side windows; `screens`: gaps whose top is a window."""
    rings = _body(stations)

    def material(i, j):
        j = j if j < 9 else 17 - j
        if i < 0:
            return "tintA"
        if j == 0:
            return "black"
        if j == 5 and i in glass:
            return "glass"
        if j in TOP and i in screens:
            return "glass"
        return "tintA"
    m.loft(rings, material)
    w = width / 2
    for x in wheels:
        for s in (-1, 1):
            m.tube((x, s * (w - 0.26), radius), (x, s * (w - 0.005), radius), radius * 1.20, None, "arch", 24)
            m.tube((x, s * (w - 0.20), radius), (x, s * (w + 0.015), radius), radius, None, "tyre", 24)
            m.tube((x, s * (w + 0.00), radius), (x, s * (w + 0.022), radius), radius * 0.64, radius * 0.60, "rim", 20)
            for k in range(5):
                t = 2 * math.pi * k / 5
                m.box((x + 0.36 * radius * math.cos(t), s * (w + 0.02), radius + 0.36 * radius * math.sin(t)), (0.06, 0.02, 0.06), "arch")
    # lamps, grille, bumper, plates
    for s in (-1, 1):
        m.box((front - 0.05, s * (w - 0.27), head_z), (0.14, 0.36, 0.13), "lampwhite")
        m.box((front - 0.16, s * (w - 0.09), head_z + 0.01), (0.22, 0.10, 0.11), "lampwhite")
        m.box((rear + 0.04, s * (w - 0.24), tail_z), (0.13, 0.34, 0.14), "lampred")
        m.box((rear + 0.13, s * (w - 0.06), tail_z + 0.01), (0.22, 0.06, 0.13), "lampred")
        m.box((0.62 * front / 2.2 + 0.1, s * (w + 0.07), belt + 0.09), (0.10, 0.17, 0.12), "tintA")
    m.box((front + 0.01, 0, head_z - 0.06), (0.06, width * 0.42, 0.13), "black")
    m.box((front + 0.015, 0, head_z - 0.02), (0.07, width * 0.36, 0.02), "chrome")
    m.box((front + 0.01, 0, 0.36), (0.06, width * 0.66, 0.12), "black")
    m.box((front + 0.03, 0, 0.44), (0.03, 0.44, 0.11), "plate")
    m.box((rear - 0.01, 0, 0.36), (0.06, width * 0.8, 0.16), "plastic")
    m.box((rear - 0.015, 0, 0.58), (0.03, 0.44, 0.12), "plate")
    for s in (-1, 1):   # door handles and the line of the doors
        for x in (0.35, -0.55):
            m.box((x * length / 4.5 - 0.12, s * (w * 0.99), belt - 0.12), (0.16, 0.03, 0.03), "chrome")
        for x in (0.85, -0.12, -1.0):
            m.box((x * length / 4.5, s * (w - 0.005), 0.62), (0.014, 0.014, 0.5), "black")
        m.box((0, s * (w - 0.015), 0.26), (length * 0.5, 0.04, 0.08), "plastic")


def _lamps(front, rear, y, head_z, tail_z):
    return {"head": [(front, y, head_z), (front, -y, head_z)], "tail": [(rear, y, tail_z), (rear, -y, tail_z)]}


def sedan():
    m = Mesh()
    st = [(2.28, .34, .58, .60, .70, .60), (2.24, .26, .66, .69, .80, .70), (2.05, .22, .74, .77, .87, .76), (1.55, .20, .84, .87, .90, .78), (1.00, .20, .92, .95, .91, .78),
          (0.62, .20, .94, 1.19, .91, .66), (0.25, .20, .95, 1.41, .91, .59), (-0.22, .20, .95, 1.455, .91, .585), (-0.30, .20, .95, 1.455, .91, .585), (-0.95, .20, .96, 1.41, .91, .58),
          (-1.35, .20, .97, 1.21, .90, .62), (-1.68, .22, .98, 1.02, .90, .72), (-2.10, .26, .97, .99, .87, .74), (-2.24, .32, .90, .93, .82, .70), (-2.28, .40, .80, .83, .76, .62)]
    _car(m, st, {5, 6, 8, 9}, {4, 5, 9, 10}, 4.56, 1.82, .95, (1.38, -1.36), .33, 2.27, -2.27, .80, .64)
    return m, dict(cls="car", size=(4.6, 1.86, 1.48), **_lamps(2.3, -2.3, .62, .64, .80))


def hatch():
    m = Mesh()
    st = [(1.92, .34, .60, .62, .68, .56), (1.88, .26, .70, .73, .78, .66), (1.70, .22, .80, .83, .84, .72), (1.30, .20, .90, .93, .86, .74), (0.95, .20, .95, .98, .86, .74),
          (0.60, .20, .97, 1.25, .86, .64), (0.25, .20, .98, 1.47, .86, .59), (-0.25, .20, .98, 1.52, .86, .585), (-0.33, .20, .98, 1.52, .86, .585), (-1.05, .20, .99, 1.49, .86, .58),
          (-1.45, .20, 1.0, 1.42, .85, .57), (-1.72, .22, 1.0, 1.06, .84, .66), (-1.88, .28, .92, .95, .80, .66), (-1.92, .40, .78, .81, .74, .6)]
    _car(m, st, {5, 6, 8, 9}, {4, 5, 10}, 3.84, 1.72, .98, (1.22, -1.20), .31, 1.91, -1.91, .92, .70)
    return m, dict(cls="car", size=(3.88, 1.76, 1.54), **_lamps(1.94, -1.94, .58, .70, .92))


def suv():
    m = Mesh()
    st = [(2.28, .42, .74, .76, .74, .64), (2.25, .32, .86, .89, .85, .74), (2.10, .28, .98, 1.01, .91, .80), (1.60, .26, 1.06, 1.09, .93, .82), (1.05, .26, 1.10, 1.13, .94, .82),
          (0.75, .26, 1.11, 1.38, .94, .72), (0.42, .26, 1.12, 1.64, .94, .66), (-0.20, .26, 1.12, 1.71, .94, .66), (-0.28, .26, 1.12, 1.71, .94, .66), (-1.10, .26, 1.13, 1.70, .94, .66),
          (-1.95, .28, 1.14, 1.64, .93, .65), (-2.18, .32, 1.13, 1.18, .91, .74), (-2.27, .42, .98, 1.01, .86, .72)]
    _car(m, st, {5, 6, 8, 9}, {4, 5, 10}, 4.55, 1.88, 1.12, (1.40, -1.38), .37, 2.26, -2.25, 1.04, .86)
    for s in (-1, 1):
        m.tube((0.2, s * .60, 1.76), (-1.7, s * .60, 1.72), .025, None, "chrome", 8)
    return m, dict(cls="car", size=(4.6, 1.92, 1.76), **_lamps(2.28, -2.28, .66, .86, 1.04))


def taxi():
    m, info = sedan()
    m.box((-0.15, 0, 1.54), (0.22, 0.62, 0.15), "signyellow", (0.8, 0.9))
    m.box((-0.15, 0, 0.74), (1.9, 1.835, 0.10), "signyellow")
    return m, info


def van():
    """A panel van: short bonnet, high roof, closed sides behind the doors."""
    m = Mesh()
    st = [(2.48, .40, .84, .87, .80, .70), (2.45, .30, 1.00, 1.03, .90, .78), (2.20, .26, 1.14, 1.18, .96, .82), (1.75, .26, 1.24, 1.30, .98, .82),
          (1.40, .26, 1.26, 1.78, .98, .80), (1.05, .26, 1.26, 2.10, .98, .80), (0.62, .26, 1.26, 2.20, .98, .82), (0.55, .26, 1.26, 2.21, .98, .82), (-0.5, .26, 1.26, 2.23, .98, .83),
          (-2.35, .28, 1.26, 2.20, .98, .82), (-2.50, .34, 1.24, 2.10, .95, .80)]
    _car(m, st, {4, 5}, {3, 4}, 4.98, 1.96, 1.26, (1.62, -1.52), .35, 2.47, -2.49, 1.10, .92)
    for s in (-1, 1):
        m.box((-1.0, s * .985, .80), (2.6, .02, .05), "black")
        m.box((-2.515, s * .40, 1.62), (.02, .60, .46), "glass")
    m.box((-2.515, 0, 1.3), (.02, .02, 1.7), "black")
    return m, dict(cls="car", size=(5.02, 2.0, 2.25), also="truck", **_lamps(2.48, -2.5, .72, .92, 1.1))


def minibus():
    m = Mesh()
    st = [(2.88, .40, .90, .94, .84, .74), (2.85, .30, 1.06, 1.10, .94, .82), (2.66, .26, 1.20, 1.30, .98, .84), (2.15, .26, 1.25, 2.02, .99, .82), (1.75, .26, 1.25, 2.28, .99, .84),
          (1.30, .26, 1.25, 2.34, .99, .85), (1.22, .26, 1.25, 2.34, .99, .85), (0.1, .26, 1.25, 2.36, .99, .85), (0.02, .26, 1.25, 2.36, .99, .85), (-1.2, .26, 1.25, 2.36, .99, .85), (-1.28, .26, 1.25, 2.36, .99, .85),
          (-2.6, .26, 1.25, 2.33, .99, .85), (-2.86, .34, 1.25, 2.20, .96, .82)]
    _car(m, st, {2, 3, 4, 6, 8, 10}, {2, 3}, 5.75, 1.98, 1.25, (1.75, -1.75), .35, 2.87, -2.85, 1.10, .95)
    m.box((-2.87, 0, 1.72), (.03, 1.5, .62), "glass")
    return m, dict(cls="bus", size=(5.8, 2.0, 2.4), also="car", **_lamps(2.88, -2.88, .74, .95, 1.1))


def bus():
    m = Mesh()
    L, w, h = 11.2, 1.25, 3.05
    f, r = L / 2, -L / 2

    def ring(x, ww, zb, zt, k=.16):
        half = [(0, zb), (ww - .05, zb), (ww, zb + .15), (ww, zt - k), (ww - k * .35, zt - k * .35), (ww - k, zt), (0, zt + .02)]
        return [(x, y, z) for y, z in half] + [(x, -y, z) for y, z in reversed(half[1:-1])]
    rings = [ring(f, w - .12, .40, h - .22), ring(f - .10, w - .02, .34, h - .06), ring(f - .4, w, .32, h), ring(r + .4, w, .32, h), ring(r + .06, w - .02, .36, h - .05), ring(r, w - .1, .42, h - .15)]
    m.loft(rings, lambda i, j: "tintA" if j not in (0, 11) else "black")
    m.box((f + .005, 0, 1.98), (.05, 2.14, 1.30), "glass")
    m.box((f - .02, 0, 2.82), (.06, 1.7, .24), "signdark")
    m.box((f + .02, 0, 2.82), (.03, 1.3, .15), "signamber")
    m.box((f + .01, 0, .62), (.06, 2.2, .32), "tintB")
    m.box((f + .04, 0, .50), (.03, .5, .12), "plate")
    m.box((r - .005, 0, 2.05), (.05, 1.9, .80), "glass")
    m.box((r - .01, 0, 1.0), (.05, 1.6, .55), "black")
    m.box((r - .02, 0, .60), (.03, .5, .12), "plate")
    for s in (-1, 1):
        m.box((0.0, s * (w + .004), 1.98), (L - .5, .03, .98), "glass")
        for k in range(8):
            m.box((f - 1.6 - k * 1.28, s * (w + .010), 1.98), (.09, .03, 1.0), "tintA")
        m.box((0, s * (w + .006), 1.18), (L - .5, .025, .26), "tintB")
        m.box((0, s * (w + .004), .55), (L - .7, .02, .10), "tintB")
        for x in (f - 2.35, r + 2.9):
            m.tube((x, s * (w - .3), .48), (x, s * (w + .012), .48), .60, None, "arch", 24)
            m.tube((x, s * (w - .2), .48), (x, s * (w + .03), .48), .48, None, "tyre", 24)
            m.tube((x, s * w, .48), (x, s * (w + .045), .48), .27, .22, "rim", 16)
        m.box((f - .02, s * .95, .80), (.10, .34, .20), "lampwhite")
        m.box((r + .02, s * 1.02, 1.0), (.10, .20, .50), "lampred")
        m.tube((f - .05, s * (w + .02), 2.55), (f + .22, s * (w + .22), 2.45), .025, None, "black", 6)
        m.box((f + .22, s * (w + .22), 2.22), (.10, .20, .42), "black")
    for x in (f - 1.15, -.3):   # doors on the kerb side (right)
        m.box((x, -(w + .012), 1.50), (1.15, .03, 2.1), "glass")
        m.box((x, -(w + .03), 1.50), (.05, .02, 2.1), "black")
    m.box((-1.2, 0, h + .10), (2.6, 1.5, .22), "plastic", (.92, .9))
    m.box((2.6, 0, h + .06), (.8, .8, .12), "plastic")
    return m, dict(cls="bus", size=(L + .1, 2.55, 3.2), **_lamps(f, r, .95, .80, 1.0))


def truck():
    """A cab-over light truck with a box of its own colour (tintB)."""
    m = Mesh()
    L, w = 6.6, 1.02
    f, r = L / 2, -L / 2
    st = [(f, .45, 1.10, 1.14, .92, .86), (f - .06, .38, 1.25, 1.34, 1.0, .90), (f - .22, .36, 1.28, 1.95, 1.02, .90), (f - .40, .36, 1.28, 2.28, 1.02, .90), (f - 1.0, .36, 1.28, 2.36, 1.02, .90),
          (f - 1.5, .36, 1.28, 2.34, 1.02, .90), (f - 1.62, .40, 1.28, 2.25, 1.0, .88)]
    _car(m, st, {2, 3, 4}, {1, 2}, 4.6, 2.04, 1.28, (), .4, f, f - 1.62, 1.9, .82)
    del st
    m.box((-.85, 0, 1.93), (4.85, 2.16, 2.15), "tintB")
    for k in range(7):
        for s in (-1, 1):
            m.box((-3.0 + .72 * k, s * 1.085, 1.93), (.04, .03, 2.05), "plastic")
    m.box((-3.29, 0, 1.93), (.03, .03, 2.1), "black")
    for s in (-1, 1):
        m.box((-3.29, s * .5, 1.5), (.04, .04, 1.1), "chrome")
    m.box((-.8, 0, .72), (5.0, .9, .22), "black")
    m.box((r + .1, 0, .55), (.12, 2.0, .14), "black")
    for x in (f - .95, r + 1.25):
        for s in (-1, 1):
            m.tube((x, s * (w - .32), .42), (x, s * (w + .0), .42), .42, None, "tyre", 24)
            m.tube((x, s * w, .42), (x, s * (w + .02), .42), .23, .20, "rim", 16)
            m.tube((x, s * (w - .3), .46), (x, s * (w - .03), .46), .52, None, "arch", 20)
    for s in (-1, 1):
        m.box((r + .04, s * .85, .66), (.08, .30, .14), "lampred")
        m.tube((f - .1, s * 1.02, 1.9), (f + .1, s * 1.22, 1.95), .02, None, "black", 6)
        m.box((f + .1, s * 1.22, 1.72), (.06, .16, .36), "black")
        m.box((-.2, s * .98, .62), (1.2, .06, .34), "plastic")
    return m, dict(cls="truck", size=(6.65, 2.2, 3.0), **_lamps(f, r, .80, .82, .66))


def _wheel(m, x, r, t=.045, spoke=True):
    m.ring((x, 0, r), r - t, t, "tyre", "y", 28, 8)
    m.ring((x, 0, r), r - 2 * t, t * .4, "chrome", "y", 24, 6)
    m.tube((x, -.05, r), (x, .05, r), .05, None, "plastic", 10)
    if spoke:
        for k in range(8):
            a = 2 * math.pi * k / 8
            m.tube((x, 0, r), (x + (r - 2 * t) * math.cos(a), 0, r + (r - 2 * t) * math.sin(a)), .006, None, "chrome", 4, False)


def _scooter(m):
    for x in (.64, -.60):
        m.ring((x, 0, .27), .20, .075, "tyre", "y", 24, 8)
        m.tube((x, -.04, .27), (x, .04, .27), .14, None, "rim", 14)
    m.tube((.62, 0, .30), (.42, 0, .98), .045, .035, "plastic", 8)
    m.box((.50, 0, .66), (.10, .38, .56), "tintA", (1.2, .70), matrix=None)
    m.box((.66, 0, .50), (.34, .16, .05), "tintA")
    m.box((.12, 0, .30), (.62, .32, .07), "plastic")
    m.ball((-.42, 0, .52), (.46, .19, .20), "tintA", 8, 12)
    m.box((-.30, 0, .74), (.80, .27, .10), "seat", (.92, .85))
    m.tube((.42, -.33, 1.0), (.42, .33, 1.0), .022, None, "black", 8)
    m.ball((.47, 0, 1.0), (.13, .17, .12), "tintA", 8, 10)
    m.box((.60, 0, 1.0), (.06, .18, .12), "lampwhite")
    m.box((-.88, 0, .64), (.06, .20, .10), "lampred")
    m.box((-.92, 0, .48), (.03, .20, .14), "plate")
    for s in (-1, 1):
        m.tube((.42, s * .26, 1.02), (.38, s * .34, 1.22), .008, None, "black", 4)
        m.ball((.37, s * .36, 1.24), (.03, .07, .05), "black", 6, 8)
    m.tube((-.35, -.20, .30), (-.85, -.20, .38), .05, .06, "chrome", 10)


def _rider(m, helmet="tintB", shirt="tintB"):
    m.limb([(-.20, 0, .82), (-.12, 0, 1.05), (-.02, 0, 1.30)], [.17, .155, .18], shirt, 1.0)
    m.ball((-.02, 0, 1.33), (.12, .22, .11), shirt)
    for s in (-1, 1):
        m.limb([(-.18, s * .10, .84), (.24, s * .17, .80), (.16, s * .15, .36)], [.10, .085, .055], "trousers")
        m.ball((.22, s * .15, .35), (.14, .06, .06), "shoe")
        m.limb([(-.02, s * .22, 1.34), (.12, s * .30, 1.08)], [.065, .055], shirt)
        m.limb([(.12, s * .30, 1.08), (.40, s * .28, 1.03)], [.05, .04], "skin")
    m.ball((.03, 0, 1.56), (.10, .09, .12), "skin")
    m.ball((.01, 0, 1.61), (.14, .13, .13), helmet)


def motorcycle():
    m = Mesh()
    lean = Mesh()
    _scooter(lean)
    m.merge(lean)
    m.tube((-.1, .10, .28), (-.05, .26, .0), .018, None, "chrome", 6)
    return m, dict(cls="motorcycle", size=(1.9, .72, 1.28), **_lamps(.64, -.9, .0, 1.0, .64))


def motorcyclist():
    m = Mesh()
    _scooter(m)
    _rider(m, "tintA")
    return m, dict(cls="motorcycle", rider=True, size=(1.9, .76, 1.75), **_lamps(.64, -.9, .0, 1.0, .64))


def _bicycle(m):
    for x in (.52, -.52):
        _wheel(m, x, .34, .022)
    a, b, c, d = (-.52, 0, .34), (-.05, 0, .30), (-.20, 0, .82), (.38, 0, .86)
    for p, q in ((a, b), (a, c), (b, c), (c, d), (b, d), (d, (.52, 0, .34))):
        m.tube(p, q, .022, None, "tintA", 8)
    m.tube(d, (.34, 0, 1.02), .018, None, "chrome", 6)
    m.tube((.34, -.28, 1.04), (.34, .28, 1.04), .016, None, "black", 6)
    m.ball((-.24, 0, .93), (.15, .08, .045), "seat")
    m.tube((-.2, 0, .8), (-.23, 0, .92), .015, None, "chrome", 6)
    m.box((.52, 0, .70), (.24, .30, .20), "basket", (1.1, 1.1))
    m.box((-.55, 0, .72), (.34, .16, .02), "black")
    m.ring((-.05, 0, .30), .09, .01, "chrome", "y", 16, 4)


def bicycle():
    m = Mesh()
    _bicycle(m)
    return m, dict(cls="bicycle", size=(1.75, .6, 1.08), **_lamps(.6, -.8, 0, .8, .6))


def cyclist():
    m = Mesh()
    _bicycle(m)
    m.limb([(-.22, 0, .98), (-.10, 0, 1.20), (.02, 0, 1.42)], [.15, .14, .16], "tintB")
    m.ball((.02, 0, 1.45), (.11, .21, .10), "tintB")
    for s, (kx, kz, fx, fz) in ((-1, (.16, .72, .0, .24)), (1, (.20, .90, .06, .46))):
        m.limb([(-.20, s * .09, .98), (kx, s * .12, kz), (fx, s * .11, fz)], [.09, .07, .05], "trousers")
        m.ball((fx + .06, s * .11, fz - .02), (.13, .05, .05), "shoe")
        m.limb([(.03, s * .21, 1.45), (.16, s * .26, 1.22)], [.06, .05], "tintB")
        m.limb([(.16, s * .26, 1.22), (.34, s * .24, 1.07)], [.045, .035], "skin")
    m.ball((.10, 0, 1.67), (.10, .085, .12), "skin")
    m.ball((.085, 0, 1.71), (.105, .095, .10), "hair")
    return m, dict(cls="bicycle", rider=True, size=(1.75, .6, 1.82), **_lamps(.6, -.8, 0, .8, .6))


def tricycle():
    """A cargo tricycle with goods: three wheels, an open box in front of a rear saddle."""
    m = Mesh()
    for s in (-1, 1):
        for mm in (Mesh(),):
            _wheel(mm, .55, .32, .03)
            m.merge(mm, moved(0, s * .52, 0))
    _wheel(m, -.95, .34, .028)
    m.box((.55, 0, .58), (1.25, .92, .06), "wood")
    for s in (-1, 1):
        m.box((.55, s * .46, .76), (1.25, .03, .34), "tintA")
        m.box((.55 + s * .62, 0, .76), (.03, .92, .34), "tintA")
    for p, q in (((-.95, 0, .34), (-.2, 0, .40)), ((-.2, 0, .40), (.0, 0, .60)), ((-.5, 0, .38), (-.62, 0, .85)), ((-.95, 0, .34), (-.62, 0, .80)), ((-.62, 0, .8), (-.05, 0, .7))):
        m.tube(p, q, .025, None, "tintA", 8)
    m.ball((-.66, 0, .92), (.15, .09, .05), "seat")
    m.tube((-.08, -.4, 1.05), (-.08, .4, 1.05), .018, None, "black", 6)
    m.tube((-.08, 0, .6), (-.08, 0, 1.05), .02, None, "chrome", 6)
    rng = np.random.default_rng(3)
    for k in range(22):
        x, y = .05 + .98 * rng.random(), -.36 + .72 * rng.random()
        m.ball((x, y, .90 + .14 * rng.random()), .10 + .03 * rng.random(), ("fruitA", "fruitB", "fruitC", "leafy")[k % 4], 6, 8)
    return m, dict(cls="tricycle", size=(2.3, 1.1, 1.1))


VEHICLES = dict(sedan=sedan, hatch=hatch, suv=suv, taxi=taxi, van=van, minibus=minibus, bus=bus, truck=truck, motorcycle=motorcycle, motorcyclist=motorcyclist, bicycle=bicycle, cyclist=cyclist, tricycle=tricycle)
