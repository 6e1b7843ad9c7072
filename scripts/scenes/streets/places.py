"""The places: where each camera hangs, and what its street is made of. x to the right, y along the street, z up; metres."""
import math

import numpy as np

WIDTH, HEIGHT = 640, 360


class Camera:
    """A pinhole camera: world metres to picture pixels (640×360) and back to the ground."""

    def __init__(self, position, yaw, pitch, hfov):
        self.position = np.asarray(position, float)
        self.yaw, self.pitch, self.hfov = yaw, pitch, hfov
        self.focal = WIDTH / 2 / math.tan(math.radians(hfov) / 2)
        a, p = math.radians(yaw), math.radians(pitch)
        self.forward = np.array([-math.sin(a) * math.cos(p), math.cos(a) * math.cos(p), -math.sin(p)])
        self.right = np.array([math.cos(a), math.sin(a), 0.0])
        self.up = np.cross(self.right, self.forward)

    def project(self, points):
        """World points (n, 3) to (n, 3): u, v in pixels and depth along the axis."""
        d = np.atleast_2d(points) - self.position
        z = d @ self.forward
        k = self.focal / np.maximum(z, 0.05)
        return np.stack([WIDTH / 2 + k * (d @ self.right), HEIGHT / 2 - k * (d @ self.up), z], 1)

    def ground(self, u, v, height=0.0):
        """Where the rays of pixels meet the plane z = height (NaN above the horizon)."""
        u, v = np.asarray(u, float), np.asarray(v, float)
        r = self.forward + ((u - WIDTH / 2) / self.focal)[..., None] * self.right - ((v - HEIGHT / 2) / self.focal)[..., None] * self.up
        t = np.where(r[..., 2] < -1e-4, (height - self.position[2]) / np.minimum(r[..., 2], -1e-4), np.nan)
        return self.position[:2] + r[..., :2] * t[..., None]


