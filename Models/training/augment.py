"""Training samples: single pictures, mosaics down to small scales, street pictures with bins pasted in, and what
street cameras do to a picture.

What is known travels with the pixels: `known` is a map of 8x8-pixel cells by class, cut and pasted along with them.
Inside an `ignore` box its class is unknown, too (crowds, weak guesses of the teacher, what became too small to see).
A sample depends on the seed and its number alone, so a run that was interrupted goes on with the samples it would have
seen.
"""
import cv2
import numpy as np

from pictures import BIN, NC, Picture

cv2.setNumThreads(1)
CELL = 8


class Canvas:
    """A training picture under construction."""

    def __init__(self, width, height):
        self.image = np.full((height, width, 3), 114, np.uint8)
        self.known = np.ones((height // CELL, width // CELL, NC), bool)  # the grey border holds nothing, for sure
        self.boxes, self.labels, self.weights, self.ignore = [], [], [], []

    def draw(self, p, rect, sx, sy, ox, oy, flip=False, alpha=None, gain=None):
        """Draws picture `p`, scaled by sx, sy, with its top left corner at (ox, oy), into `rect` (x1, y1, x2, y2).
        `alpha` [h, w] in 0...1 is the picture's mask; `gain` a brightness factor."""
        h, w = p.image.shape[:2]
        x1, y1, x2, y2 = rect
        # The part of the picture that is seen, in its own pixels, with a margin for the interpolation.
        left, top = max(0, int((x1 - ox) / sx) - 2), max(0, int((y1 - oy) / sy) - 2)
        right, bottom = min(w, int((x2 - ox) / sx) + 3), min(h, int((y2 - oy) / sy) + 3)
        if right - left < 4 or bottom - top < 4:
            return
        image = p.image[:, ::-1] if flip else p.image
        how = cv2.INTER_AREA if sx * sy < 0.8 else cv2.INTER_LINEAR
        pw, ph = max(1, round((right - left) * sx)), max(1, round((bottom - top) * sy))
        part = cv2.resize(image[top:bottom, left:right], (pw, ph), interpolation=how)
        px, py = round(ox + left * sx), round(oy + top * sy)
        cx1, cy1, cx2, cy2 = max(x1, px), max(y1, py), min(x2, px + pw), min(y2, py + ph)
        if cx2 - cx1 < 4 or cy2 - cy1 < 4:
            return
        part = part[cy1 - py:cy2 - py, cx1 - px:cx2 - px]
        if gain is not None:
            part = (part * gain).clip(0, 255)
        if alpha is not None:
            a = (alpha[:, ::-1] if flip else alpha)[top:bottom, left:right]
            a = cv2.resize(a, (pw, ph), interpolation=how)[cy1 - py:cy2 - py, cx1 - px:cx2 - px, None]
            part = part * a + self.image[cy1:cy2, cx1:cx2] * (1 - a)
        self.image[cy1:cy2, cx1:cx2] = part
        self.known[cy1 // CELL:-(-cy2 // CELL), cx1 // CELL:-(-cx2 // CELL)] = p.known

        def moved(b):
            b = b.copy()
            if flip:
                b[:, [0, 2]] = w - b[:, [2, 0]]
            b = b * np.array([sx, sy, sx, sy], np.float32) + np.array([ox, oy, ox, oy], np.float32)
            whole = np.prod(np.maximum(b[:, 2:] - b[:, :2], 1e-3), 1)
            b[:, 0::2] = b[:, 0::2].clip(cx1, cx2)
            b[:, 1::2] = b[:, 1::2].clip(cy1, cy2)
            side = b[:, 2:] - b[:, :2]
            return b, np.prod(side, 1) / whole, side.min(1)

        b, seen, side = moved(p.boxes)
        for i in range(len(b)):
            if seen[i] >= 0.35 and side[i] >= 4:
                self.boxes.append(b[i]), self.labels.append(p.labels[i]), self.weights.append(p.weights[i])
            elif seen[i] > 0.02:
                self.ignore.append([*b[i], p.labels[i]])
        b, seen, side = moved(p.ignore[:, :4])
        for i in range(len(b)):
            if side[i] > 0:
                self.ignore.append([*b[i], p.ignore[i, 4]])

    def cover(self, rect):
        """Objects hidden by what is drawn next: ignored when mostly covered."""
        for i in range(len(self.boxes) - 1, -1, -1):
            b = self.boxes[i]
            iw, ih = min(b[2], rect[2]) - max(b[0], rect[0]), min(b[3], rect[3]) - max(b[1], rect[1])
            if iw > 0 and ih > 0 and iw * ih > 0.5 * (b[2] - b[0]) * (b[3] - b[1]):
                self.ignore.append([*b, self.labels[i]])
                del self.boxes[i], self.labels[i], self.weights[i]


class Augmenter:
    def __init__(self, pictures, width, height, seed=0, mosaic=0.35, paste=0.3):
        self.pictures, self.width, self.height, self.seed = pictures, width, height, seed
        self.mosaic, self.paste = mosaic, paste
        has = np.zeros((len(pictures), NC), bool)
        for i, p in enumerate(pictures):
            has[i, p.labels] = True
        close = np.array([(p.labels >= BIN).any() for p in pictures])
        self.bins = np.flatnonzero(close)
        self.street = np.flatnonzero(~close)
        # Cut-outs that hold no bin for sure, pasted like bins: a seam is no sign of a bin.
        self.decoys = np.array([i for i, p in enumerate(pictures) if p.known[BIN:].all()])
        # Rare classes and small sources are drawn more often, but far from evenly: that would mean learning them by heart.
        share = has.mean(0)
        rare = np.where(has, np.sqrt(np.maximum(1.0, 0.1 / np.maximum(share, 1e-9))), 1.0).max(1).clip(1, 3)
        _, group = np.unique([p.source for p in pictures], return_inverse=True)
        chance = rare / np.sqrt(np.bincount(group)[group])
        self.chance = chance / chance.sum()
        self.street_chance = chance[self.street] / chance[self.street].sum() if len(self.street) else None

    def pick(self):
        return self.pictures[self.rng.choice(len(self.pictures), p=self.chance)]

    def true_aspect(self, p):
        """A guess at how much wider than stored a picture was before its source squeezed it to a square."""
        return self.rng.choice([0.5625, 0.75, 1.0, 1.333, 1.778]) if p.squeezed and self.rng.random() < 0.6 else 1.0

    def scaled(self, p, low, high):
        """Scales sx, sy: a random size between low and high of the frame, and a random change of the aspect."""
        h, w = p.image.shape[:2]
        w = w * self.true_aspect(p)
        s = np.exp(self.rng.uniform(np.log(low), np.log(high)))
        # Halfway between keeping the aspect and stretching to the frame, give or take: the finished network is fed both.
        fit, stretch = min(self.width / w, self.height / h), np.array([self.width / w, self.height / h])
        mix = self.rng.uniform(0, 1)
        both = np.exp(np.log(fit) * (1 - mix) + np.log(stretch) * mix) * s * np.exp(self.rng.normal(0, 0.1) * np.array([1, -1]))
        return both * np.array([w / p.image.shape[1], 1.0])

    def single(self, c, p, low=0.7, high=1.8):
        sx, sy = self.scaled(p, low, high)
        h, w = p.image.shape[:2]
        ox = self.rng.uniform(min(0, self.width - w * sx), max(0, self.width - w * sx))
        oy = self.rng.uniform(min(0, self.height - h * sy), max(0, self.height - h * sy))
        c.draw(p, (0, 0, self.width, self.height), sx, sy, int(ox), int(oy), self.rng.random() < 0.5)

    def tiles(self, c):
        n = 2 if self.rng.random() < 0.7 else 3
        cut = lambda size: [0] + [CELL * int(round(size / CELL * (i / n + self.rng.uniform(-0.12, 0.12)))) for i in range(1, n)] + [size]
        xs, ys = cut(self.width), cut(self.height)
        for y1, y2 in zip(ys, ys[1:]):
            for x1, x2 in zip(xs, xs[1:]):
                p = self.pick()
                sx, sy = self.scaled(p, 0.3, 1.0)
                h, w = p.image.shape[:2]
                ox = x1 + self.rng.uniform(min(0, x2 - x1 - w * sx), max(0, x2 - x1 - w * sx))
                oy = y1 + self.rng.uniform(min(0, y2 - y1 - h * sy), max(0, y2 - y1 - h * sy))
                c.draw(p, (x1, y1, x2, y2), sx, sy, int(ox), int(oy), self.rng.random() < 0.5)

    def street_with_bins(self, c):
        p = self.pictures[self.rng.choice(self.street, p=self.street_chance)]
        self.single(c, p, 0.95, 1.5)
        for _ in range(self.rng.integers(1, 7)):
            decoy = self.rng.random() < 0.25 and len(self.decoys)
            self.paste_one(c, self.pictures[self.rng.choice(self.decoys if decoy else self.bins)], decoy)

    def paste_one(self, c, src, decoy):
        sh, sw = src.image.shape[:2]
        if decoy:
            h = self.rng.uniform(0.1, 0.4) * sh
            w = h * self.rng.uniform(0.5, 1.5)
            x, y = self.rng.uniform(0, max(1, sw - w)), self.rng.uniform(0, max(1, sh - h))
            b = np.array([x, y, min(sw, x + w), min(sh, y + h)])
        else:
            found = np.flatnonzero(src.labels >= BIN)
            b = src.boxes[self.rng.choice(found)]
        w, h = b[2] - b[0], b[3] - b[1]
        height = np.exp(self.rng.uniform(np.log(14), np.log(110)))  # of the box, in pixels of the frame
        sy = height / max(h, 1)
        sx = sy * self.true_aspect(src) * np.exp(self.rng.normal(0, 0.08))
        m = self.rng.uniform(0.04, 0.3) * max(w, h)
        x1, y1 = max(0, int(b[0] - m)), max(0, int(b[1] - m))
        x2, y2 = min(sw, int(b[2] + m)), min(sh, int(b[3] + m))
        pw, ph = int((x2 - x1) * sx), int((y2 - y1) * sy)
        if pw < 10 or ph < 10 or pw > self.width * 0.7 or ph > self.height * 0.7:
            return
        # Lower in the picture is nearer, thus larger; loosely so.
        base = np.clip(0.3 + 0.7 * height / 110 + self.rng.normal(0, 0.2), 0.2, 1.0)
        oy, ox = int(np.clip(base * self.height - ph, 0, self.height - ph)), int(self.rng.uniform(0, self.width - pw))
        cut = Picture(src.image[y1:y2, x1:x2], src.boxes - [x1, y1, x1, y1], src.labels, src.weights,
                      src.ignore - [x1, y1, x1, y1, 0], src.known, "", "")
        inside = (np.minimum(cut.boxes[:, 2:], [x2 - x1, y2 - y1]) > np.maximum(cut.boxes[:, :2], 0)).all(1)
        cut.boxes, cut.labels, cut.weights = cut.boxes[inside].astype(np.float32), cut.labels[inside], cut.weights[inside]
        cut.ignore = cut.ignore.astype(np.float32)
        # Edges fade over the margin; corners are round as often as not.
        ch, cw = y2 - y1, x2 - x1
        yy, xx = np.abs(np.linspace(-1, 1, ch, dtype=np.float32))[:, None], np.abs(np.linspace(-1, 1, cw, dtype=np.float32))[None]
        power, soft = self.rng.choice([4.0, 8.0, 30.0]), self.rng.uniform(0.03, 0.25)
        alpha = ((1 - (xx ** power + yy ** power) ** (1 / power)) / soft).clip(0, 1)
        rect = (ox, oy, ox + pw, oy + ph)
        # Its light is drawn halfway to that of the place.
        there, mine = c.image[oy:oy + ph, ox:ox + pw].mean() + 8, cut.image.mean() + 8
        c.cover(rect)
        c.draw(cut, rect, sx, sy, ox, oy, self.rng.random() < 0.5, alpha=alpha,
               gain=float(np.clip(there / mine, 0.4, 2.5) ** self.rng.uniform(0, 0.8)))

    def camera(self, image):
        """Light, weather and what the camera and its encoder do."""
        r = self.rng
        h, w = image.shape[:2]
        x = image.astype(np.float32)
        x = (x - 128) * r.uniform(0.7, 1.3) + 128 + r.uniform(-30, 30)
        grey = x @ np.array([0.114, 0.587, 0.299], np.float32)
        x = grey[:, :, None] + (x - grey[:, :, None]) * r.uniform(0.5, 1.5)
        x *= r.uniform(0.9, 1.1, 3).astype(np.float32)
        kind = r.random()
        if kind < 0.06:  # infra-red: grey, flat, noisy, brighter in the middle
            x = np.repeat(grey[:, :, None], 3, 2) * 0.8 + 30
            yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
            x *= (1.15 - 0.7 * (((xx / w - 0.5) ** 2 + (yy / h - 0.6) ** 2)))[:, :, None]
            x += r.normal(0, 6, (h, w, 1)).astype(np.float32)
        elif kind < 0.17:  # night: dark, lamp-coloured, noisy, with lamps
            x = 255 * (x.clip(0, 255) / 255) ** r.uniform(1.3, 2.4) * r.uniform(0.5, 0.9)
            x = x * np.array([0.8, 0.95, 1.1], np.float32) + r.normal(0, r.uniform(3, 10), x.shape).astype(np.float32)
            if r.random() < 0.5:
                glow = np.zeros((h, w, 3), np.float32)
                for _ in range(r.integers(1, 8)):
                    cv2.circle(glow, (int(r.uniform(0, w)), int(r.uniform(0, h))), int(r.uniform(1, 7)),
                               [float(v) for v in r.uniform(150, 400, 3)], -1)
                x += cv2.GaussianBlur(glow, (0, 0), r.uniform(1, 8))
        elif kind < 0.24:  # rain or mist: less contrast, streaks
            x = x * r.uniform(0.55, 0.9) + r.uniform(20, 70)
            if r.random() < 0.6:
                streaks = np.zeros((h, w), np.float32)
                slant = r.uniform(-0.4, 0.4)
                for _ in range(r.integers(20, 150)):
                    px, py, n = r.uniform(0, w), r.uniform(0, h), r.uniform(5, 30)
                    cv2.line(streaks, (int(px), int(py)), (int(px + slant * n), int(py + n)), r.uniform(20, 80), 1)
                x += cv2.GaussianBlur(streaks, (0, 0), 0.7)[:, :, None]
        x = x.clip(0, 255).astype(np.uint8)
        if r.random() < 0.15:  # a camera of few pixels
            s = r.uniform(0.4, 0.8)
            x = cv2.resize(cv2.resize(x, None, fx=s, fy=s, interpolation=cv2.INTER_AREA), (w, h), interpolation=cv2.INTER_LINEAR)
        if r.random() < 0.15:
            x = cv2.GaussianBlur(x, (0, 0), r.uniform(0.4, 1.6))
        if r.random() < 0.05:  # motion
            n = int(r.integers(3, 8))
            x = cv2.filter2D(x, -1, np.full((1, n), 1 / n, np.float32))
        if r.random() < 0.3:  # the encoder's blocks
            x = cv2.imdecode(cv2.imencode(".jpg", x, [cv2.IMWRITE_JPEG_QUALITY, int(r.uniform(12, 70))])[1], 1)
        return x

    def sample(self, number):
        """Sample `number`: image uint8 [3, height, width] BGR, boxes [n, 4], labels [n], weights [n], ignore [m, 5],
        known [height / 8, width / 8, NC]."""
        one = Augmenter.__new__(Augmenter)
        one.__dict__.update(self.__dict__)
        one.rng = np.random.default_rng([self.seed, number])
        return one.make()

    def make(self):
        c = Canvas(self.width, self.height)
        kind = self.rng.random()
        if kind < self.mosaic:
            self.tiles(c)
        elif kind < self.mosaic + self.paste and len(self.street) and len(self.bins):
            self.street_with_bins(c)
        else:
            self.single(c, self.pick())
        image = np.ascontiguousarray(self.camera(c.image).transpose(2, 0, 1))
        return (image, np.array(c.boxes, np.float32).reshape(-1, 4), np.array(c.labels, np.int64),
                np.array(c.weights, np.float32), np.array(c.ignore, np.float32).reshape(-1, 5), c.known)
