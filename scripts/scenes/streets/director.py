"""Writes random scripts: offences of all three types among things that only look like offences."""
import datetime
import json
import os

import numpy as np

# What the cache of a place is built from: few models and fixed slots, so that scripts share their sprites.
MIX = {"avenue": {"up": ["sedan", "hatch", "suv", "motorcyclist"], "down": ["sedan", "hatch", "suv", "motorcyclist"], "kerb": ["sedan", "hatch", "suv"]},
       "market": {"up": ["hatch", "motorcyclist"], "down": ["sedan", "motorcyclist"]}}
PARKERS = ["van", "sedan", "hatch", "suv"]


def layer_of(script):
    """Whether the sun shines on a scene (`day`) or the sky alone."""
    return "day" if script.get("light", "day") == "day" and script.get("weather", "clear") != "rain" else "sky"


def pick(rng, values):
    return values[int(rng.random() * len(values))]


def script(seed, seconds=190):
    """A script from a seed; everything in it follows from the seed."""
    rng = np.random.default_rng([seed, 2024])
    place = pick(rng, ["avenue", "avenue", "market"])
    light = pick(rng, ["day", "day", "day", "overcast", "dusk", "night", "infrared"])
    weather = pick(rng, ["clear", "cloudy", "rain"]) if light == "day" else "clear"
    hour = {"day": 8 + int(8 * rng.random()), "overcast": 7 + int(9 * rng.random()), "dusk": 18, "night": 20 + int(3 * rng.random()), "infrared": 2}[light]
    s = dict(name=f"suite-{seed:03d}", place=place, seed=seed, seconds=float(seconds), rate=2, gop=4.0, crf=30, sampleRate=1.0, light=light, weather=weather,
             clock=datetime.datetime(2024, 5, 1 + seed % 28, hour, int(60 * rng.random()), 0, tzinfo=datetime.timezone(datetime.timedelta(hours=7))).isoformat(), zones={}, things=[])
    add = s["things"].append
    dwell = 40

    def when():
        return round(15 + rng.random() * (seconds - dwell - 75), 1)
    quiet = .4 if light in ("night", "infrared") else 1.0
    for lane, vehicles in MIX[place].items():
        if lane != "kerb":
            add(dict(what="traffic", id=lane, lane=lane, vehicles=vehicles, per_minute=round((4 + 6 * rng.random()) * quiet, 1)))
    walks = ["left", "right"] if place == "avenue" else ["inner"]
    for w in walks:
        add(dict(what="walk", id=f"walk-{w}", path=w, looks=["man", "woman"], per_minute=round((1 + 4 * rng.random()) * quiet, 1)))
    if place == "avenue":
        s["zones"] = {"kerb-left": dwell, "kerb-right": dwell, "berths": None, "pavement-left": dwell, "bin-2": dwell}
        queue = rng.random() < .3
        left, right = ["kerb-left-2", "kerb-left-3"], ["kerb-right-2", "kerb-right-3"]
        if queue:       # a queue at the light fills the right-hand lane: no offence there
            del s["zones"]["kerb-right"]
            s["zones"]["kerb-right"] = dict(dwell=dwell, name="Right kerb, also a lane")
            start = when()
            add(dict(what="signal", id="light", lanes=["kerb", "up"], red=[[start, start + 50], [start + 80, start + 128]]))
            add(dict(what="traffic", id="kerb", lane="kerb", vehicles=MIX[place]["kerb"], per_minute=8))
        free = left if queue else left + right
        for slot in free:
            u = rng.random()
            if u < .38:
                at = when() if rng.random() < .8 else -1
                stay = None if rng.random() < .3 else round(dwell + 25 + 50 * rng.random(), 1)
                add(dict(what="park", id=f"wrong-{slot}", vehicle=pick(rng, PARKERS), slot=slot, at=at, colour=pick(rng, ["white", "silver", "black", "red", "blue", "teal"]), **({"for": stay} if stay else {})))
                if slot == "kerb-left-2" and rng.random() < .5 and at > 0:
                    add(dict(what="hide", id="bus", vehicle="bus", target=slot, **{"from": at + 18, "to": at + 18 + 8 + round(8 * rng.random(), 1)}))
            elif u < .70:
                add(dict(what="park", id=f"loading-{slot}", vehicle=pick(rng, PARKERS), slot=slot, at=when(), colour=pick(rng, ["white", "silver", "red"]), note="stops within the tolerance", **{"for": round(8 + 20 * rng.random(), 1)}))
        add(dict(what="park", id="berth", vehicle="sedan", slot="berth-1", colour=pick(rng, ["white", "grey", "silver"])))
        add(dict(what="bin", id="bin", kind="wheelie", slot="bin-2", colour="green", states={0: "full", when(): pick(rng, ["heaped", "overflow", "overflow"])} if rng.random() < .35 else {0: pick(rng, ["empty", "full"])}))
        if rng.random() < .35:
            add(dict(what="stall", id="vendor", kind="table", slot="pavement-left-2", at=when(), umbrella=True, umbrella_colour=pick(rng, ["red", "blue", "orange", "green"]), colour=pick(rng, ["blue", "red"])))
    else:
        s["zones"] = {"pavement": dwell, "cafe": None, "bin-1": dwell, "bin-2": dwell}
        add(dict(what="cafe", id="cafe", slot="cafe-1", guests=2, colour=pick(rng, ["green", "red", "blue"])))
        if rng.random() < .6:
            kind, slot = pick(rng, [("table", "stall-2"), ("handcart", "stall-1"), ("cloth", "stall-3")])
            stay = None if rng.random() < .5 else round(dwell + 25 + 30 * rng.random(), 1)
            add(dict(what="stall", id="vendor", kind=kind, slot=slot, at=when() if rng.random() < .8 else -1, umbrella=kind != "cloth", umbrella_colour=pick(rng, ["red", "blue", "orange"]), colour=pick(rng, ["blue", "red", "teal"]), customers=int(3 * rng.random()), **({"for": stay} if stay else {})))
        for k in range(1 + int(2 * rng.random())):
            at = when()
            add(dict(what="stroll", id=f"through-{k}", path="outer", at=at, passing=12, direction=1, colour=pick(rng, ["teal", "red", "blue"]), second="red", **{"with": "handcart"}, **({"pause": [at, round(8 + 14 * rng.random(), 1)]} if rng.random() < .5 else {})))
        for n in ("bin-1", "bin-2"):
            u = rng.random()
            t = when()
            states = {0: "full", t: "overflow"} if u < .4 else {0: "half"} if u < .7 else {0: "full", t: "heaped"}
            add(dict(what="bin", id=n, kind="wheelie", slot=n, colour=pick(rng, ["green", "blue"]), states=states, **({"bags": [t + 10]} if u < .2 else {})))
        if rng.random() < .4:
            add(dict(what="litter", id="litter", slot="litter-1", at=when()))
        s["zones"]["kerb"] = dwell
        u = rng.random()
        if u < .45:
            add(dict(what="park", id="wrong-kerb", vehicle=pick(rng, ["sedan", "van"]), slot=pick(rng, ["kerb-1", "kerb-2"]), at=when(), colour=pick(rng, ["white", "silver", "red", "blue"]), **({"for": round(dwell + 25 + 40 * rng.random(), 1)} if rng.random() < .6 else {})))
        elif u < .75:
            add(dict(what="park", id="loading-kerb", vehicle=pick(rng, ["sedan", "van"]), slot="kerb-1", at=when(), colour="white", note="stops within the tolerance", **{"for": round(8 + 20 * rng.random(), 1)}))
    s["things"].sort(key=lambda t: t["id"])
    return s


