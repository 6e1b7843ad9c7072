"""The still street of a place: ground, markings, kerbs, houses, shops, trees, lamps, signs. All of it is made here."""
import math

import bpy
import numpy as np

from . import blend
from .mesh import Mesh, moved


def _noise(nt, scale, detail=6, rough=.6, vector=None):
    n = nt.nodes.new("ShaderNodeTexNoise")
    n.inputs["Scale"].default_value, n.inputs["Detail"].default_value, n.inputs["Roughness"].default_value = scale, detail, rough
    if vector:
        nt.links.new(vector, n.inputs["Vector"])
    return n.outputs["Fac"]


def _ramp(nt, fac, stops):
    r = nt.nodes.new("ShaderNodeValToRGB")
    e = r.color_ramp.elements
    while len(e) < len(stops):
        e.new(.5)
    for k, (p, c) in enumerate(stops):
        e[k].position, e[k].color = p, (*c, 1)
    nt.links.new(fac, r.inputs[0])
    return r.outputs[0]


def _mix(nt, a, b, fac, kind="MULTIPLY"):
    m = nt.nodes.new("ShaderNodeMix")
    m.data_type, m.blend_type = "RGBA", kind
    for i, v in ((6, a), (7, b)):
        if isinstance(v, tuple):
            m.inputs[i].default_value = (*v, 1)
        else:
            nt.links.new(v, m.inputs[i])
    if isinstance(fac, float):
        m.inputs[0].default_value = fac
    else:
        nt.links.new(fac, m.inputs[0])
    return m.outputs[2]


def _position(nt, scale=(1, 1, 1)):
    g = nt.nodes.new("ShaderNodeNewGeometry")
    v = nt.nodes.new("ShaderNodeMapping")
    v.inputs["Scale"].default_value = scale
    nt.links.new(g.outputs["Position"], v.inputs["Vector"])
    return v.outputs[0]


def _asphalt():
    m, nt, b = blend.nodes_of("asphalt")
    p = _position(nt)
    fine = _ramp(nt, _noise(nt, 9, 8, .75, p), [(.3, (.070, .070, .072)), (.7, (.135, .133, .130))])
    patch = _ramp(nt, _noise(nt, .22, 4, .55, p), [(.38, (.72, .72, .73)), (.5, (1, 1, 1)), (.64, (1.12, 1.1, 1.06))])
    tracks = _ramp(nt, _noise(nt, .7, 3, .5, _position(nt, (1.0, .03, 1))), [(.35, (.80, .80, .80)), (.65, (1.06, 1.06, 1.06))])
    cr = nt.nodes.new("ShaderNodeTexVoronoi")
    cr.feature, cr.inputs["Scale"].default_value = "DISTANCE_TO_EDGE", .16
    nt.links.new(p, cr.inputs["Vector"])
    cracks = _ramp(nt, cr.outputs["Distance"], [(.0, (.45, .45, .45)), (.012, (1, 1, 1))])
    c = _mix(nt, _mix(nt, _mix(nt, fine, patch, 1.0), tracks, 1.0), cracks, .8)
    nt.links.new(c, b.inputs["Base Color"])
    b.inputs["Roughness"].default_value = .85
    return m


def _paving(seed):
    m, nt, b = blend.nodes_of("paving")
    p = _position(nt)
    t = nt.nodes.new("ShaderNodeTexBrick")
    nt.links.new(p, t.inputs["Vector"])
    warm = seed % 2
    t.inputs["Color1"].default_value = (.33, .27, .22, 1) if warm else (.30, .30, .29, 1)
    t.inputs["Color2"].default_value = (.26, .19, .16, 1) if warm else (.22, .22, .21, 1)
    t.inputs["Mortar"].default_value = (.12, .11, .10, 1)
    t.inputs["Scale"].default_value, t.inputs["Brick Width"].default_value, t.inputs["Row Height"].default_value, t.inputs["Mortar Size"].default_value = 1.0, .6, .4, .012
    dirt = _ramp(nt, _noise(nt, .6, 8, .7, p), [(.35, (.62, .60, .57)), (.6, (1.05, 1.05, 1.05))])
    nt.links.new(_mix(nt, t.outputs["Color"], dirt, 1.0), b.inputs["Base Color"])
    b.inputs["Roughness"].default_value = .8
    return m


