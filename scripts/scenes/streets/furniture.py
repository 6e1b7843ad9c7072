"""Stalls, umbrellas, bins and litter as meshes."""
import math

import numpy as np

from .mesh import Mesh, moved


def _pile(m, rng, x0, x1, y0, y1, z, n, r=.075, colours=("fruitA", "fruitB", "fruitC", "leafy")):
    """Heaps of goods in columns of one colour."""
    for k in range(n):
        x = x0 + (x1 - x0) * rng.random()
        c = colours[int((x - x0) / (x1 - x0 + 1e-9) * len(colours)) % len(colours)]
        m.ball((x, y0 + (y1 - y0) * rng.random(), z + r * (.5 + 1.1 * rng.random())), r * (.8 + .5 * rng.random()), c, 6, 8)


def handcart():
    """A food handcart: two wheels, glass case, striped awning, gas bottle, handle at the back."""
    m = Mesh()
    for s in (-1, 1):
        m.ring((.1, s * .48, .30), .26, .035, "tyre", "y", 24, 8)
        for k in range(6):
            a = math.pi * k / 6
            m.tube((.1 - .26 * math.cos(a), s * .48, .30 - .26 * math.sin(a)), (.1 + .26 * math.cos(a), s * .48, .30 + .26 * math.sin(a)), .01, None, "chrome", 4)
    m.box((0, 0, .66), (1.5, .82, .50), "tintA")
    m.box((0, 0, .93), (1.6, .90, .05), "steel")
    m.box((.25, 0, 1.18), (.95, .70, .45), "case")
    m.box((.25, 0, 1.42), (1.0, .75, .04), "steel")
    rng = np.random.default_rng(5)
    _pile(m, rng, -.2, .68, -.28, .28, .98, 34, .06, ("bread", "bread", "fruitB", "leafy"))
    m.tube((-.5, .15, .95), (-.5, .15, 1.16), .17, None, "steel", 16)
    m.tube((-.5, -.22, .95), (-.5, -.22, 1.08), .14, None, "steel", 16)
    for x in (-.72, .72):
        for s in (-1, 1):
            m.tube((x, s * .40, .9), (x, s * .40, 1.98), .018, None, "steel", 6)
    for k in range(8):
        m.box((-.875 + .25 * k, 0, 2.03), (.25, 1.25, .035), "tintB" if k % 2 else "white")
        for s in (-1, 1):
            m.box((-.875 + .25 * k, s * .63, 1.95), (.25, .02, .16), "tintB" if k % 2 else "white")
    m.box((0, -.425, .68), (1.1, .015, .32), "signyellow")
    m.box((0, .425, .68), (1.1, .015, .32), "signyellow")
    for k in range(4):
        for s in (-1, 1):
            m.box((-.36 + .24 * k, s * .436, .68), (.14, .01, .18), "capred")
    m.tube((-.75, -.3, .80), (-1.15, -.3, .95), .02, None, "steel", 6)
    m.tube((-.75, .3, .80), (-1.15, .3, .95), .02, None, "steel", 6)
    m.tube((-1.15, -.3, .95), (-1.15, .3, .95), .02, None, "steel", 6)
    return m, dict(cls="stall", size=(2.1, 1.26, 2.06))


def table(seed=1):
    """A low table with crates of fruit, boxes beside it."""
    m = Mesh()
    rng = np.random.default_rng(seed)
    m.box((0, 0, .70), (1.9, .85, .05), "wood")
    m.box((0, -.43, .47), (1.9, .02, .50), "tintA")
    m.box((0, .43, .47), (1.9, .02, .50), "tintA")
    for x in (-.95, .95):
        m.box((x, 0, .47), (.02, .86, .50), "tintA")
    for k in range(4):
        x = -.70 + .47 * k
        m.box((x, 0, .80), (.43, .72, .14), "crate")
        for q in range(16):
            m.ball((x - .15 + .30 * rng.random(), -.30 + .60 * rng.random(), .90 + .05 * rng.random()), .062 + .02 * rng.random(), ("fruitA", "fruitB", "leafy", "fruitC")[k], 6, 8)
    m.box((1.25, .1, .2), (.5, .45, .4), "carton")
    m.box((1.22, .12, .52), (.42, .36, .24), "carton")
    m.box((-1.2, -.1, .16), (.45, .4, .32), "crateblue")
    _pile(m, rng, -1.38, -1.02, -.25, .05, .30, 12, .07, ("leafy",))
    return m, dict(cls="stall", size=(2.9, .95, 1.0))


