"""Tests of the generator: python -m unittest discover scripts/scenes, with the interpreter that has bpy. What needs rendered sprites is skipped without a cache."""
import glob
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import unittest

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
CACHE = os.environ.get("WARDEN_SCENES", "/var/tmp/warden-scenes") + "/cache"
SAMPLES = os.path.join(HERE, "..", "..", "samples")


def read(path):
    import yaml
    with open(path, encoding="utf-8") as f:
        return yaml.safe_load(f)


def hashes(name, seconds, seed=None):
    """The hashes of the pictures of the first `seconds` of a script."""
    from streets.compose import Stage
    from streets.director import layer_of
    from streets.play import Play, keys_of
    s = read(os.path.join(HERE, "scripts", name + ".yaml")) | {"seconds": seconds, "rate": 2}
    if seed is not None:
        s["seed"] = seed
    stage = Stage(s, layer_of(s), CACHE, int(s["seed"]), sorted(keys_of(s)))
    return [hashlib.sha256(stage.frame(t, items, k)[0].tobytes()).hexdigest() for k, (t, items) in enumerate(Play(s).frames())]


class Pictures(unittest.TestCase):
    @unittest.skipUnless(glob.glob(CACHE + "/plate-avenue-day-*.npz"), "no rendered cache")
    def test_the_same_seed_gives_the_same_pictures_in_another_process(self):
        for name in ("parking-day", "parking-night", "parking-rain"):
            here = hashes(name, 6)
            code = f"import sys, json; sys.path.insert(0, {HERE!r}); import test_scenes; json.dump(test_scenes.hashes({name!r}, 6), sys.stdout)"
            there = json.loads(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, env=os.environ | {"PYTHONHASHSEED": "7"}).stdout)
            self.assertEqual(here, there, name)
            self.assertEqual(len(set(here)), 12, "the pictures move")
            self.assertNotEqual(here, hashes(name, 6, seed=999))

    def test_a_sprite_rendered_twice_is_the_same(self):
        """On one machine; the denoiser may round otherwise on another."""
        code = ("import sys; sys.path.insert(0, {h!r})\nfrom streets import sprites\n"
                "sprites.render_missing('avenue', [('person', 'man', 'walk0', 8.6, 20.0, 90.0), ('wheelie', '', 'overflow', 6.65, 11.2, 180)], 'day', sys.argv[1], lambda *a: None)")
        found = []
        for _ in range(2):
            with tempfile.TemporaryDirectory() as d:
                subprocess.run([sys.executable, "-c", code.format(h=HERE), d], check=True, capture_output=True)
                one = {}
                for f in sorted(glob.glob(d + "/sprites/*.npz")):
                    with np.load(f) as z:
                        one[os.path.basename(f)] = {k: hashlib.sha256(z[k].tobytes()).hexdigest() for k in z.files}
                found.append(one)
        self.assertEqual(len(found[0]), 2)
        self.assertEqual(found[0], found[1])


class Things(unittest.TestCase):
    def test_people_stalls_bins_and_two_wheelers_stand_on_the_ground_and_within_the_size_that_cuts_their_sprites(self):
        from streets import furniture, people
        from streets.play import build
        models = [(k, "", "") for k in ["motorcycle", "motorcyclist", "bicycle", "cyclist", "tricycle"] + list(furniture.FURNITURE)] + [(k, "", s) for k in furniture.BINS for s in furniture.BIN_STATES]
        models += [("person", l, p) for l in ("man", "woman", "vendor", "cap") for p in people.POSES]
        for m in models:
            mesh, f = build(*m)
            v = np.asarray(mesh.vertices)
            self.assertLess(abs(v[:, 2].min()), .06, m)
            l, w, h = f["size"]
            self.assertLess(v[:, 2].max(), h * 1.04 + .02, m)
            self.assertLess(abs(v[:, 0]).max(), .56 * l + .10, m)
            self.assertLess(abs(v[:, 1]).max(), .58 * w + .14, m)


class Truth(unittest.TestCase):
    def test_the_director_repeats_itself_and_every_script_has_what_it_needs(self):
        from streets import director
        self.assertEqual(director.script(17), director.script(17))
        self.assertNotEqual(director.script(17), director.script(18) | {"name": "suite-017"})

    def test_events_follow_from_what_stood_where_and_how_long(self):
        """Recomputed without pictures: the samples' references name the same events."""
        from streets.play import Play
        from streets.truth import Record
        for path in sorted(glob.glob(os.path.join(HERE, "scripts", "*.yaml"))):
            s = read(path)
            p = Play(s)
            r = Record(s, p.rate)
            for t, items in p.frames():
                for i in items:
                    r.boxes.setdefault(i.id, []).append((t, (0, 0, 1, 1), 1.0))
            with open(os.path.join(SAMPLES, s["name"], "reference.json"), encoding="utf-8") as f:
                kept = json.load(f)["events"]
            pick = lambda es: [(e["type"], e["zone"], e["startSeconds"], e["dueSeconds"], e["endSeconds"], e["ignore"]) for e in es]       # noqa: E731
            self.assertEqual(pick(r.events(p)), pick(kept), s["name"])
            for e in kept:
                self.assertGreaterEqual(e["dueSeconds"], e["startSeconds"])
                self.assertTrue(e["endSeconds"] is None or e["endSeconds"] >= e["dueSeconds"])


if __name__ == "__main__":
    unittest.main()