def _wall(name, colour):
    m, nt, b = blend.nodes_of(name, colour)
    p = _position(nt, (1, 1, .35))
    c = _ramp(nt, _noise(nt, 1.3, 8, .7, p), [(.35, tuple(.66 * v for v in colour)), (.62, colour)])
    nt.links.new(c, b.inputs["Base Color"])
    b.inputs["Roughness"].default_value = .85
    return m


def _paint(name, colour):
    """Worn road paint: holes show the asphalt."""
    m, nt, b = blend.nodes_of(name, colour)
    worn = _ramp(nt, _noise(nt, 5, 9, .8, _position(nt)), [(.40, (.16, .16, .16)), (.50, colour)])
    nt.links.new(worn, b.inputs["Base Color"])
    b.inputs["Roughness"].default_value = .7
    return m


def _leaf(name, colour):
    m, nt, b = blend.nodes_of(name, colour, .6)
    c = _ramp(nt, _noise(nt, 2.5, 5, .7, _position(nt)), [(.3, tuple(.45 * v for v in colour)), (.7, tuple(1.35 * v for v in colour))])
    nt.links.new(c, b.inputs["Base Color"])
    return m


def _part(vertices, faces, mat, name, solid=True):
    d = bpy.data.meshes.new(name)
    d.from_pydata([tuple(map(float, v)) for v in vertices], [], faces)
    d.materials.append(mat)
    o = bpy.data.objects.new(name, d)
    o["solid"] = solid
    bpy.context.scene.collection.objects.link(o)
    return o


def _slab(x0, x1, y0, y1, z, mat, name, solid=False):
    return _part([(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)], [(0, 1, 2, 3)], mat, name, solid)


def _block(x0, x1, y0, y1, z0, z1, mat, name="block", solid=True):
    v = [(x, y, z) for z in (z0, z1) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    return _part(v, [(3, 2, 1, 0), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)], mat, name, solid)


def _words(text, at, turn, size, mat):
    d = bpy.data.curves.new("words", "FONT")
    d.body, d.size, d.align_x, d.align_y, d.extrude = text, size, "CENTER", "CENTER", .01
    d.materials.append(mat)
    o = bpy.data.objects.new("words", d)
    o.location, o.rotation_euler = at, (math.radians(90), 0, math.radians(turn))
    o["solid"] = True
    bpy.context.scene.collection.objects.link(o)


SIGNS = ["PHO 24", "CAFE", "MINI MART", "NHA THUOC", "HOTEL", "BANH MI", "OPTIK", "MOTO", "FLEURS", "BAKERY", "PHOTO", "COM TAM", "TAILOR", "BANK", "KIOSK", "SHOES", "FRUIT", "TEA"]