def cloth(seed=2):
    """Goods laid out on a cloth on the ground."""
    m = Mesh()
    rng = np.random.default_rng(seed)
    m.box((0, 0, .012), (2.1, 1.4, .024), "tintA")
    for i in range(7):
        for j in range(4):
            x, y = -.84 + .28 * i, -.48 + .32 * j
            k = (i * 3 + j) % 4
            if k == 0:
                m.box((x, y, .06), (.20, .14, .09), "bag")
            elif k == 1:
                m.ball((x, y, .08), (.11, .09, .07), "fruitA", 6, 10)
            elif k == 2:
                m.box((x - .04, y, .05), (.09, .24, .07), "capred")
                m.box((x + .06, y, .05), (.09, .24, .07), "crateblue")
            else:
                m.tube((x, y, .02), (x, y, .22), .07, .05, "signyellow", 10)
    m.box((-.7, .95, .24), (.7, .45, .48), "carton")
    m.ball((.3, .95, .26), (.34, .27, .27), "sack")
    return m, dict(cls="stall", size=(2.1, 2.0, .5))


def umbrella(radius=1.35, height=2.35):
    """A market parasol of eight panels, tintA and white by turns."""
    m = Mesh()
    m.tube((0, 0, 0), (0, 0, height + .05), .025, None, "white", 8)
    m.tube((0, 0, 0), (0, 0, .10), .24, .22, "concrete", 14)
    n, rings = 16, ((.02, height + .02), (.45 * radius, height - .11), (.80 * radius, height - .29), (radius, height - .46))
    for i in range(n):
        a, b = 2 * math.pi * i / n, 2 * math.pi * (i + 1) / n
        mat = "tintA" if (i // 2) % 2 == 0 else "tintB"
        for (r0, z0), (r1, z1) in zip(rings, rings[1:]):
            m.add([(r0 * math.cos(a), r0 * math.sin(a), z0), (r1 * math.cos(a), r1 * math.sin(a), z1), (r1 * math.cos(b), r1 * math.sin(b), z1), (r0 * math.cos(b), r0 * math.sin(b), z0)], [(0, 1, 2, 3)], mat, False)
        r, z = rings[-1]
        m.add([(r * math.cos(a), r * math.sin(a), z), (r * math.cos(a), r * math.sin(a), z - .16), (r * math.cos(b), r * math.sin(b), z - .16), (r * math.cos(b), r * math.sin(b), z)], [(0, 1, 2, 3)], mat, False)
        if i % 2 == 0:
            m.tube((0, 0, height), (r * math.cos(a), r * math.sin(a), z - .01), .008, None, "chrome", 4, False)
    return m, dict(cls="umbrella", size=(2 * radius, 2 * radius, height + .05))


def stool():
    m = Mesh()
    m.box((0, 0, .26), (.28, .28, .04), "tintA")
    for x in (-.11, .11):
        for y in (-.11, .11):
            m.tube((x, y, 0), (x * .9, y * .9, .26), .02, None, "tintA", 6)
    return m, dict(cls=None, size=(.3, .3, .28))


def cafetable():
    m = Mesh()
    m.tube((0, 0, .70), (0, 0, .73), .38, None, "steel", 20)
    m.tube((0, 0, 0), (0, 0, .70), .03, None, "black", 8)
    m.tube((0, 0, 0), (0, 0, .03), .22, None, "black", 14)
    for a in (40, 160, 280):
        c = Mesh()
        c.box((.66, 0, .45), (.40, .40, .04), "wood")
        c.box((.85, 0, .72), (.04, .40, .42), "wood")
        for x in (.50, .82):
            for y in (-.16, .16):
                c.tube((x, y, 0), (x, y, .45), .018, None, "black", 6)
        m.merge(c, moved(turn=a))
    m.tube((.1, .05, .73), (.1, .05, .84), .04, None, "white", 8)
    return m, dict(cls=None, size=(1.8, 1.8, .95))


BIN_STATES = ("empty", "half", "full", "heaped", "overflow")


BAGS = ("bagblack", "bagwhite", "bagblack", "bagwhite", "bagclear", "bagblack", "bagclear", "bagwhite", "bagblue", "bagred")


def _bag(m, rng, centre, radius, material=None, rings=8, sides=12):
    """A crumpled plastic bag: an ellipsoid with folds, pinched at the top."""
    material = material or BAGS[int(rng.random() * len(BAGS))]
    r = np.ones(3) * radius
    b = Mesh()
    b.ball((0, 0, 0), 1.0, material, rings, sides)
    v = np.array(b.vertices)
    k = .86 + .30 * rng.random(len(v))
    fold = 1 + .10 * np.sin(5 * np.arctan2(v[:, 1], v[:, 0]) + 6 * rng.random())
    v *= (k * fold)[:, None]
    v[:, 2] = np.where(v[:, 2] < 0, v[:, 2] * .75, v[:, 2])
    v[-1, 2] *= 1.35
    b.vertices = [tuple(q) for q in v * r + np.asarray(centre)]
    b.smooth = [False] * len(b.smooth)
    m.merge(b)


def _rubbish(m, rng, centre, spread, n, top):
    """Crumpled bags, cartons and bottles heaped around `centre`."""
    cx, cy, z = centre
    for k in range(n):
        a, q = 2 * math.pi * rng.random(), math.sqrt(rng.random())
        x, y = cx + spread[0] * q * math.cos(a), cy + spread[1] * q * math.sin(a)
        h = z + top * (1 - q) * rng.random()
        kind = k % 5
        if kind in (0, 3):
            r = .09 + .08 * rng.random()
            _bag(m, rng, (x, y, h), (r, r * (.8 + .4 * rng.random()), r * .85), None, 6, 9)
        elif kind == 1:
            m.box((0, 0, 0), (.16 + .1 * rng.random(), .12, .08 + .1 * rng.random()), "carton", matrix=moved(x, y, h, 180 * rng.random()))
        elif kind == 2:
            m.tube((x, y, h), (x + .12 * rng.random(), y + .12, h + .14), .035, .02, "bottle", 8)
        else:
            m.box((0, 0, 0), (.18, .14, .02), "white", matrix=moved(x, y, h + .04, 180 * rng.random()))


def wheelie(state="empty"):
    """A two-wheeled 240-litre bin; its lid stands open by how full it is."""
    m = Mesh()
    rng = np.random.default_rng(BIN_STATES.index(state) + 11)
    v = []
    for z, x, y in ((.06, .22, .23), (.98, .31, .29)):
        v += [(-x, -y, z), (x, -y, z), (x, y, z), (-x, y, z)]
    f = [(3, 2, 1, 0), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)]
    m.add(v, f, "tintA", False)
    m.box((0, 0, .97), (.68, .64, .05), "tintA")
    m.box((.315, 0, .55), (.01, .34, .26), "white")
    for s in (-1, 1):
        m.tube((-.27, s * .22, .11), (-.27, s * .29, .11), .11, None, "tyre", 14)
    m.tube((-.38, -.22, .96), (-.38, .22, .96), .022, None, "tintA", 8)
    open_ = {"empty": 0, "half": 0, "full": 6, "heaped": 28, "overflow": 62}[state]
    a = math.radians(open_)
    lid = Mesh()
    lid.box((.34, 0, .025), (.70, .64, .045), "tintB")
    lid.box((.36, 0, .06), (.5, .46, .04), "tintB")
    c, s = math.cos(a), math.sin(a)
    m.merge(lid, np.array([[c, 0, -s, -.33], [0, 1, 0, 0], [s, 0, c, .99], [0, 0, 0, 1]]))
    if state in ("heaped", "overflow"):
        n, top = (14, .22) if state == "heaped" else (34, .46)
        _rubbish(m, rng, (.06, 0, 1.02), (.27, .26), n, top)
    if state == "overflow":
        for y, mat in ((-.30, "bagwhite"), (.28, "bagblack"), (0.02, "bagclear")):
            _bag(m, rng, (.30, y * .7, .93 - .1 * rng.random()), (.14, .15, .18), mat)
    return m, dict(cls="bin-overflow" if state == "overflow" else "bin", size=(.85, .70, 1.05 + {"heaped": .32, "overflow": .60}.get(state, 0.05)))


