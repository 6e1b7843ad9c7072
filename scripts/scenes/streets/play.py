"""From a script to what stands where at each time: traffic that keeps its distance, people, stalls, bins. No pictures here."""
import math
import zlib
from dataclasses import dataclass, field, replace

import numpy as np

from . import furniture, people, vehicles
from .places import PLACES, camera_of, height_at

COLOURS = dict(white=(.74, .74, .73), silver=(.42, .44, .46), grey=(.16, .165, .17), black=(.018, .018, .02), red=(.42, .025, .02), blue=(.03, .09, .30), teal=(.05, .42, .42), green=(.03, .22, .08), yellow=(.72, .44, .03), orange=(.72, .22, .03), cream=(.62, .54, .38),
               brown=(.16, .09, .05), pink=(.62, .22, .30), navy=(.02, .03, .10), purple=(.22, .06, .28), lime=(.25, .45, .06), sand=(.45, .36, .24), denim=(.035, .065, .14))
CAR_COLOURS = ["white", "white", "silver", "silver", "grey", "black", "red", "blue", "teal", "brown", "navy"]
CLOTHES = ["white", "white", "grey", "black", "red", "blue", "teal", "green", "orange", "pink", "navy", "purple", "yellow", "white"]
TROUSERS = ["navy", "black", "grey", "brown", "denim"]
LENGTHS = {k: f()[1]["size"] for k, f in vehicles.VEHICLES.items()}
RATIO = 1.24


@dataclass
class Item:
    """One visible thing at one time. `key()` says which sprite shows it."""
    id: str
    kind: str
    look: str = ""
    pose: str = ""
    x: float = 0.0
    y: float = 0.0
    heading: float = 90.0
    tints: tuple = ("white", "white")
    moving: bool = False
    lit: bool = False
    braking: bool = False
    tags: dict = field(default_factory=dict)

    def model(self):
        return (self.kind, self.look, self.pose)


def facts(kind, look="", pose=""):
    return _facts(kind, look, pose)


_seen = {}


def _facts(kind, look, pose):
    k = (kind, look, pose)
    if k not in _seen:
        _seen[k] = build(kind, look, pose)[1]
    return _seen[k]


def build(kind, look="", pose=""):
    """Mesh and facts (class, size, lamps) of a thing."""
    if kind in vehicles.VEHICLES:
        return vehicles.VEHICLES[kind]()
    if kind == "person":
        return people.person(look, pose)
    if kind in furniture.BINS:
        return furniture.BINS[kind](pose)
    if kind == "umbrella":
        return furniture.umbrella(*((1.35, 2.35) if look != "large" else (1.6, 2.5)))
    return furniture.FURNITURE[kind]()


def station(place, item):
    """The pose at which the sprite of an item is rendered: exact for what stands, a grid for what moves."""
    if not item.moving:
        return (round(item.x, 2), round(item.y, 2), round(item.heading) % 360)
    p = PLACES[place]
    ratio = 1.5 if item.kind == "person" or item.kind in ("handcart", "tricycle") else RATIO
    n = round(math.log(max(item.y, 5) / 6) / math.log(ratio))
    rails = [v[0] for v in p["lanes"].values()] if item.kind in vehicles.VEHICLES and item.kind != "tricycle" else list(p["walks"].values())
    x = min(rails, key=lambda r: abs(r - item.x))
    if abs(x - item.x) > 2.5:
        x = round(item.x / 2) * 2.0
    return (round(x, 2), round(6 * ratio ** max(n, 1 if ratio > 1.4 else 2), 2), (round(item.heading / 90) * 90) % 360)


class _Car:
    def __init__(self, ident, kind, tints, lane, x, d, y, v, top, stops=()):
        self.id, self.kind, self.tints, self.lane, self.x, self.lx, self.d, self.y, self.v, self.top = ident, kind, tints, lane, x, x, d, y, v, top
        self.stops = list(stops)        # dicts: y, x, until, hold
        self.length, self.accel, self.mode, self.stood, self.gone = LENGTHS[kind][0], 0.0, "drive", None, False
        self.spans = []