# A street: `road` from x to x, `kerb` height, lanes by name: x of the middle and direction (+1 away from the camera), kerb strips,
# `slots`: places where something stands, by name (x, y, heading), `zones`: polygons on the ground in metres.
PLACES = {
    "avenue": dict(
        title="Hang Bai Street / north", position=(7.4, 0.0, 6.6), yaw=17, pitch=19, hfov=62, seed=11, samples=(40, 28, 20), grid=.5,
        sun=(128, 46), road=(-7.2, 6.0), left=(-11.2, -7.2), right=(6.0, 10.0), crossings=(44.0,), stopline=40.5,
        lanes={"down": (-3.1, -1), "up": (0.9, 1), "kerb": (4.6, 1)}, dash=(-1.1,), strips=((-5.0, "berth"), (3.0, "edge")),
        lamps=((-7.9, 16), (6.6, 24), (-7.9, 34), (6.6, 46), (-7.9, 56)), trees=((-8.3, 25.5, 1.0), (-8.3, 45, 1.1), (7.2, 35, .95), (7.4, 56, 1.1), (-8.3, 66, 1.0)), signs=((6.4, 17.5, "nostop"), (-7.6, 20.0, "nopark")),
        slots={"kerb-right-1": (4.75, 13.5, 90), "kerb-right-2": (4.75, 20.5, 90), "kerb-right-3": (4.75, 27.5, 90), "kerb-left-1": (-6.05, 14.5, -90), "kerb-left-2": (-6.05, 21.5, -90), "kerb-left-3": (-6.05, 28.5, -90),
               "berth-1": (-6.05, 36.0, -90), "berth-2": (-6.05, 42.5, -90), "pavement-left-1": (-8.6, 17.8, 0), "pavement-left-2": (-8.6, 22.6, 0), "pavement-right-1": (8.0, 15.5, 180), "pavement-right-2": (8.4, 19.5, 180),
               "bin-1": (-7.7, 19.4, 0), "bin-2": (6.65, 11.2, 180), "bin-3": (6.65, 14.6, 180), "stall-1": (8.0, 12.5, 90), "cafe-2": (8.3, 19.3, 0), "cafe-1": (-9.6, 30.5, 0)},
        zones={"kerb-right": ("no-parking", [(3.1, 10.5), (6.0, 10.5), (6.0, 33), (3.1, 33)]), "kerb-left": ("no-parking", [(-7.2, 11), (-4.7, 11), (-4.7, 32), (-7.2, 32)]),
               "berths": ("permitted-parking", [(-7.2, 33), (-4.7, 33), (-4.7, 49), (-7.2, 49)]), "pavement-left": ("no-vending", [(-11, 12), (-7.3, 12), (-7.3, 27), (-11, 27)]), "cafe": ("permitted-vending", [(-11, 28), (-7.3, 28), (-7.3, 34), (-11, 34)]),
               "bin-1": ("bin", [(-8.6, 18.2), (-7.0, 18.2), (-7.0, 20.6), (-8.6, 20.6)]), "bin-2": ("bin", [(6.05, 10.3), (7.5, 10.3), (7.5, 12.1), (6.05, 12.1)]), "bin-3": ("bin", [(6.05, 13.7), (7.5, 13.7), (7.5, 15.5), (6.05, 15.5)]),
               "pavement-right": ("no-vending", [(6.2, 8.5), (9.9, 8.5), (9.9, 16.8), (6.2, 16.8)]), "cafe-right": ("permitted-vending", [(6.2, 17.0), (9.9, 17.0), (9.9, 22.5), (6.2, 22.5)])},
        walks={"left": -9.3, "right": 8.6}),
    "market": dict(
        title="Cho Con / gate 2", position=(-3.6, 0.0, 5.0), yaw=-9, pitch=17, hfov=64, seed=29, samples=(24, 16, 12), grid=1.0,
        sun=(215, 50), road=(2.6, 11.0), left=(-6.5, 2.6), right=(11.0, 14.0), crossings=(31.0,), stopline=28.5,
        lanes={"down": (5.2, -1), "up": (8.4, 1)}, dash=(6.8,), strips=((3.9, "edge"),),
        lamps=((2.2, 13), (2.2, 29), (11.6, 20), (11.6, 38)), trees=((1.9, 20.5, .8), (1.9, 36, 1.0), (12.2, 30, 1.0)), signs=((2.2, 16.0, "nopark"),),
        slots={"stall-1": (-1.6, 9.5, 0), "stall-2": (-3.4, 13.0, 20), "stall-3": (0.6, 12.2, -15), "stall-4": (-2.4, 18.0, 0), "cafe-1": (-5.0, 20.5, 0), "cafe-2": (-4.9, 23.8, 30), "bin-1": (1.75, 9.6, 180), "bin-2": (1.8, 14.8, 180), "bin-3": (-5.4, 9.6, 0), "litter-1": (0.2, 16.5, 0),
               "kerb-1": (3.75, 15.0, -90), "kerb-2": (3.75, 21.5, -90), "bike-1": (1.3, 18.0, 100), "bike-2": (1.3, 19.1, 96)},
        zones={"pavement": ("no-vending", [(-4.4, 6.8), (2.5, 6.8), (2.5, 19.6), (-4.4, 19.6)]), "cafe": ("permitted-vending", [(-6.5, 19.7), (-3.4, 19.7), (-3.4, 26), (-6.5, 26)]), "kerb": ("no-parking", [(2.6, 9), (4.9, 9), (4.9, 26), (2.6, 26)]),
               "bin-1": ("bin", [(1.0, 8.8), (2.5, 8.8), (2.5, 10.5), (1.0, 10.5)]), "bin-2": ("bin", [(1.0, 14.0), (2.5, 14.0), (2.5, 15.7), (1.0, 15.7)])},
        walks={"inner": -2.9, "outer": 0.7}),
}


def camera_of(place):
    p = PLACES[place]
    return Camera(p["position"], p["yaw"], p["pitch"], p["hfov"])


def height_at(place, x):
    """Ground height: the pavements lie one kerb above the road."""
    a, b = PLACES[place]["road"]
    return 0.0 if a <= x <= b else 0.13
