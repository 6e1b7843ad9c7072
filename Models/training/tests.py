"""Behaviour that training and measuring rest on: python -m unittest tests (numpy and OpenCV suffice; no picture is needed)."""
import unittest

import numpy as np

import pictures
from augment import CELL, Augmenter, Canvas
from decode import decode, nms
from evaluate import curve, match
from graph import CLASSES
from pictures import EXCLUDES, NC, Picture, believe

CAR, TRUCK, BIN = (CLASSES.index(c) for c in ("car", "truck", "bin"))


def boxes(*rows):
    return np.array(rows, np.float64).reshape(-1, 4)


def figure(found, scores, true, crowd=None, threshold=0.5, smallest=0):
    return curve([match(boxes(*found), np.array(scores, float), boxes(*true), np.array(crowd or [False] * len(true), bool),
                        threshold, smallest, 1.0)])


def picture(name="a", known=(), labels=(), at=(), size=(120, 160), seed=0):
    image = np.random.default_rng(seed).integers(0, 255, (*size, 3), np.uint8)
    return Picture(image, np.array(at, np.float32).reshape(-1, 4), np.array(labels, np.int64), np.ones(len(labels), np.float32),
                   np.zeros((0, 5), np.float32), np.array([c in known for c in CLASSES]), "source", name)


class Measuring(unittest.TestCase):
    def test_all_found_and_nothing_else_is_one(self):
        r = figure([[0, 0, 10, 10], [20, 20, 40, 40]], [0.9, 0.8], [[0, 0, 10, 10], [20, 20, 40, 40]])
        self.assertAlmostEqual(r["ap"], 1.0)
        self.assertEqual((r["recall"], r["n"]), (1.0, 2))

    def test_a_picture_drawn_twice_counts_as_two_alike(self):
        one = lambda b, s, t: match(boxes(*b), np.array(s, float), boxes(*t), np.zeros(len(t), bool), 0.5, 0, 1.0)
        a = one([[0, 0, 10, 10], [50, 0, 60, 10]], [0.9, 0.6], [[0, 0, 10, 10]])
        b = one([[30, 30, 40, 40]], [0.7], [[0, 0, 10, 10], [60, 60, 80, 80]])
        c = one([[0, 0, 20, 20]], [0.8], [[0, 0, 20, 20]])
        self.assertEqual(curve([a, b, c], np.array([2.0, 0.0, 1.0]))["ap"], curve([a, a, c])["ap"])
        self.assertEqual(curve([a, b, c], np.array([0.0, 1.0, 2.0]))["recall"], curve([b, c, c])["recall"])

    def test_a_second_box_on_one_object_is_wrong(self):
        r = figure([[0, 0, 10, 10], [0, 0, 10, 9]], [0.9, 0.8], [[0, 0, 10, 10], [50, 50, 60, 60]])
        self.assertAlmostEqual(r["recall"], 0.5)
        self.assertLess(r["ap"], 0.52)

    def test_a_crowd_absorbs_detections_and_is_not_missed(self):
        r = figure([[0, 0, 10, 10], [5, 5, 9, 9]], [0.9, 0.95], [[20, 20, 30, 30], [0, 0, 15, 15]], crowd=[False, True])
        self.assertEqual((r["n"], r["ap"]), (1, 0.0))
        r = figure([[20, 20, 30, 30], [5, 5, 9, 9]], [0.5, 0.95], [[20, 20, 30, 30], [0, 0, 15, 15]], crowd=[False, True])
        self.assertAlmostEqual(r["ap"], 1.0)

    def test_small_objects_and_small_detections_do_not_count_below_the_limit(self):
        r = figure([[0, 0, 30, 30], [50, 50, 54, 54]], [0.8, 0.9], [[0, 0, 30, 30], [80, 80, 85, 85]], smallest=24)
        self.assertEqual(r["n"], 1)
        self.assertAlmostEqual(r["ap"], 1.0)

    def test_nothing_to_find_is_no_figure(self):
        self.assertTrue(np.isnan(figure([], [], [])["ap"]))

    def test_suppression_keeps_the_best_and_what_overlaps_little(self):
        kept = nms(boxes([0, 0, 10, 10], [0, 0, 10, 9], [30, 30, 40, 40]), np.array([0.8, 0.9, 0.1]), 0.6)
        self.assertEqual(kept, [1, 2])

    def test_a_cell_stands_at_its_index_times_the_stride(self):
        out = np.zeros((4 * 4 + 2 * 2, NC + 32), np.float32)
        out[:, NC:] = -100
        out[:, NC + 1::8] = 100  # each side a distance of 1 stride
        _, b = decode(out, NC, [8, 16], 7, 32, 32)
        np.testing.assert_allclose(b[5], [0, 0, 16, 16], atol=1e-4)     # stride 8, column 1, row 1
        np.testing.assert_allclose(b[16 + 3], [0, 0, 32, 32], atol=1e-4)  # stride 16, column 1, row 1