def _rng(seed, *names):
    return np.random.default_rng([seed, *[zlib.crc32(str(n).encode()) for n in names]])


class Play:
    """A script run through time. `frames` yields (t, [Item]); `spans` says what stood where from when to when."""

    def __init__(self, script):
        self.script, self.place = script, script["place"]
        self.p = PLACES[self.place]
        self.seconds, self.rate, self.seed = float(script["seconds"]), float(script.get("rate", 10)), int(script.get("seed", 1))
        self.spans = []         # dicts: id, type, kind, slot, start, end, cls, zone group
        self.cars, self.feeds, self.reds, self.fixed, self.walkers = [], [], {}, [], []
        self.warm = 45.0
        self._plan()

    # ---- planning -------------------------------------------------------------------------------------------------
    def _slot(self, name):
        if isinstance(name, (list, tuple)):
            return tuple(float(v) for v in name)
        x, y, h = self.p["slots"][name]
        return float(x), float(y), float(h)

    def _tints(self, thing, rng, kind):
        if kind in ("person",):
            return (thing.get("shirt") or CLOTHES[int(rng.random() * len(CLOTHES))], thing.get("trousers") or TROUSERS[int(rng.random() * 5)])
        a = thing.get("colour") or (CAR_COLOURS[int(rng.random() * len(CAR_COLOURS))] if kind not in ("bus", "taxi") else ["green", "red", "blue", "orange"][int(rng.random() * 4)] if kind == "bus" else "yellow")
        b = thing.get("second") or ("white" if kind in ("truck", "bus") else CLOTHES[int(rng.random() * len(CLOTHES))])
        return (a, b)

    def _plan(self):
        for n, thing in enumerate(self.script["things"]):
            what = thing["what"]
            ident = thing.get("id", f"{what}-{n}")
            rng = _rng(self.seed, ident)
            getattr(self, "_" + what)(ident, thing, rng)

    def _lane_for(self, x, heading):
        d = 1 if heading > 0 else -1
        near = [(abs(v[0] - x), k) for k, v in self.p["lanes"].items() if v[1] == d and abs(v[0] - x) > .8]
        return min(near)[1] if near else min((abs(v[0] - x), k) for k, v in self.p["lanes"].items() if v[1] == d)[1]

    def _park(self, ident, t, rng):
        """A vehicle stands in a slot: at ≤ 0 it is there from the start; for: null stays to the end."""
        kind = t.get("vehicle", "sedan")
        x, y, h = self._slot(t["slot"])
        if kind in ("bus",):
            x += .25 if x < 0 else -.25
        at, stay = float(t.get("at", -1)), t.get("for")
        if kind in ("motorcycle", "bicycle", "tricycle") or (at <= 0 and stay is None):
            self.fixed.append((max(at, -1), None if stay is None else at + stay, Item(ident, kind, "", "", x, y, h, self._tints(t, rng, kind), tags=t)))
            self.spans.append(dict(id=ident, kind=kind, start=max(at, 0), before=at <= 0, end=None if stay is None else at + stay, x=x, y=y, note=t.get("note"), tolerated=t.get("tolerated", False)))
            return
        lane = self._lane_for(x, h)
        lx, d = self.p["lanes"][lane]
        until = None if stay is None else max(at, 0) + float(stay)
        if at <= 0:
            c = _Car(ident, kind, self._tints(t, rng, kind), lane, lx, d, y, 0, 8)
            c.x, c.mode, c.stood = x, "stand", -1.0
            c.stops = [dict(y=y, x=x, until=until, note=t.get("note"))]
            c.spans.append([0.0, None, True, x, y])
            self.cars.append(c)
        else:
            v = 8.0
            start = -12.0 if d > 0 else 85.0
            c = _Car(ident, kind, self._tints(t, rng, kind), lane, lx, d, start, v, v, [dict(y=y, x=x, until=until, note=t.get("note"))])
            travel = abs(y - start) / v + 2.2
            self.feeds.append(("one", lane, at - travel, c))

    def _hide(self, ident, t, rng):
        """A vehicle stops in a lane where it hides a slot from the camera, from … to."""
        kind = t.get("vehicle", "bus")
        tx, ty, _ = self._slot(t["target"])
        cam = camera_of(self.place)
        target = _screen(cam, tx, ty, (4.5, 1.9, 1.6))
        best = None
        for lane, (lx, d) in self.p["lanes"].items():
            if t.get("lane", lane) != lane or abs(lx - tx) < 1.5:
                continue
            for y in np.arange(7, ty + 6, .5):
                b = _screen(cam, lx, y, LENGTHS[kind])
                iw, ih = min(b[2], target[2]) - max(b[0], target[0]), min(b[3], target[3]) - max(b[1], target[1])
                cover = max(iw, 0) * max(ih, 0) / ((target[2] - target[0]) * (target[3] - target[1]))
                nearer = math.hypot(lx - cam.position[0], y) < math.hypot(tx - cam.position[0], ty)
                mid = -abs((b[0] + b[2]) / 2 - (target[0] + target[2]) / 2) * 1e-3
                if nearer and (best is None or cover + mid > best[0]):
                    best = (cover + mid, lane, lx, d, y)
        _, lane, lx, d, y = best
        start = -14.0 if d > 0 else 88.0
        c = _Car(ident, kind, self._tints(t, rng, kind), lane, lx, d, start, 8, 8, [dict(y=y, x=lx, until=float(t["to"]), inlane=True)])
        self.feeds.append(("one", lane, float(t["from"]) - abs(y - start) / 8 - 2.0, c))

    def _traffic(self, ident, t, rng):
        """A stream of vehicles in a lane, so many a minute."""
        lane = t["lane"]
        lx, d = self.p["lanes"][lane]
        mix = t.get("vehicles", ["sedan", "hatch", "suv", "motorcyclist"])
        now, k = -self.warm, 0
        gap = 60.0 / float(t.get("per_minute", 10))
        first, last = float(t.get("from", -self.warm)), float(t.get("to", self.seconds))
        while now < last:
            now += max(1.6, rng.exponential(gap))
            kind = mix[int(rng.random() * len(mix))]
            v = 6.5 + 3.0 * rng.random()
            off = (rng.random() - .5) * (1.6 if kind in ("motorcyclist", "cyclist") else .3)
            if now >= first:
                c = _Car(f"{ident}.{k}", kind, self._tints({}, rng, kind), lane, lx + off, d, -14.0 if d > 0 else 88.0, v, v if kind != "cyclist" else 4.2)
                self.feeds.append(("one", lane, now, c))
            k += 1

    def _signal(self, ident, t, rng):
        """A traffic light: lanes and red spans; what waits there is a queue and no offence."""
        for lane in t["lanes"]:
            self.reds.setdefault(lane, []).extend([tuple(map(float, r)) for r in t["red"]])

    def _person(self, ident, t, rng):
        """Somebody stands, sits or crouches somewhere for a while."""
        x, y, h = self._slot(t["slot"])
        look = t.get("look", ["man", "woman", "cap"][int(rng.random() * 3)])
        self.fixed.append((float(t.get("at", -1)), None if t.get("for") is None else float(t.get("at", -1)) + float(t["for"]), Item(ident, "person", look, t.get("pose", "stand"), x, y, h, self._tints(t, rng, "person"), tags=t)))

    def _walk(self, ident, t, rng):
        """Pedestrians along a path, so many a minute, both ways."""
        x = self.p["walks"][t["path"]]
        now, k = -60.0, 0
        while now < self.seconds:
            now += max(1.0, rng.exponential(60.0 / float(t.get("per_minute", 5))))
            d, v = (1 if rng.random() < .5 else -1), 1.0 + .5 * rng.random()
            looks = t.get("looks", ["man", "woman", "cap"])
            self.walkers.append(dict(id=f"{ident}.{k}", t0=now, x=x + (rng.random() - .5) * 1.1, d=d, v=v, y0=4.0 if d > 0 else 50.0, look=looks[int(rng.random() * len(looks))], tints=self._tints({}, rng, "person"), phase=rng.random()))
            k += 1

    def _stroll(self, ident, t, rng):
        """One person or vendor with a cart who walks through: path, at (when passing the middle), with: handcart or tricycle."""
        x = self.p["walks"][t["path"]]
        d, v = int(t.get("direction", 1)), float(t.get("speed", .9))
        y0 = 4.0 if d > 0 else 42.0
        mid = float(t.get("passing", 15.0))
        self.walkers.append(dict(id=ident, t0=float(t["at"]) - abs(mid - y0) / v, x=x, d=d, v=v, y0=y0, look=t.get("look", "vendor" if t.get("with") else "man"), tints=self._tints(t, rng, "person"), phase=0, cart=t.get("with"), cart_tints=(t.get("colour", "red"), t.get("second", "blue")),
                                 pause=t.get("pause")))

    def _stall(self, ident, t, rng):
        """A vendor sets up in a slot. kind: table, cloth, handcart, tricycle; umbrella: true; customers: n."""
        x, y, h = self._slot(t["slot"])
        kind, at = t.get("kind", "table"), float(t.get("at", -1))
        end = None if t.get("for") is None else max(at, 0) + float(t["for"])
        tint = (t.get("colour", "blue"), t.get("second", "red"))
        r = math.radians(h)

        def off(a, b):
            return x + a * math.cos(r) - b * math.sin(r), y + a * math.sin(r) + b * math.cos(r)

        def put(name, kind_, dx, dy, turn=0.0, look="", pose="", tints=tint, delay=0.0, early=0.0, cls=None):
            px, py = off(dx, dy)
            self.fixed.append((at + delay if at > 0 else -1, None if end is None else end - early, Item(f"{ident}.{name}", kind_, look, pose, px, py, (h + turn) % 360, tints, tags=dict(event=ident))))
        put("goods", kind, 0, 0, delay=2.0 if kind in ("table", "cloth") else 0.0)
        if t.get("umbrella", kind in ("table",)):
            put("umbrella", "umbrella", 0.0, .75, tints=(t.get("umbrella_colour", "red"), t.get("umbrella_second", "white")), delay=4.0, early=2.0)
        pose = {"cloth": "crouch", "table": "stand"}.get(kind, "stand")
        put("vendor", "person", -.1, 1.05 if kind != "cloth" else 1.15, -90, t.get("vendor", "vendor"), pose, (CLOTHES[int(rng.random() * 12)], "black"))
        for k in range(int(t.get("customers", 0))):
            put(f"customer{k}", "person", -.6 + .8 * k, -1.0 - .1 * k, 90, ("man", "woman", "cap")[k % 3], "stand", (CLOTHES[int(rng.random() * 14)], ["navy", "black", "denim"][k % 3]), delay=6.0 + 7 * k, early=4.0 + 3 * k)
        for k in range(int(t.get("stools", 0))):
            put(f"stool{k}", "stool", 1.5 + .5 * k, -.4 + .5 * k, tints=("red", "red"), delay=3.0)
        begin = at + 2.0 if at > 0 and kind in ("table", "cloth") else max(at, 0)
        self.spans.append(dict(id=ident, kind="stall", start=begin, before=at <= 0, end=end, x=x, y=y, note=t.get("note")))

    def _cafe(self, ident, t, rng):
        """A café table under an umbrella, guests: n."""
        x, y, h = self._slot(t["slot"])
        self.fixed.append((-1, None, Item(f"{ident}.table", "cafetable", "", "", x, y, h, ("white", "white"))))
        self.fixed.append((-1, None, Item(f"{ident}.umbrella", "umbrella", "large", "", x + .1, y + .1, 0, (t.get("colour", "green"), t.get("second", "cream")))))
        for k in range(int(t.get("guests", 1))):
            a = math.radians(h + (40, 160, 280)[k])
            self.fixed.append((-1, None, Item(f"{ident}.guest{k}", "person", ("woman", "man", "cap")[k % 3], "sit", x + .68 * math.cos(a), y + .68 * math.sin(a), (math.degrees(a) + 180) % 360, self._tints({}, rng, "person"))))
        self.spans.append(dict(id=ident, kind="stall", start=0, before=True, end=None, x=x, y=y, note="café", tolerated=True))

    def _bin(self, ident, t, rng):
        """A bin: states maps seconds to empty, half, full, heaped, overflow; bags: seconds at which bags are put beside it."""
        x, y, h = self._slot(t["slot"])
        states = sorted((float(k), v) for k, v in t.get("states", {0: "half"}).items())
        for k, (at, state) in enumerate(states):
            until = states[k + 1][0] if k + 1 < len(states) else None
            self.fixed.append((at if k else -1, until, Item(ident, t.get("kind", "wheelie"), "", state, x, y, h, (t.get("colour", "green"), t.get("second", t.get("colour", "green"))))))
            if state in ("heaped", "overflow"):         # heaped, the lid half open: neither right nor wrong to report
                self.spans.append(dict(id=ident, kind="bin", start=max(at, 0), before=at <= 0, end=until, x=x, y=y, note=t.get("note") or state, ignore=state == "heaped"))
        for k, at in enumerate(t.get("bags", [])):
            self.fixed.append((float(at), None, Item(f"{ident}.bags{k}", "bags", "", "", x + (.15 if k else -.2), y - .95 - .5 * k, 40 * k, ("white", "white"))))

    def _litter(self, ident, t, rng):
        x, y, h = self._slot(t["slot"])
        self.fixed.append((float(t.get("at", -1)), None if t.get("to") is None else float(t["to"]), Item(ident, "bags", "", "", x, y, h, ("white", "white"))))

    # ---- running --------------------------------------------------------------------------------------------------
    def _red(self, lane, t):
        return any(a <= t < b for a, b in self.reds.get(lane, []))

    def _advance(self, t, dt):
        for f in [f for f in self.feeds if f[2] <= t]:
            c = f[3]
            ahead = [o for o in self.cars if o.lane == c.lane and o.mode != "stand" and abs(o.y - c.y) < o.length / 2 + c.length / 2 + 3]
            if ahead:
                continue
            self.feeds.remove(f)
            self.cars.append(c)
        lanes = {}
        for c in self.cars:
            offside = abs(c.x - c.lx) > 1.3
            if not offside:
                lanes.setdefault(c.lane, []).append(c)
        for c in self.cars:
            if c.mode == "stand":
                stop = c.stops[0]
                if stop["until"] is not None and t >= stop["until"]:
                    near = [o for o in lanes.get(c.lane, []) if o is not c and -14 < (o.y - c.y) * c.d < 7]
                    if not near or t > stop["until"] + 12 or stop.get("inlane"):
                        c.mode = "leave"
                        c.stops.pop(0)
                        if c.spans:
                            c.spans[-1][1] = t
                continue
            s = 1e9
            dv = 0.0
            for o in lanes.get(c.lane, []):
                if o is c or (abs(o.x - c.x) > 1.9 and o.kind in ("motorcyclist", "cyclist")):
                    continue
                gap = (o.y - c.y) * c.d - o.length / 2 - c.length / 2
                if -1.5 < gap < s and (o.y - c.y) * c.d > 0:
                    s, dv = max(gap, .2), c.v - o.v * (1 if o.d == c.d else -1)
            line = self.p["stopline"] if c.d > 0 else max(self.p["crossings"]) + 5.5
            gap = (line - c.y) * c.d - c.length / 2
            if self._red(c.lane, t) and 0 < gap < s and gap > c.v * c.v / 9:
                s, dv = gap + .8, c.v
            if c.stops:
                gap = (c.stops[0]["y"] - c.y) * c.d
                if gap < s:
                    s, dv = max(gap, .01) + 1.15, c.v
            a, b, s0, T = 1.6, 2.2, 1.7, 1.0
            want = s0 * (.6 if c.stops else 1) + max(0.0, c.v * T * (.35 if c.stops else 1) + c.v * dv / (2 * math.sqrt(a * b)))
            acc = a * (1 - (c.v / c.top) ** 4 - (want / s) ** 2)
            c.accel = max(acc, -6)
            c.v = max(0.0, c.v + c.accel * dt)
            c.y += c.d * c.v * dt
            if c.stops:
                gap = abs(c.stops[0]["y"] - c.y)
                k = min(1, max(0, (16 - gap) / 13))
                c.x = c.lx + (c.stops[0]["x"] - c.lx) * k * k * (3 - 2 * k)
                if gap < .6 and c.v < .6:
                    c.v, c.mode, c.y, c.x = 0.0, "stand", c.stops[0]["y"], c.stops[0]["x"]
                    if not c.stops[0].get("inlane"):
                        c.spans.append([t, None, False, c.x, c.y])
                        c.note = c.stops[0].get("note")
            elif c.mode == "leave":
                c.x += (c.lx - c.x) * min(1, .10 * c.v * dt * 2.2)
            if c.y > 95 or c.y < -20:
                c.gone = True
        self.gone = getattr(self, "gone", []) + [c for c in self.cars if c.gone]
        self.cars = [c for c in self.cars if not c.gone]

    def frames(self):
        dt = .1
        n = int(round(self.seconds * self.rate))
        lit = self.script.get("light", "day") in ("dusk", "night", "infrared") or self.script.get("weather") == "rain"
        t, k = -self.warm, 0
        while k < n:
            due = k / self.rate
            while t < due - 1e-9:
                self._advance(t, dt)
                t += dt
            out = []
            for c in self.cars:
                if not 4 < c.y < 75:
                    continue
                standing = c.mode == "stand"
                swing = 0
                out.append(Item(c.id, c.kind, "", "", c.x, c.y, 90.0 * c.d + swing, c.tints, not standing, lit and not (standing and c.stops and not c.stops[0].get("inlane") and t - (c.spans[-1][0] if c.spans else t) > 6), c.accel < -.4 or c.v < .2,
                                dict(span=bool(c.spans), v=c.v)))
            for a, b, item in self.fixed:
                if a <= due and (b is None or due < b):
                    out.append(item)
            for w in self.walkers:
                age = due - w["t0"]
                if w.get("pause"):
                    at, hold = w["pause"]
                    begin = float(at) - w["t0"]
                    age = age if age < begin else begin if age < begin + hold else age - hold
                    still = begin <= due - w["t0"] < begin + hold
                else:
                    still = False
                y = w["y0"] + w["d"] * w["v"] * age
                if age < 0 or not 4.5 < y < 48:
                    continue
                step = int((y * w["d"] / .36 + w["phase"] * 4)) % 2
                cart = w.get("cart")
                pose = "push" if cart and still else f"walk{step}"
                yy = y - w["d"] * (1.45 if cart == "handcart" else 1.3 if cart else 0)
                out.append(Item(w["id"], "person", w["look"], pose, w["x"], yy, 90.0 * w["d"], w["tints"], True))
                if cart:
                    out.append(Item(w["id"] + ".cart", cart, "", "", w["x"], y, 90.0 * w["d"], w["cart_tints"], True))
            yield due, out
            k += 1
        for c in self.cars + getattr(self, "gone", []):
            for start, end, before, x, y in c.spans:
                self.spans.append(dict(id=c.id, kind=c.kind, start=max(0, round(start, 2)), before=before, end=None if end is None or end >= self.seconds else round(end, 2), x=x, y=y, note=getattr(c, "note", None) or (c.stops[0].get("note") if c.stops else None)))


def _screen(cam, x, y, size):
    l, w, h = size
    pts = [(x + a * w / 2, y + b * l / 2, c * h) for a in (-1, 1) for b in (-1, 1) for c in (0, 1)]
    uv = cam.project(pts)
    return uv[:, 0].min(), uv[:, 1].min(), uv[:, 0].max(), uv[:, 1].max()


def keys_of(script, fixed=False):
    """All sprites a script needs: {(kind, look, pose, x, y, heading): pictures}; `fixed`: only those of things that never move."""
    out = {}
    place = script["place"]
    if fixed:
        p = Play(script)
        return {(*i.model(), *station(place, i)): 1 for _, _, i in p.fixed}
    for _, items in Play(script).frames():
        for i in items:
            k = (*i.model(), *station(place, i))
            out[k] = out.get(k, 0) + 1
    return out