def litterbin(state="empty"):
    """An open wire or sheet basket on a foot, by a lamp post."""
    m = Mesh()
    rng = np.random.default_rng(BIN_STATES.index(state) + 23)
    m.tube((0, 0, .08), (0, 0, .86), .22, .29, "tintA", 20, False)
    m.tube((0, 0, .10), (0, 0, .84), .20, .27, "black", 20)
    m.ring((0, 0, .86), .29, .025, "steel", "z", 24, 6)
    m.ring((0, 0, .45), .255, .012, "steel", "z", 24, 6)
    m.tube((0, 0, 0), (0, 0, .1), .16, None, "steel", 14)
    if state in ("full", "heaped", "overflow"):
        n, z, top = {"full": (10, .80, .06), "heaped": (16, .86, .22), "overflow": (34, .88, .44)}[state]
        _rubbish(m, rng, (0, 0, z), (.24, .24), n, top)
    if state == "overflow":
        for k in range(4):
            a = 1.2 + 1.6 * k
            _bag(m, rng, (.29 * math.cos(a), .29 * math.sin(a), .82), (.13, .13, .16), ("bagwhite", "bagred", "bagblack", "bagclear")[k])
        _rubbish(m, rng, (.1, -.1, .06), (.75, .6), 12, .05)
    return m, dict(cls="bin-overflow" if state == "overflow" else "bin", size=(1.3, 1.2, .92 + {"heaped": .25, "overflow": .50}.get(state, 0)))