def dump(path, value):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(value, f, indent=1, sort_keys=True)
        f.write("\n")


def suite(a, say):
    """Writes the scripts of seeds `a-b` into a folder, with suite.json and expected.json; `--render` fills the cache for them, `--make` also composes the clips."""
    import yaml
    from . import compose, play, sprites
    from .truth import Record
    lo, hi = (int(v) for v in (a.seeds.split("-") * 2)[:2])
    os.makedirs(a.out, exist_ok=True)
    expected, need, lights, scripts = {}, {}, {}, {}
    for seed in range(lo, hi + 1):
        s = script(seed, a.seconds)
        scripts[s["name"]] = s
        os.makedirs(os.path.join(a.out, s["name"]), exist_ok=True)
        with open(os.path.join(a.out, s["name"], "script.yaml"), "w", encoding="utf-8") as f:
            yaml.safe_dump(s, f, sort_keys=True)
        p = play.Play(s)
        r = Record(s, p.rate)
        keys = need.setdefault(s["place"], set())
        lights.setdefault(s["place"], set()).add(layer_of(s))
        for t, items in p.frames():
            for i in items:
                keys.add((*i.model(), *play.station(s["place"], i)))
                r.boxes.setdefault(i.id, []).append((t, (0, 0, 1, 1), 1.0))
        count = {}
        for e in r.events(p):
            if not e["ignore"]:
                count[e["type"]] = count.get(e["type"], 0) + 1
        expected[s["name"]] = dict(place=s["place"], light=s["light"], weather=s["weather"], seconds=s["seconds"], events=count)
    total = {}
    for e in expected.values():
        for k, v in e["events"].items():
            total[k] = total.get(k, 0) + v
    recipe = dict(seeds=a.seeds, seconds=sum(e["seconds"] for e in expected.values()), total=total, clips=expected)
    dump(os.path.join(a.out, "expected.json"), recipe)
    # The street that rules may be tuned on, and the one they are tested on; a site lies in one split only.
    split = {"avenue": "validation", "market": "test"}
    names = sorted({split[e["place"]] for e in expected.values()})
    dump(os.path.join(a.out, "suite.json"), dict(schema="warden.suite/1", splits={n: sorted(k for k, e in expected.items() if split[e["place"]] == n) for n in names}))
    say(f"{len(expected)} scripts, {recipe['seconds'] / 3600:.2f} h, events {total}")
    kept = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "expected.json")
    if os.path.exists(kept):
        with open(kept, encoding="utf-8") as f:
            k = json.load(f)
        if k["seeds"] == recipe["seeds"] and k != recipe:
            raise SystemExit("the events differ from expected.json: the generator changed; copy the new file there if that is meant")
    for place, keys in sorted(need.items()):
        missing = sum(not os.path.exists(sprites.path_of(a.cache, place, k, "day")) for k in keys)
        say(f"{place}: {len(keys)} sprites, {missing} to render")
    if a.render or a.make:
        from . import plates
        for place, keys in sorted(need.items()):
            plates.plate(place, a.cache, sorted(lights[place]), say)
            sprites.render_missing(place, sorted(keys), "day", a.cache, say)
    if a.make:
        for name, s in scripts.items():
            if not os.path.exists(os.path.join(a.out, name, "reference.json")):     # written last: goes on where it was stopped
                compose.clip(s, layer_of(s), a.cache, os.path.join(a.out, name), say)