class Knowing(unittest.TestCase):
    def test_a_lorry_is_no_bin_and_a_bin_may_hold_garbage(self):
        self.assertTrue(EXCLUDES[TRUCK, BIN] and EXCLUDES[BIN, TRUCK])
        self.assertFalse(EXCLUDES[BIN, CLASSES.index("garbage")])
        self.assertFalse(EXCLUDES.diagonal().any())

    def test_the_teacher_is_not_believed_on_a_labelled_bin(self):
        known = np.zeros(NC, bool)
        objects, unsure = believe([("truck", 0.9, [0, 0, 50, 50])], known, [[0, 0, 50, 50, BIN, 1.0]], 0.45, 0.2)
        self.assertEqual((objects, unsure), ([], []))

    def test_of_two_vehicle_classes_in_one_place_the_better_counts_and_the_other_is_ignored(self):
        objects, unsure = believe([("car", 0.6, [0, 0, 50, 50]), ("truck", 0.8, [0, 0, 50, 48])], np.zeros(NC, bool), [], 0.45, 0.2)
        self.assertEqual([o[4] for o in objects], [TRUCK])
        self.assertEqual([u[4] for u in unsure], [CAR])

    def test_what_is_known_travels_with_the_pixels(self):
        c = Canvas(160, 120)
        self.assertTrue(c.known.all())  # a grey border holds nothing
        c.draw(picture(known=["bin"]), (0, 0, 80, 120), 0.5, 0.5, 0, 0)
        inside, outside = c.known[2, 2], c.known[2, 160 // CELL - 1]
        self.assertTrue(inside[BIN] and not inside[CAR] and outside.all())

    def test_an_object_cut_to_a_sliver_is_ignored_not_absent(self):
        c = Canvas(160, 120)
        c.draw(picture(known=["car"], labels=[CAR], at=[[0, 0, 100, 100]]), (0, 0, 160, 120), 1.0, 1.0, -90, 0)
        self.assertEqual((len(c.boxes), len(c.ignore)), (0, 1))

    def test_flipping_moves_boxes_with_the_pixels(self):
        c = Canvas(160, 120)
        c.draw(picture(known=["car"], labels=[CAR], at=[[0, 10, 40, 50]]), (0, 0, 160, 120), 1.0, 1.0, 0, 0, flip=True)
        np.testing.assert_allclose(c.boxes[0], [120, 10, 160, 50])

    def test_a_sample_depends_on_seed_and_number_alone(self):
        found = [picture("a", ["car"], [CAR], [[10, 10, 60, 60]]), picture("b", ["bin", "bin-overflow", "garbage"], [BIN], [[20, 20, 70, 90]], seed=1)]
        first, again = Augmenter(found, 160, 96, seed=3), Augmenter(found, 160, 96, seed=3)
        again.sample(7)
        for number in (0, 5):
            a, b = first.sample(number), again.sample(number)
            self.assertTrue(all(np.array_equal(x, y) for x, y in zip(a, b)))
        self.assertFalse(np.array_equal(first.sample(0)[0], first.sample(1)[0]))


class Labels(unittest.TestCase):
    def test_every_source_and_class_is_known_and_boxes_have_sides(self):
        sources, labels = pictures.read_sources(), pictures.read_labels()
        self.assertTrue(labels)
        for (source, name), seen in labels.items():
            self.assertIn(source, sources, name)
            self.assertTrue(set(seen["looked_for"]) <= set(CLASSES), name)
            for b in seen["boxes"]:
                self.assertIn(b["class"], seen["looked_for"], name)
                self.assertTrue(b["box"][2] > 0 and b["box"][3] > 0, name)

    def test_every_source_says_what_may_be_done_with_it(self):
        for s in pictures.read_sources().values():
            self.assertIn(s["use"], ("train", "measure", "never"))
            self.assertTrue(s["use"] != "train" or s["licence"] != "none stated", s["source"])


if __name__ == "__main__":
    unittest.main()