def _houses(lights, rng, x, side, y0, y1, first):
    """A row of shop houses whose fronts stand at `x`; `side` +1: the fronts face +x."""
    walls = [(.62, .55, .42), (.55, .36, .28), (.68, .66, .60), (.42, .50, .48), (.60, .44, .26), (.46, .26, .20), (.50, .52, .56), (.70, .62, .46)]
    y, k = y0, first
    turn = 90 if side > 0 else -90
    while y < y1:
        w, floors = 4.2 + 3.6 * rng.random(), 2 + int(3.2 * rng.random())
        h = 3.6 + 3.1 * (floors - 1) + .8
        c = walls[int(rng.random() * len(walls))]
        wall = _wall(f"wall{k}", c)
        back = x - side * 8
        _block(min(x, back), max(x, back), y, y + w - .04, 0, h, wall, "house")
        trim = blend.material("trim", (.58, .57, .54), .8)
        pane = blend.material(f"pane{k % 5}", (.03, .04, .05), .08)
        lit = blend.material(f"lit{k % 4}", (.5, .48, .42), .4, 0, 0, ((1, .72, .42), (1, .85, .62), (.8, .9, 1), (1, .62, .3))[k % 4], 1.0)
        out = lambda d: (x + side * d)

        def front(d0, d1, ya, yb, za, zb, mat):
            _block(min(out(d0), out(d1)), max(out(d0), out(d1)), ya, yb, za, zb, mat, "trim")
        front(-.1, .12, y, y + w, 3.35, 3.6, trim)
        front(-.1, .18, y, y + w, h - .25, h, trim)
        n = 2 + int(w > 6)
        for f in range(1, floors):
            for q in range(n):
                a = y + w * (q + .5) / n
                z = 3.6 + 3.1 * (f - 1) + .9
                front(-.2, .03, a - .55, a + .55, z, z + 1.6, lit if rng.random() < .22 else pane)
                front(-.2, .06, a - .64, a + .64, z - .1, z, trim)
                front(-.2, .06, a - .03, a + .03, z, z + 1.6, trim)
                if rng.random() < .45:
                    front(0, .8, a - .8, a + .8, z - .55, z - .45, trim)
                    for r in range(9):
                        b = a - .78 + r * .195
                        front(.76, .79, b, b + .03, z - .45, z + .35, blend.material("rail", (.08, .08, .09), .5))
                    front(.74, .80, a - .8, a + .8, z + .33, z + .38, blend.material("rail", (.08, .08, .09), .5))
                elif rng.random() < .4:
                    front(.02, .42, a + .35, a + 1.0, z - .75, z - .25, blend.material("aircon", (.55, .55, .53), .6))
        # the shop: glass or shutter, sign board, awning
        if rng.random() < .72:
            front(-.1, .02, y + .4, y + w - .4, .35, 2.65, lit if rng.random() < .6 else pane)
            for r in range(1, 4):
                b = y + .4 + (w - .8) * r / 4
                front(-.1, .05, b - .03, b + .03, .1, 2.65, blend.material("rail", (.08, .08, .09), .5))
        else:
            for r in range(14):
                front(-.1, .02 + .02 * (r % 2), y + .4, y + w - .4, .13 + r * .18, .13 + (r + 1) * .18, blend.material("shutter", (.30, .33, .35), .5, .3))
        sc = [(.62, .05, .04), (.04, .18, .50), (.70, .52, .05), (.03, .34, .14), (.55, .55, .55), (.42, .08, .36), (.80, .28, .04)][int(rng.random() * 7)]
        board = blend.material(f"board{k}", sc, .5, 0, 0, sc, .9)
        lights.glow += [(board, .55), (lit, 1.6)]
        front(.02, .20, y + .25, y + w - .25, 2.75, 3.45, board)
        white = blend.material("letters", (.85, .85, .82), .6)
        _words(SIGNS[(k * 5 + first) % len(SIGNS)], (out(.23), y + w / 2, 3.1), turn, .52, white if sum(sc) < 1.3 else blend.material("rail", (.08, .08, .09), .5))
        if rng.random() < .55:
            a, b = out(.2), out(1.5)
            for r in range(10):
                ya, yb = y + .2 + (w - .4) * r / 10, y + .2 + (w - .4) * (r + 1) / 10
                mat = board if r % 2 else white
                _part([(a, ya, 2.75), (a, yb, 2.75), (b, yb, 2.25), (b, ya, 2.25)], [(0, 1, 2, 3)], mat, "awning")
                _part([(b, ya, 2.25), (b, yb, 2.25), (b, yb, 2.08), (b, ya, 2.08)], [(0, 1, 2, 3)], mat, "awning")
        if rng.random() < .5:
            front(.15, 1.0, y + .15, y + .27, 3.8, 5.9, blend.material(f"blade{k % 6}", [(.7, .08, .05), (.05, .25, .6), (.75, .6, .1), (.1, .45, .2), (.8, .8, .78), (.5, .1, .4)][k % 6], .5))
        y += w
        k += 1
    return k


