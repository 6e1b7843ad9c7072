"""Puts frames together from plates and sprites in linear light, then does what a street camera does to a picture."""
import datetime
import json
import math
import os
import subprocess
import time

import cv2
import numpy as np

from . import plates, sprites, truth
from .places import HEIGHT, PLACES, WIDTH, camera_of, height_at
from .play import COLOURS, Play, facts, keys_of, station

CLASSES = ["person", "bicycle", "motorcycle", "tricycle", "car", "bus", "truck", "umbrella", "stall", "bin", "bin-overflow", "garbage"]


class Light:
    """Daylight, dusk, night or infra-red, and the weather, as numbers for the mixing."""

    def __init__(self, script):
        self.name, self.weather = script.get("light", "day"), script.get("weather", "clear")
        self.lamps = self.glow = 0.0
        self.tint = np.ones(3, np.float32)
        self.mono = False
        self.noise, self.exposure, self.heads = 1.6, 1.55, 0.0
        if self.name == "day" and self.weather == "rain":
            self.tint, self.exposure, self.noise, self.heads, self.glow = np.array([1.0, 1.02, 1.05], np.float32) * .80, 1.75, 2.2, .25, .12
        elif self.name == "overcast":
            self.tint, self.exposure = np.array([1.0, 1.0, 1.0], np.float32), 1.8
        elif self.name == "dusk":
            self.tint, self.lamps, self.glow, self.exposure, self.noise, self.heads = np.array([.20, .22, .32], np.float32), .40, .40, 2.2, 3.0, .8
        elif self.name == "night":
            self.tint, self.lamps, self.glow, self.exposure, self.noise, self.heads = np.array([.020, .024, .040], np.float32), 1.0, .50, 2.6, 4.2, 1.0
        elif self.name == "infrared":
            self.tint, self.mono, self.exposure, self.noise, self.heads = np.array([.012, .012, .012], np.float32), True, 2.3, 4.6, 1.3
        if self.weather == "rain" and self.name != "day":
            self.noise += .6


def _tint(name):
    if isinstance(name, (list, tuple)):
        return np.array(name, np.float32)
    return np.array(COLOURS[name], np.float32)