def skip(state="empty"):
    """A wheeled 1100-litre container or rubbish cart, open at the top."""
    m = Mesh()
    rng = np.random.default_rng(BIN_STATES.index(state) + 37)
    v = []
    for z, x, y in ((.28, .50, .40), (1.12, .68, .52)):
        v += [(-x, -y, z), (x, -y, z), (x, y, z), (-x, y, z)]
    m.add(v, [(3, 2, 1, 0), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)], "tintA", False)
    v = [(x * .95, y * .95, z) for x, y, z in v[4:]]
    m.add([(x, y, .96) for x, y, z in v], [(0, 1, 2, 3)], "black", False)
    for s in (-1, 1):
        m.box((0, s * .52, 1.12), (1.42, .05, .07), "tintA")
        m.box((s * .68, 0, 1.12), (.05, 1.08, .07), "tintA")
        for k in (-1, 0, 1):
            m.box((k * .4, s * .475, .74), (.05, .05, .74), "tintA")
        m.tube((-.76, s * .3, .95), (-.66, s * .3, .95), .02, None, "steel", 6)
        for x in (-.4, .4):
            m.tube((x, s * .36 - .04, .11), (x, s * .36 + .04, .11), .11, None, "tyre", 14)
            m.tube((x, s * .36, .11), (x, s * .36, .3), .03, None, "steel", 6)
    m.box((0, -.50, .72), (.5, .02, .28), "white", matrix=None)
    if state in ("full", "heaped", "overflow"):
        n, z, top = {"full": (22, 1.0, .08), "heaped": (36, 1.08, .28), "overflow": (64, 1.12, .60)}[state]
        _rubbish(m, rng, (0, 0, z), (.58, .43), n, top)
    if state == "overflow":
        for k, (x, y) in enumerate(((.5, .45), (-.3, -.5), (.2, .5), (-.62, .2), (.65, -.2))):
            _bag(m, rng, (x, y, 1.14), (.21, .20, .21), ("bagblack", "bagwhite", "bagblue", "bagblack", "bagclear")[k])
    return m, dict(cls="bin-overflow" if state == "overflow" else "bin", size=(1.45, 1.12, 1.16 + {"full": .08, "heaped": .3, "overflow": .65}.get(state, 0)))


def bags(seed=4, n=4):
    """Rubbish bags on the ground."""
    m = Mesh()
    rng = np.random.default_rng(seed)
    for k in range(n):
        x, y = -.35 + .7 * rng.random(), -.3 + .6 * rng.random()
        r = .19 + .08 * rng.random()
        mat = ("bagblack", "bagblack", "bagwhite", "bagclear")[k % 4]
        _bag(m, rng, (x, y, r * .68), (r, r * (.85 + .3 * rng.random()), r * .85), mat, 9, 14)
        m.tube((x, y, r * 1.4), (x + .03, y, r * 1.4 + .12), .04, .07, mat, 8)
    _rubbish(m, rng, (0, 0, .05), (.6, .5), 8, .04)
    return m, dict(cls="garbage", size=(1.1, .9, .5))


FURNITURE = dict(handcart=handcart, table=table, cloth=cloth, umbrella=umbrella, stool=stool, cafetable=cafetable, bags=bags)
BINS = dict(wheelie=wheelie, litterbin=litterbin, skip=skip)