def _tree(rng, x, y, k):
    bark, leaf = blend.material("bark", (.12, .085, .06), .9), _leaf("leaf" + str(int(x * 10) % 3), [(.06, .14, .025), (.085, .16, .03), (.05, .12, .03)][int(x * 10) % 3])
    m = Mesh()
    m.limb([(0, 0, 0), (.06, .05, 1.6), (-.04, .02, 2.9)], [.17 * k, .13 * k, .10 * k], "b")
    for a in range(5):
        t = 2 * math.pi * a / 5 + rng.random()
        m.limb([(-.04, .02, 2.6), (.9 * math.cos(t), .9 * math.sin(t), 3.9), (1.6 * math.cos(t), 1.6 * math.sin(t), 4.7)], [.08, .05, .025], "b")
    d = bpy.data.meshes.new("trunk")
    d.from_pydata([tuple(map(float, v)) for v in m.vertices], [], m.faces)
    d.materials.append(bark)
    o = bpy.data.objects.new("trunk", d)
    o.location, o["solid"] = (x, y, .1), True
    bpy.context.scene.collection.objects.link(o)
    v, f = [], []
    for c in range(46):
        t, q, hgt = 2 * math.pi * rng.random(), math.sqrt(rng.random()), rng.random()
        cx, cy, cz = 2.0 * k * q * math.cos(t), 2.0 * k * q * math.sin(t), 3.6 + 2.3 * hgt * (1.1 - .5 * q)
        for _ in range(42):
            p = np.array((cx, cy, cz)) + rng.normal(0, .34, 3)
            u = rng.normal(0, 1, 3)
            u /= np.linalg.norm(u)
            w = np.cross(u, rng.normal(0, 1, 3))
            w /= np.linalg.norm(w)
            s = .10 + .10 * rng.random()
            b = len(v)
            v += [p - s * u, p + s * w * .6, p + s * u, p - s * w * .6]
            f.append((b, b + 1, b + 2, b + 3))
    o = _part(v, f, leaf, "crown")
    o.location = (x, y, .1)
    _slab(x - .6, x + .6, y - .6, y + .6, .135, blend.material("soil", (.10, .07, .045), .95), "soil")