class Stage:
    """One place under one light, with the sprites a script uses."""

    def __init__(self, script, light_layer, cache, seed, keys):
        self.script, self.place, self.cache, self.layer = script, script["place"], cache, light_layer
        self.p, self.cam, self.light = PLACES[script["place"]], camera_of(script["place"]), Light(script)
        self.light.layer_sky = light_layer != "day"
        pl = plates.load(self.place, cache)
        g = pl["geometry"]
        self.depth = cv2.resize(g["depth"], (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
        self.solid = g["solid"]
        self.solid_small = cv2.resize(g["solid"], (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
        self.sun, self.gx, self.gy = g["sun"].astype(np.float32), g["gx"], g["gy"]
        u, v = np.meshgrid(np.arange(WIDTH) + .5, np.arange(HEIGHT) + .5)
        d = np.minimum(self.depth, 400)
        ray = self.cam.forward + ((u - WIDTH / 2) / self.cam.focal)[..., None] * self.cam.right - ((v - HEIGHT / 2) / self.cam.focal)[..., None] * self.cam.up
        self.world = (self.cam.position + ray * d[..., None]).astype(np.float32)
        self.is_ground = (self.solid_small > 5000) & (self.world[..., 2] < .5)
        L = self.light
        base = pl["day" if light_layer == "day" else "sky"]
        rgb, alpha = base["rgb"].astype(np.float32), base["alpha"].astype(np.float32)[..., None]
        self.albedo_like = pl["sky"]["rgb"].astype(np.float32) if "sky" in pl else rgb
        if light_layer == "day":
            self.plate = rgb + (1 - alpha) * np.array([.75, .85, 1.0], np.float32)
        else:
            sky = self.albedo_like
            lamp = self.lamplight(self.world)
            lit = sky * L.tint + sky * lamp[..., None] * np.array([1.0, .70, .42], np.float32) * 1.0 * L.lamps
            if "glow" in pl:
                lit += pl["glow"]["rgb"].astype(np.float32) * L.glow
            skycol = np.array({"day": (.8, .82, .85), "overcast": (.85, .87, .9), "dusk": (.10, .13, .26)}.get(L.name, (.004, .005, .010)), np.float32)
            if L.mono:
                lit = sky.mean(2, keepdims=True) * (L.tint + self.infrared(self.depth)[..., None])
            self.plate = lit + (1 - alpha) * skycol
        if L.weather == "rain":
            wet = cv2.GaussianBlur(self.is_ground.astype(np.float32), (0, 0), 1.5)[..., None]
            mirror = cv2.GaussianBlur(self.plate[::-1], (0, 0), 9)[...]
            self.plate = self.plate * (1 - .38 * wet) + wet * .05 * np.clip(mirror, 0, 2)
            fog = (1 - np.exp(-np.minimum(self.depth, 200) / 240))[..., None]
            self.plate = self.plate * (1 - fog) + fog * np.array([.55, .57, .6], np.float32) * (1.0 if L.name == "day" else .015)
        self.plate = np.ascontiguousarray(self.plate, np.float32)
        self.cachemem, self.warped, self.known = {}, {}, keys
        self.contacts, self.stood = {}, {}              # of things that stand: computed once
        n = np.random.default_rng([seed, 5]).normal(0, 1, (HEIGHT + 64, WIDTH + 64, 3)).astype(np.float32)
        self.grain = cv2.GaussianBlur(n, (0, 0), .6) * 1.7
        yy, xx = np.mgrid[0:HEIGHT, 0:WIDTH]
        r2 = ((xx - WIDTH / 2) ** 2 + (yy - HEIGHT / 2) ** 2) / (WIDTH / 2) ** 2
        self.vignette = (1 - .16 * r2)[..., None].astype(np.float32)
        x = np.linspace(0, 4, 4096)
        g = np.clip(1.03 * (1 - np.exp(-1.25 * x)), 0, 1) ** (1 / 2.2)       # shoulder and display gamma
        g = g + .34 * (g * g * (3 - 2 * g) - g)                             # a little contrast
        self.curve = (255 * np.clip((g - .035) / .965, 0, 1)).astype(np.float32)
        self.base = self._tone(self.plate, 0, 0)
        self.grain = np.clip(np.round(self.grain * L.noise * 16), -2000, 2000).astype(np.int16)
        self.grain = np.round(self.grain / 16).astype(np.int16)
        if L.mono:
            self.grain[...] = self.grain[..., :1]
        self.clouds = None
        if L.name == "day" and L.weather == "cloudy":
            c = np.random.default_rng([seed, 9]).random((24, 24)).astype(np.float32)
            c = cv2.GaussianBlur(cv2.resize(np.tile(c, (2, 2)), (768, 768), interpolation=cv2.INTER_CUBIC), (0, 0), 9)
            self.clouds = np.clip((c - .44) / .14, 0, 1)

    def _tone(self, linear, v0, u0):
        """Lens softness, exposure, curve of a part of the picture whose corner is (v0, u0): linear RGB to 8-bit BGR."""
        h, w = linear.shape[:2]
        f = cv2.GaussianBlur(linear, (5, 5), .55)
        f = f * (self.vignette[v0:v0 + h, u0:u0 + w] * self.light.exposure)
        np.clip(f, 0, 3.99, out=f)
        out = self.curve[(f * 1024).astype(np.uint16)]
        if self.light.mono:
            out = np.repeat(out.mean(2, keepdims=True), 3, 2)
        return np.ascontiguousarray(out[..., ::-1]).astype(np.uint8)

    def touch(self, u0, v0, u1, v1):
        """Notes that a part of the picture differs from the empty street."""
        u0, v0, u1, v1 = max(0, int(u0) - 3), max(0, int(v0) - 3), min(WIDTH, int(u1) + 3), min(HEIGHT, int(v1) + 3)
        if u1 > u0 and v1 > v0:
            self.dirty[v0 // 20:(v1 + 19) // 20, u0 // 20:(u1 + 19) // 20] = True

    def lamplight(self, world):
        out = np.zeros(world.shape[:-1], np.float32)
        centre = sum(self.p["road"]) / 2
        for x, y in self.p["lamps"]:
            s = 1 if x < centre else -1
            d = world - np.array([x + s * 1.4, y, 7.1], np.float32)
            q = (d * d).sum(-1) + .5
            cos = np.clip(-d[..., 2] / np.sqrt(q), 0, 1)
            out += 24.0 * np.where(world[..., 2] < 7, .18 + .82 * cos, .02) * cos ** .8 / q
        return out

    def infrared(self, depth):
        return 1.0 * np.minimum(2.2, (13.0 / np.maximum(depth, 4)) ** 1.7).astype(np.float32)

    def sunlit(self, x, y):
        i = int(np.clip(round((x - self.gx[0]) / (self.gx[1] - self.gx[0])), 1, len(self.gx) - 2))
        j = int(np.clip(round((y - self.gy[0]) / (self.gy[1] - self.gy[0])), 1, len(self.gy) - 2))
        return float(self.sun[j - 1:j + 2, i - 1:i + 2].mean())

    def sprite(self, item):
        key = (*item.model(), *station(self.place, item))
        if key not in self.cachemem:
            s = sprites.load(self.cache, self.place, key, self.layer)
            if s is None:
                s = self._nearest(key)
            self.cachemem[key] = s if s is None or "key" in s else self._ready(key, s)
        return key, self.cachemem[key]

    @staticmethod
    def _ready(key, s):
        if "empty" not in s:
            h, w = s["alpha"].shape
            if s["rgb"].shape[:2] != (h, w):         # cut one pixel off by rounding
                c = s["rgb"][:h, -w:] if s["rgb"].shape[1] >= w else s["rgb"][:h]
                s["rgb"] = np.pad(c, ((h - c.shape[0], 0), (0, w - c.shape[1]), (0, 0)))
            s["rgb"], s["alpha"], s["a"], s["b"] = s["rgb"].astype(np.float32), s["alpha"].astype(np.float32) / 255, s["a"].astype(np.float32)[..., None] / 255, s["b"].astype(np.float32)[..., None] / 255
            s["scale"] = int(s.get("scale", 1))
            s["rgb"], s["A"], s["B"] = _parts(s["rgb"], s["a"], s["b"])
            s["key"] = key
        return s

    def _nearest(self, key):
        """A missing sprite is replaced by the nearest one of the same model and heading (a draft; complete caches have none missing)."""
        self.missing = getattr(self, "missing", set()) | {key}
        others = sorted((abs(math.log(k[4] / key[4])) + abs(k[3] - key[3]) / 8, k) for k in self.known if k[:3] == key[:3] and k[5] == key[5] and k != key)
        for _, k in others:
            if k not in self.cachemem:
                s = sprites.load(self.cache, self.place, k, self.layer)
                if s is None:
                    continue
                self.cachemem[k] = self._ready(k, s)
            s = self.cachemem[k]
            if s is not None and "empty" not in s and s["key"] == k:
                return s
        return None

    def coloured(self, key, s, tints):
        k = (key, tints)
        if k not in self.warped:
            rgb, a, b = s["rgb"], s["A"], s["B"]
            gloss = .06 if key[0] in ("sedan", "hatch", "suv", "taxi", "van", "bus", "truck", "minibus", "motorcycle", "motorcyclist") else .0
            out = rgb
            for m, part, t in ((s["a"], a, tints[0]), (s["b"], b, tints[1])):
                spec = np.minimum(part * .5, gloss * m) + np.maximum(part - 1.25 * m, 0) * .6
                out = out + (part - spec) * (_tint(t) / .8) + spec
            out = np.maximum(out, 0)
            if len(self.warped) > 700:
                self.warped.clear()
            self.warped[k] = out
        return self.warped[k]

    @staticmethod
    def _still(item):
        """What a thing that stands is kept under; None for one that moves."""
        return None if item.moving else (item.id, item.model(), item.x, item.y, item.heading, item.tints)

    def placed(self, item):
        """`place_sprite` with what the street hides of it and the extent of its cover: (…, hidden or None, alpha left, box, area)."""
        key = self._still(item)
        if key is not None and key in self.stood:
            return self.stood[key]
        r = self.place_sprite(item)
        if r is not None:
            (u0, v0, u1, v1), rgb, alpha, depth, shadow, light = r
            near = self.solid[2 * v0:2 * v1, 2 * u0:2 * u1] < depth - .2
            hidden, a = None, alpha
            if near.any():
                n = near.view(np.uint8)
                hidden = (n[::2, ::2] + n[1::2, ::2] + n[::2, 1::2] + n[1::2, 1::2]) * np.float32(.25)
                a = alpha * (1 - hidden)
            cover = alpha > .3
            ys, xs = np.flatnonzero(cover.any(1)), np.flatnonzero(cover.any(0))
            box = (u0 + int(xs[0]), v0 + int(ys[0]), int(xs[-1] - xs[0]) + 1, int(ys[-1] - ys[0]) + 1) if len(ys) else None
            r = (*r, hidden, a, box, float(alpha.sum()))
        if key is not None:
            self.stood[key] = r
        return r

    def place_sprite(self, item):
        """(region, colour premultiplied, alpha, depth, shadow, shadow region, matrix) of an item now, or None."""
        key, s = self.sprite(item)
        if s is None or "empty" in s:
            return None
        kx, ky = s["key"][3], s["key"][4]
        z0, z1 = height_at(self.place, kx), height_at(self.place, item.x)
        p0, p1 = self.cam.project([(kx, ky, z0)])[0], self.cam.project([(item.x, item.y, z1)])[0]
        if p1[2] < 3:
            return None
        k = p0[2] / p1[2]
        r = s["region"]
        rgb, alpha = self.coloured(s["key"], s, item.tints), s["alpha"]
        if not item.moving and abs(k - 1) < 1e-3 and abs(p0[:2] - p1[:2]).max() < .3:
            reg = tuple(int(q) for q in r)
            if s["scale"] == 2:
                rgb, alpha = _halved(rgb), _halved(alpha)
            whole, reg = reg, (max(0, reg[0]), max(0, reg[1]), min(WIDTH, reg[2]), min(HEIGHT, reg[3]))
            if reg[2] - reg[0] < 2 or reg[3] - reg[1] < 2:
                return None
            q = (slice(reg[1] - whole[1], reg[3] - whole[1]), slice(reg[0] - whole[0], reg[2] - whole[0]))
            rgb, alpha = rgb[q], alpha[q]
        else:
            x0, y0 = p1[0] + (r[0] - p0[0]) * k, p1[1] + (r[1] - p0[1]) * k
            x1, y1 = p1[0] + (r[2] - p0[0]) * k, p1[1] + (r[3] - p0[1]) * k
            reg = (max(0, math.floor(x0)), max(0, math.floor(y0)), min(WIDTH, math.ceil(x1)), min(HEIGHT, math.ceil(y1)))
            if reg[2] - reg[0] < 2 or reg[3] - reg[1] < 2:
                return None
            f = 2 if s["scale"] == 2 and k > .3 else 1      # warped at twice the size, then averaged
            g = k * f / s["scale"]
            m = np.array([[g, 0, (x0 - reg[0]) * f + (g - 1) / 2], [0, g, (y0 - reg[1]) * f + (g - 1) / 2]], np.float32)
            size = ((reg[2] - reg[0]) * f, (reg[3] - reg[1]) * f)
            interp = cv2.INTER_LINEAR if g > .6 else cv2.INTER_AREA
            rgb = cv2.warpAffine(rgb, m, size, flags=interp, borderMode=cv2.BORDER_CONSTANT)
            alpha = cv2.warpAffine(alpha, m, size, flags=interp, borderMode=cv2.BORDER_CONSTANT)
            if f == 2:
                rgb, alpha = _halved(rgb), _halved(alpha)
        shadow = None
        if "shadow" in s and self.layer == "day":
            q = s["shadow_region"]
            x0, y0 = p1[0] + (q[0] - p0[0]) * k, p1[1] + (q[1] - p0[1]) * k
            x1, y1 = p1[0] + (q[2] - p0[0]) * k, p1[1] + (q[3] - p0[1]) * k
            sr = (max(0, math.floor(x0)), max(0, math.floor(y0)), min(WIDTH, math.ceil(x1)), min(HEIGHT, math.ceil(y1)))
            if sr[2] - sr[0] > 1 and sr[3] - sr[1] > 1:
                mm = np.array([[2 * k, 0, x0 - sr[0] + k - .5], [0, 2 * k, y0 - sr[1] + k - .5]], np.float32)
                shadow = (sr, cv2.warpAffine(s["shadow"], mm, (sr[2] - sr[0], sr[3] - sr[1]), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=255).astype(np.float32) / 255)
        return reg, rgb, alpha, float(p1[2]), shadow, s["light"]

    def contact(self, frame, item):
        """The soft dark of sky light missing under a thing."""
        key = self._still(item)
        if key not in self.contacts:
            r = self._contact(item)
            if key is not None:
                self.contacts[key] = r
        else:
            r = self.contacts[key]
        if r is None:
            return
        (u0, v0, u1, v1), factor = r
        self.touch(u0, v0, u1, v1)
        frame[v0:v1, u0:u1] *= factor

    def _contact(self, item):
        l, w, h = facts(*item.model())["size"]
        a = math.radians(item.heading)
        k = .9 if item.kind in ("person", "umbrella") else 1.02
        if item.kind == "umbrella":
            l = w = .5
        z = height_at(self.place, item.x)
        pts = []
        for p, q in ((-.5, -.5), (.5, -.5), (.5, .5), (-.5, .5)):
            pts.append((item.x + k * (p * l * math.cos(a) - q * w * math.sin(a)), item.y + k * (p * l * math.sin(a) + q * w * math.cos(a)), z))
        uv = self.cam.project(pts)
        if (uv[:, 2] < 1).any():
            return None
        pad = 8
        u0, v0 = np.maximum(np.floor(uv[:, :2].min(0)).astype(int) - pad, 0)
        u1, v1 = np.ceil(uv[:, :2].max(0)).astype(int) + pad
        u1, v1 = min(u1, WIDTH), min(v1, HEIGHT)
        if u1 - u0 < 3 or v1 - v0 < 3:
            return None
        m = np.zeros((v1 - v0, u1 - u0), np.float32)
        cv2.fillConvexPoly(m, np.round((uv[:, :2] - (u0, v0)) * 16).astype(np.int32), 1.0, cv2.LINE_AA, 4)
        blur = max(.8, .25 * self.cam.focal / uv[0, 2])
        m = cv2.GaussianBlur(m, (0, 0), min(blur, 9))
        strength = {"person": .45, "umbrella": .3}.get(item.kind, .72)
        return (u0, v0, u1, v1), (1 - strength * m * self.is_ground[v0:v1, u0:u1])[..., None]

    def beams(self, items):
        """Light of headlamps on the ground and on things: returns a map for the plate and a function for points."""
        L = self.light
        cars = [i for i in items if i.lit and "head" in facts(*i.model())]
        if not cars or L.name in ("day", "overcast"):
            return None, lambda x, y, me: 0.0

        def strength(i, x, y):
            a = math.radians(i.heading)
            f = facts(*i.model())["head"][0][0]
            dx, dy = x - i.x, y - i.y
            fx = dx * math.cos(a) + dy * math.sin(a) - f
            fy = -dx * math.sin(a) + dy * math.cos(a)
            r = np.maximum(np.hypot(fx, fy), .5)
            ang = np.arctan2(fy, np.maximum(fx, 1e-3))
            power = .5 if i.kind in ("motorcyclist",) else 1.0
            return power * np.where(fx > .2, np.exp(-(ang / .30) ** 2) * np.exp(-r / 11) * np.minimum(1, r / 4) * 1.5, 0)
        small = self.world[::4, ::4]
        out = np.zeros(small.shape[:2], np.float32)
        for i in cars:
            out += strength(i, small[..., 0], small[..., 1])
        out *= np.where(small[..., 2] < 1.2, 1, np.where(small[..., 2] < 2.5, .25, 0)).astype(np.float32)
        out = cv2.resize(out, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)

        head = np.radians([i.heading for i in cars])
        cos, sin, front = np.cos(head), np.sin(head), np.array([facts(*i.model())["head"][0][0] for i in cars])
        px, py, power = np.array([i.x for i in cars]), np.array([i.y for i in cars]), np.array([.5 if i.kind == "motorcyclist" else 1.0 for i in cars])
        names = [i.id for i in cars]

        def at(x, y, me):
            dx, dy = x - px, y - py
            fx, fy = dx * cos + dy * sin - front, -dx * sin + dy * cos
            r = np.maximum(np.hypot(fx, fy), .5)
            k = power * np.where(fx > .2, np.exp(-(np.arctan2(fy, np.maximum(fx, 1e-3)) / .30) ** 2) * np.exp(-r / 11) * np.minimum(1, r / 4) * 1.5, 0)
            if me in names:
                k[names.index(me)] = 0
            return float(k.sum())
        return out, at

    def glows(self, frame, items, cover):
        """Head and tail lamps as seen by the camera, with bloom; `cover`: what hides each item's lamps."""
        L = self.light
        if L.heads <= 0:
            return
        for i in items:
            f = facts(*i.model())
            if not i.lit or "head" not in f:
                continue
            a = math.radians(i.heading)
            fwd = np.array([math.cos(a), math.sin(a), 0])
            to = self.cam.position - np.array([i.x, i.y, 1.0])
            dist = np.linalg.norm(to)
            face = float(fwd @ to / dist)
            for name, sign, colour, power, size in (("head", 1, (1.0, .93, .80), 1.0, 1.0), ("tail", -1, (1.0, .06, .03), .16 if not i.braking else .42, .75)):
                c = face * sign
                if c < .08:
                    continue
                for x, y, z in f[name]:
                    p = np.array([i.x + x * math.cos(a) - y * math.sin(a), i.y + x * math.sin(a) + y * math.cos(a), z + height_at(self.place, i.x)])
                    for mirror in ((1, -1) if L.weather == "rain" else (1,)):
                        q = p.copy()
                        q[2] *= mirror
                        u, v, d = self.cam.project([q])[0]
                        if d < 2 or not (-40 < u < WIDTH + 40 and -40 < v < HEIGHT + 60):
                            continue
                        vis = cover(i, u, v, d) if mirror > 0 else .8
                        if vis <= 0:
                            continue
                        k = L.heads * power * vis * min(1, c * 1.6)
                        if i.kind in ("motorcyclist",):
                            k *= .7
                        core = max(1.1, .11 * self.cam.focal / d)
                        for s, gain in (((core, 6.0), (core * 3.2, .50), (core * 9, .06)) if mirror > 0 else ((core * 2.0, .22),)):
                            self.touch(u - 3 * s * size, v - 3 * s * size * (1 if mirror > 0 else 4.5), u + 3 * s * size, v + 3 * s * size * (1 if mirror > 0 else 4.5))
                            _spot(frame, u, v, s * size, s * size * (1 if mirror > 0 else 4.5), np.array(colour if not L.mono else (1, 1, 1), np.float32) * (gain * k))


    def frame(self, t, items, index):
        """The picture at t and a record of every item: box (whole), visible share."""
        L = self.light
        frame = self.plate.copy()
        self.dirty = np.zeros((HEIGHT // 20, WIDTH // 20), bool)
        cloud = None
        if self.clouds is not None:
            w = self.world[::4, ::4]
            cx, cy = ((w[..., 0] * 4 + t * 16 + 300) % 384).astype(np.float32), ((w[..., 1] * 4 + t * 7) % 384).astype(np.float32)
            c = cv2.resize(cv2.remap(self.clouds, cx, cy, cv2.INTER_LINEAR), (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
            cloud = 1 - .52 * c
            frame *= cloud[..., None]
            self.dirty[:] = True
        beam, beam_at = self.beams(items)
        if beam is not None:
            tiles = beam.reshape(HEIGHT // 20, 20, WIDTH // 20, 20).max((1, 3)) > .003
            self.dirty |= tiles
            ys, xs = np.flatnonzero(tiles.any(1)), np.flatnonzero(tiles.any(0))
            if len(ys):
                q = (slice(20 * ys[0], 20 * ys[-1] + 20), slice(20 * xs[0], 20 * xs[-1] + 20))
                frame[q] += self.albedo_like[q] * beam[q][..., None] * (np.array([1.0, .95, .85], np.float32) * ((1.0 if not L.mono else 1.4) * L.heads))
        for i in items:
            if L.layer_sky:
                self.contact(frame, i)
        placed = []
        for i in items:
            r = self.placed(i)
            if r is None:
                continue
            placed.append((r[3], i, r))
        placed.sort(key=lambda e: (-e[0], e[1].id))
        for d, i, (*_, shadow, light, hidden, a, box, area) in placed:
            if shadow:
                (u0, v0, u1, v1), s = shadow
                self.touch(u0, v0, u1, v1)
                sun = self.sunlit(i.x, i.y)
                drop = .62 * sun
                g = self.is_ground[v0:v1, u0:u1]
                frame[v0:v1, u0:u1] *= np.where(g, 1 - drop * (1 - s), 1)[..., None]
                if not L.layer_sky:
                    self.contact(frame, i)
        owner = []
        for d, i, (reg, rgb, alpha, depth, shadow, light, hidden, a, box, area) in placed:
            u0, v0, u1, v1 = reg
            self.touch(u0, v0, u1, v1)
            if self.layer == "day":
                sun = self.sunlit(i.x, i.y)
                shade = .40 + .60 * sun if light == "day" else 1.0
                c = rgb * (shade * np.array([1, 1, 1], np.float32) if sun > .98 else shade * np.array([.94 + .06 * sun, .97 + .03 * sun, 1.0 + .10 * (1 - sun)], np.float32))
                if cloud is not None:
                    q = self.cam.project([(i.x, i.y, 0)])[0]
                    c = c * cloud[int(np.clip(q[1], 0, HEIGHT - 1)), int(np.clip(q[0], 0, WIDTH - 1))]
            else:
                if light == "day":
                    rgb = rgb * .50         # a sunlit sprite standing in: about half of its light is the sky's
                lamp = float(self.lamplight(np.array([i.x, i.y, .8], np.float32))) if L.lamps else 0.0
                if L.mono:
                    k = L.tint + self.infrared(np.float32(depth)) + .9 * beam_at(i.x, i.y, i.id)
                    c = rgb.mean(2, keepdims=True) * k
                else:
                    c = rgb * (L.tint + np.array([1.0, .70, .42], np.float32) * lamp * L.lamps + np.array([1.0, .95, .85], np.float32) * (beam_at(i.x, i.y, i.id) * L.heads * .9))
                    if L.glow > .3:
                        c = c + rgb * np.array([1.0, .8, .55], np.float32) * (.05 if abs(i.x) > 6 else .02)
            if L.weather == "rain":
                f = 1 - math.exp(-depth / 240)
                c = c * (1 - f) + alpha[..., None] * f * np.array([.55, .57, .6], np.float32) * (1.0 if L.name == "day" else .015)
            part = frame[v0:v1, u0:u1]
            part *= (1 - a)[..., None]
            part += c if hidden is None else c * (1 - hidden)[..., None]
            owner.append((i, reg, a, depth, box, area))
        records = []
        free = np.ones((HEIGHT, WIDTH), np.float32)
        seen = {}
        for i, reg, a, depth, box, area in reversed(owner):
            u0, v0, u1, v1 = reg
            visible = float((a * free[v0:v1, u0:u1]).sum())
            free[v0:v1, u0:u1] *= 1 - a
            if area < 4 or box is None:
                continue
            records.append(dict(item=i, box=box, visible=visible / area, area=area, depth=depth))
            seen[i.id] = (depth, visible / area)

        def cover(i, u, v, d):
            if i.id not in seen:
                return 0.0
            x, y = int(np.clip(u, 0, WIDTH - 1)), int(np.clip(v, 0, HEIGHT - 1))
            k = 0.0 if self.solid_small[y, x] < d - .8 else 1.0
            for o, reg, a, depth, *_ in owner:
                if o.id != i.id and depth < d - 1.0 and reg[0] <= x < reg[2] and reg[1] <= y < reg[3]:
                    k *= 1 - float(a[y - reg[1], x - reg[0]])
            return k
        self.glows(frame, items, cover)
        records.reverse()
        return self.finish(frame, t, index), records

    def finish(self, frame, t, index):
        """The changed parts toned anew, then rain, grain and clock: linear to 8-bit BGR."""
        L = self.light
        if self.dirty.mean() > .6:
            im = self._tone(frame, 0, 0)
        else:
            im = self.base.copy()
            for j in range(HEIGHT // 20):
                row = np.flatnonzero(self.dirty[j])
                if not len(row):
                    continue
                for run in np.split(row, np.flatnonzero(np.diff(row) > 1) + 1):
                    v0, v1, u0, u1 = 20 * j, 20 * j + 20, 20 * int(run[0]), 20 * int(run[-1]) + 20
                    a0, b0, a1, b1 = max(0, v0 - 3), max(0, u0 - 3), min(HEIGHT, v1 + 3), min(WIDTH, u1 + 3)
                    im[v0:v1, u0:u1] = self._tone(frame[a0:a1, b0:b1], a0, b0)[v0 - a0:v1 - a0, u0 - b0:u1 - b0]
        rng = np.random.default_rng([index, 1234])
        if L.weather == "rain":
            rain = np.zeros((HEIGHT, WIDTH), np.uint8)
            for x, y, l, bright in (rng.random((260, 4)) * (WIDTH, HEIGHT, 18, 26) + (0, 0, 6, 14)).tolist():
                cv2.line(rain, (int(x), int(y)), (int(x + l * .16), int(y + l)), int(bright * (1.0 if L.name == "day" else .55)), 1, cv2.LINE_AA)
            im = cv2.add(im, cv2.merge([cv2.GaussianBlur(rain, (3, 3), .7)] * 3))
        oy, ox = int(rng.integers(0, 64)), int(rng.integers(0, 64))
        im = cv2.add(im, np.ascontiguousarray(self.grain[oy:oy + HEIGHT, ox:ox + WIDTH]), dtype=cv2.CV_8U)
        clock = datetime.datetime.fromisoformat(self.script.get("clock", "2024-05-02T08:00:00+07:00")) + datetime.timedelta(seconds=t)
        for text, x, y in ((clock.strftime("%d-%m-%Y  %H:%M:%S"), 12, 20), (self.p["title"], WIDTH - 12 - 8 * len(self.p["title"]), HEIGHT - 12)):
            cv2.putText(im, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, .46, (0, 0, 0), 3, cv2.LINE_AA)
            cv2.putText(im, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, .46, (245, 245, 245), 1, cv2.LINE_AA)
        return im


def _halved(a):
    """Means of two by two pixels."""
    return cv2.resize(a, (a.shape[1] // 2, a.shape[0] // 2), interpolation=cv2.INTER_AREA)


def _parts(rgb, a, b):
    """Splits a sprite drawn with white paint into what takes no tint and what the two channels hold.

    At an edge a pixel mixes paint and trim; the paint's share of it is guessed from the pure pixels around."""
    def share(m):
        pure = (m > .9).astype(np.float32)
        k = cv2.blur(pure, (7, 7))[..., None]
        near = cv2.blur(rgb * pure, (7, 7)) / np.maximum(k, 1e-4)
        guess = np.where(k > .02, near, rgb / np.maximum(m, .25))
        return np.minimum(np.where(pure > 0, rgb, m * guess), rgb)
    pa, pb = share(a), share(b)
    return np.maximum(rgb - pa - pb, 0), pa, pb


def _spot(frame, u, v, su, sv, colour):
    ru, rv = int(3 * su) + 2, int(3 * sv) + 2
    x0, x1, y0, y1 = max(0, int(u) - ru), min(WIDTH, int(u) + ru), max(0, int(v) - rv), min(HEIGHT, int(v) + rv)
    if x1 <= x0 or y1 <= y0:
        return
    gx, gy = np.exp(-.5 * ((np.arange(x0, x1) + .5 - u) / su) ** 2), np.exp(-.5 * ((np.arange(y0, y1) + .5 - v) / sv) ** 2)
    frame[y0:y1, x0:x1] += (gy[:, None] * gx[None])[..., None].astype(np.float32) * colour


def clip(script, layer, cache, out, log=print, stills=None, boxes=True):
    """Writes clip.mp4, camera.json, reference.json and boxes.json of a script into the folder `out`."""
    begun, cpu = time.time(), sum(os.times()[:4])
    os.makedirs(out, exist_ok=True)
    seed = int(script.get("seed", 1))
    play, stage = Play(script), Stage(script, layer, cache, seed, sorted(keys_of(script)))
    rate = play.rate
    pipe = None
    if not stills:
        g = max(1, int(round(rate * float(script.get("gop", 2.0)))))
        pipe = subprocess.Popen(["ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{WIDTH}x{HEIGHT}", "-framerate", f"{rate:g}", "-i", "-", "-an", "-vf", "format=yuv420p", "-c:v", "libx264", "-preset", "faster", "-threads", "1", "-crf", str(script.get("crf", 29)),
                                 "-g", str(g), "-keyint_min", str(g), "-sc_threshold", "0", "-bf", "0", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1", "-movflags", "+faststart", "-y", os.path.join(out, "clip.mp4")], stdin=subprocess.PIPE)
    record = truth.Record(script, rate)
    for k, (t, items) in enumerate(play.frames()):
        if stills and k % max(1, int(stills * rate)):
            continue
        im, rec = stage.frame(t, items, k)
        record.add(k, t, rec)
        if pipe:
            pipe.stdin.write(im.tobytes())
        else:
            cv2.imwrite(os.path.join(out, f"{k:05d}.png"), im)
    if pipe:
        pipe.stdin.close()
        if pipe.wait():
            raise SystemExit("ffmpeg failed")
    record.write(out, play, boxes)
    log(f"{script['name']}: {script['seconds']} s of video at {rate:g}/s in {time.time() - begun:.0f} s ({sum(os.times()[:4]) - cpu:.0f} s of CPU), {len(getattr(stage, 'missing', ()))} sprites missing" + (f", {os.path.getsize(os.path.join(out, 'clip.mp4')) / 1e6:.2f} MB" if pipe else ""))
