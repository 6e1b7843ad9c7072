"""Small mesh builder: primitives with a material per face, collected and turned into one Blender object."""
import math

import numpy as np


class Mesh:
    """Vertices and faces of one object in its own frame: x forward, y left, z up, metres, origin on the ground."""

    def __init__(self):
        self.vertices, self.faces, self.materials, self.smooth = [], [], [], []

    def add(self, vertices, faces, material, smooth=True, matrix=None):
        """Appends a part; `material` is one name or a name per face."""
        v = np.asarray(vertices, float)
        if matrix is not None:
            v = v @ np.asarray(matrix)[:3, :3].T + np.asarray(matrix)[:3, 3]
        base = len(self.vertices)
        self.vertices.extend(map(tuple, v))
        for i, f in enumerate(faces):
            self.faces.append([base + k for k in f])
            self.materials.append(material if isinstance(material, str) else material[i])
            self.smooth.append(smooth)

    def box(self, centre, size, material, taper=(1, 1), matrix=None):
        """A box; `taper` scales the top face in x and y."""
        (cx, cy, cz), (sx, sy, sz) = centre, np.asarray(size) / 2
        v = []
        for z, k in ((-1, (1, 1)), (1, taper)):
            for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                v.append((cx + x * sx * k[0], cy + y * sy * k[1], cz + z * sz))
        f = [(3, 2, 1, 0), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)]
        self.add(v, f, material, False, matrix)

    def tube(self, a, b, ra, rb=None, material="black", sides=10, caps=True, squash=1.0):
        """A tapered cylinder from `a` to `b`; `squash` flattens it sideways (for limbs and trunks)."""
        rb = ra if rb is None else rb
        a, b = np.asarray(a, float), np.asarray(b, float)
        d = b - a
        d = d / (np.linalg.norm(d) or 1)
        u = np.cross(d, (0, 1, 0) if abs(d[1]) < 0.9 else (1, 0, 0))
        u /= np.linalg.norm(u)
        w = np.cross(d, u)
        v, f = [], []
        for c, r in ((a, ra), (b, rb)):
            for i in range(sides):
                t = 2 * math.pi * i / sides
                v.append(c + r * (math.cos(t) * u * squash + math.sin(t) * w))
        for i in range(sides):
            j = (i + 1) % sides
            f.append((i, j, sides + j, sides + i))
        if caps:
            f += [tuple(reversed(range(sides))), tuple(range(sides, 2 * sides))]
        self.add(v, f, material)

    def ball(self, centre, radius, material, rings=8, sides=12, matrix=None):
        """An ellipsoid; `radius` is a number or a triple."""
        r = np.ones(3) * radius
        v, f = [(0, 0, -1)], []
        for i in range(1, rings):
            p = math.pi * i / rings - math.pi / 2
            for j in range(sides):
                t = 2 * math.pi * j / sides
                v.append((math.cos(p) * math.cos(t), math.cos(p) * math.sin(t), math.sin(p)))
        v.append((0, 0, 1))
        for j in range(sides):
            k = (j + 1) % sides
            f.append((0, 1 + k, 1 + j))
            for i in range(rings - 2):
                f.append((1 + i * sides + j, 1 + i * sides + k, 1 + (i + 1) * sides + k, 1 + (i + 1) * sides + j))
            f.append((1 + (rings - 2) * sides + j, 1 + (rings - 2) * sides + k, len(v) - 1))
        self.add(np.asarray(v) * r + np.asarray(centre), f, material, True, matrix)

    def limb(self, points, radii, material, squash=1.0):
        """A chain of tapered tubes with balls at the joints."""
        for i in range(len(points) - 1):
            self.tube(points[i], points[i + 1], radii[i], radii[i + 1], material, 10, False, squash)
        for p, r in zip(points, radii):
            self.ball(p, (r * 0.99, r * 0.99, r * 0.99), material, 6, 10)

    def ring(self, centre, radius, thickness, material, axis="y", sides=24, section=8, flat=1.0):
        """A torus about `axis`."""
        v, f = [], []
        for i in range(sides):
            t = 2 * math.pi * i / sides
            for j in range(section):
                s = 2 * math.pi * j / section
                r = radius + thickness * math.cos(s)
                p = (r * math.cos(t), thickness * flat * math.sin(s), r * math.sin(t))
                if axis == "z":
                    p = (p[0], p[2], p[1])
                v.append(np.asarray(p) + np.asarray(centre))
        for i in range(sides):
            for j in range(section):
                a, b = i * section + j, ((i + 1) % sides) * section + j
                c, d = ((i + 1) % sides) * section + (j + 1) % section, i * section + (j + 1) % section
                f.append((a, b, c, d))
        self.add(v, f, material)

    def loft(self, sections, material, close=True):
        """Skins closed rings of equal length; `material(i, j)` names the face between ring i, i+1 at side j."""
        n = len(sections[0])
        v = [p for s in sections for p in s]
        f, m = [], []
        for i in range(len(sections) - 1):
            for j in range(n):
                k = (j + 1) % n
                f.append((i * n + j, i * n + k, (i + 1) * n + k, (i + 1) * n + j))
                m.append(material(i, j))
        if close:
            f += [tuple(range(n)), tuple(reversed(range((len(sections) - 1) * n, len(sections) * n)))]
            m += [material(-1, 0), material(-2, 0)]
        self.add(v, f, m)

    def merge(self, other, matrix=None):
        v = np.asarray(other.vertices, float)
        if matrix is not None:
            v = v @ np.asarray(matrix)[:3, :3].T + np.asarray(matrix)[:3, 3]
        base = len(self.vertices)
        self.vertices.extend(map(tuple, v))
        self.faces.extend([base + k for k in f] for f in other.faces)
        self.materials.extend(other.materials)
        self.smooth.extend(other.smooth)


def moved(x=0, y=0, z=0, turn=0, scale=1.0):
    """A 4×4 matrix: scale, turn about z (degrees), then move."""
    c, s = math.cos(math.radians(turn)) * scale, math.sin(math.radians(turn)) * scale
    return np.array([[c, -s, 0, x], [s, c, 0, y], [0, 0, scale, z], [0, 0, 0, 1]])


def leaned(forward=0, x=0, y=0, z=0):
    """A 4×4 matrix: turn about y by `forward` degrees (positive tips towards +x), then move."""
    c, s = math.cos(math.radians(forward)), math.sin(math.radians(forward))
    return np.array([[c, 0, s, x], [0, 1, 0, y], [-s, 0, c, z], [0, 0, 0, 1]])