def build(place, lights):
    """Builds the street of `place` (an entry of PLACES) in the current scene."""
    rng = np.random.default_rng(place["seed"])
    x0, x1 = place["road"]
    far = 150
    asphalt, paving = _asphalt(), _paving(place["seed"])
    _slab(x0, x1, -30, far, 0, asphalt, "road")
    white, yellow = _paint("white-paint", (.62, .62, .60)), _paint("yellow-paint", (.62, .42, .06))
    for side, (a, b) in (("left", place["left"]), ("right", place["right"])):
        _slab(a, b, -30, far, .13, paving, "pavement")
        e = b if side == "left" else a
        s = -1 if side == "left" else 1
        light, dark = _wall("kerb-a", (.46, .45, .43)), _wall("kerb-b", (.34, .33, .32))
        for k in range(130):
            y = -10 + k * 1.0
            _block(min(e, e + s * .18), max(e, e + s * .18), y, y + .98, -.02, .142, light if k % 2 else dark, "kerb", False)
        _slab(min(e, e - s * .35), max(e, e - s * .35), -30, far, .003, _wall("gutter", (.22, .215, .21)), "gutter")
    for x in place["dash"]:
        for k in range(20):
            _slab(x - .07, x + .07, 2 + k * 6, 5 + k * 6, .006, white, "dash")
    for x, kind in place["strips"]:
        if kind == "berth":
            _slab(x - .05, x + .05, 32.5, 110, .006, white, "berth")
            for k in range(8):
                y = 32.5 + k * 6.4
                _slab(x0, x, y - .05, y + .05, .006, white, "berth")
        else:
            _slab(x - .06, x + .06, 2, 110, .006, yellow, "edge")
    for s, (a, b) in ((1, place["left"]), (-1, place["right"])):      # no-parking: yellow zigzag at the kerb
        e = b if s > 0 else a
        for k in range(11):
            y = 11 + k * 2
            _slab(e + s * .42 if s > 0 else e - .52, e + .52 if s > 0 else e - .42, y, y + 1.8, .006, yellow, "zigzag")
    for y in place["crossings"]:
        n = int((x1 - x0 - 1) / .9)
        for k in range(n):
            _slab(x0 + .6 + k * .9, x0 + 1.05 + k * .9, y, y + 3.0, .006, white, "zebra")
    for lane, (x, d) in place["lanes"].items():
        y = place["stopline"] if d > 0 else max(place["crossings"]) + 5.5
        _slab(x - 1.6, x + 1.6, y - .2, y + .2, .006, white, "stop")
    for k, (x, y) in enumerate(((-2.2, 15), (1.6, 24), (5.6, 17), (7.6, 33))):
        if x0 + 1 < x < x1 - 1:
            m = Mesh()
            m.tube((x, y, 0), (x, y, .008), .42, None, "b", 24)
            d = bpy.data.meshes.new("cover")
            d.from_pydata([tuple(map(float, v)) for v in m.vertices], [], m.faces)
            d.materials.append(blend.material("iron", (.05, .048, .045), .6))
            bpy.context.scene.collection.objects.link(bpy.data.objects.new("cover", d))
    k = _houses(lights, rng, place["left"][0], 1, -4, 105, 0)
    _houses(lights, rng, place["right"][1], -1, -4, 105, k + 3)
    _block(-40, -6, 112, 120, 0, 15, _wall("endwall", (.45, .40, .36)), "end")
    _block(-5, 14, 135, 140, 0, 20, _wall("endwall2", (.40, .42, .46)), "end")
    _block(12, 40, 112, 120, 0, 12, _wall("endwall3", (.55, .48, .38)), "end")
    for x, y, s in place["trees"]:
        _tree(rng, x, y, s)
    steel = blend.material("post", (.20, .21, .21), .5, .4)
    bulb = blend.material("bulb", (.9, .88, .8), .4, 0, 0, (1, .78, .5), 8)
    lights.glow.append((bulb, 14))
    centre = (x0 + x1) / 2
    for x, y in place["lamps"]:
        s = 1 if x < centre else -1
        m = Mesh()
        m.tube((x, y, .1), (x, y, 7.1), .085, .055, "b", 10)
        m.tube((x, y, 7.0), (x + s * 1.5, y, 7.25), .05, .035, "b", 8)
        m.tube((x, y, .1), (x, y, .9), .13, .11, "b", 12)
        d = bpy.data.meshes.new("lamp")
        d.from_pydata([tuple(map(float, v)) for v in m.vertices], [], m.faces)
        d.materials.append(steel)
        o = bpy.data.objects.new("lamp", d)
        o["solid"] = True
        bpy.context.scene.collection.objects.link(o)
        _block(x + s * 1.4 - .35, x + s * 1.4 + .35, y - .13, y + .13, 7.18, 7.32, steel, "head")
        _block(x + s * 1.4 - .28, x + s * 1.4 + .28, y - .10, y + .10, 7.15, 7.185, bulb, "bulb")
    for x, y, kind in place["signs"]:
        m = Mesh()
        m.tube((x, y, .1), (x, y, 2.7), .035, None, "p", 8)
        for q, (r, mat, z) in enumerate(((.34, "red", 0), (.27, "blue", -.012))):
            m.tube((x, y - .03 + z, 2.45), (x, y - .05 + z, 2.45), r, None, mat, 28)
        for turn in ((45,) if kind == "nopark" else (45, -45)):
            c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
            m.add([(x + c * a - s * b, y - .066, 2.45 + s * a + c * b) for a, b in ((-.29, -.035), (.29, -.035), (.29, .035), (-.29, .035))], [(0, 1, 2, 3)], "red", False)
        d = bpy.data.meshes.new("sign")
        d.from_pydata([tuple(map(float, v)) for v in m.vertices], [], m.faces)
        for n, c in (("sign-p", (.4, .4, .4)), ("sign-red", (.6, .03, .03)), ("sign-blue", (.03, .12, .5))):
            d.materials.append(blend.material(n, c, .5))
        d.polygons.foreach_set("material_index", [("p", "red", "blue").index(q) for q in m.materials])
        o = bpy.data.objects.new("sign", d)
        o["solid"] = True
        bpy.context.scene.collection.objects.link(o)
    # wires from house to house and along the lamps
    wire = blend.material("wire", (.015, .015, .015), .6)
    m = Mesh()
    for side in (0, 1):
        xs = place["left"][0] + .5 if side == 0 else place["right"][1] - .5
        for z in (5.6, 5.85, 6.2):
            pts = [(xs + .2 * math.sin(z * 9), y, z - .5 * math.sin(math.pi * ((y + 4) % 18) / 18)) for y in range(-4, 100, 3)]
            for a, b in zip(pts, pts[1:]):
                m.tube(a, b, .018, None, "b", 4, False)
    d = bpy.data.meshes.new("wires")
    d.from_pydata([tuple(map(float, v)) for v in m.vertices], [], m.faces)
    d.materials.append(wire)
    o = bpy.data.objects.new("wires", d)
    bpy.context.scene.collection.objects.link(o)
