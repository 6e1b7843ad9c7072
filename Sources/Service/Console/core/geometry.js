/** Polygons in fractions of the picture; corners as `[x, y]`. */

export const clamp = (value, low = 0, high = 1) => Math.min(high, Math.max(low, value));

const cross = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

const between = (a, b, p) =>
  Math.min(a[0], b[0]) <= p[0] && p[0] <= Math.max(a[0], b[0]) && Math.min(a[1], b[1]) <= p[1] && p[1] <= Math.max(a[1], b[1]);

/** Whether the closed segments a–b and c–d have a point in common. */
export function segmentsMeet(a, b, c, d) {
  const [d1, d2, d3, d4] = [cross(c, d, a), cross(c, d, b), cross(a, b, c), cross(a, b, d)];
  if (((d1 > 0 && d2 < 0) || (d1 < 0 && d2 > 0)) && ((d3 > 0 && d4 < 0) || (d3 < 0 && d4 > 0))) return true;
  return (d1 === 0 && between(c, d, a)) || (d2 === 0 && between(c, d, b)) || (d3 === 0 && between(a, b, c)) || (d4 === 0 && between(a, b, d));
}

/**
 * The first pair of edges that cross, as their indices, or null. Edge i leads from corner i to the next. An open chain has
 * no closing edge.
 */
export function crossing(polygon, { closed = true } = {}) {
  const n = polygon.length;
  const edges = closed ? n : n - 1;
  for (let i = 0; i < edges; i++) {
    for (let j = i + 1; j < edges; j++) {
      const adjacent = j === i + 1 || (closed && i === 0 && j === n - 1);
      const [a, b, c, d] = [polygon[i], polygon[(i + 1) % n], polygon[j], polygon[(j + 1) % n]];
      if (!adjacent) {
        if (segmentsMeet(a, b, c, d)) return [i, j];
      } else {
        // Neighbours share a corner; they cross only where one runs back over the other.
        const [shared, p, q] = j === i + 1 ? [b, a, d] : [a, b, c];
        const dot = (p[0] - shared[0]) * (q[0] - shared[0]) + (p[1] - shared[1]) * (q[1] - shared[1]);
        if (n > 2 && Math.abs(cross(shared, p, q)) < 1e-9 && dot > 0) return [i, j];
      }
    }
  }
  return null;
}

/** The area as a fraction of the picture. */
export function area(polygon) {
  let sum = 0;
  polygon.forEach((p, i) => {
    const q = polygon[(i + 1) % polygon.length];
    sum += p[0] * q[1] - q[0] * p[1];
  });
  return Math.abs(sum) / 2;
}

export function centre(polygon) {
  const xs = polygon.map((p) => p[0]);
  const ys = polygon.map((p) => p[1]);
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}

export const rounded = (polygon) => polygon.map(([x, y]) => [Math.round(clamp(x) * 1e4) / 1e4, Math.round(clamp(y) * 1e4) / 1e4]);
export const points = (polygon) => polygon.map(([x, y]) => `${x},${y}`).join(" ");

/** Moves every corner, held back so that none leaves the picture. */
export function moved(polygon, dx, dy) {
  const xs = polygon.map((p) => p[0]);
  const ys = polygon.map((p) => p[1]);
  const x = clamp(dx, -Math.min(...xs), 1 - Math.max(...xs));
  const y = clamp(dy, -Math.min(...ys), 1 - Math.max(...ys));
  return polygon.map((p) => [p[0] + x, p[1] + y]);
}
