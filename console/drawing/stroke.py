"""The signature stroke: a line drawn from a key's fingerprint. It helps memory; it proves nothing."""

import hashlib
from itertools import pairwise


def stroke(key_id: str) -> str:
    """SVG path data in a box of 120 by 36; the same key always leaves the same line."""
    bytes_ = hashlib.sha256(key_id.encode()).digest()
    unit = [value / 255 for value in bytes_]
    x, y = 7 + 6 * unit[0], 8 + 17 * unit[1]
    parts = [f"M{x:.1f} {y:.1f}"]
    parts.append(
        f"C{x + 5 + 6 * unit[2]:.1f} {2 + 8 * unit[3]:.1f} {x + 16 + 5 * unit[4]:.1f} {1 + 6 * unit[5]:.1f} "
        f"{x + 12 + 4 * unit[6]:.1f} {13 + 6 * unit[7]:.1f}"
    )
    base = 21 + 3 * unit[8]
    parts.append(f"S{x - 1 + 4 * unit[9]:.1f} {30 + 4 * unit[10]:.1f} {x + 15:.1f} {base:.1f}")
    at = x + 15
    for low, high in pairwise(unit[11:17]):
        step = 6 + 4 * high
        peak = base - 3 - 12 * low
        parts.append(f"C{at + 2:.1f} {peak:.1f} {at + 4:.1f} {peak - 2:.1f} {at + 4.4:.1f} {base - 1 + 3 * high:.1f}")
        parts.append(f"S{at + step - 2:.1f} {base + 5:.1f} {at + step:.1f} {base:.1f}")
        at += step
    parts.append(
        f"C{at + 6:.1f} {base - 4 - 6 * unit[18]:.1f} {at + 12:.1f} {base + 4 * unit[19]:.1f} "
        f"{at + 18:.1f} {base - 2 * unit[20]:.1f}S101 {17 + 3 * unit[21]:.1f} {109 + 6 * unit[22]:.1f} "
        f"{15 + 3 * unit[23]:.1f}"
    )
    parts.append(f"M{13 + 8 * unit[24]:.1f} 30.6Q60 {30 + 3 * unit[25]:.1f} {90 + 8 * unit[26]:.1f} 25.6")
    return "".join(parts)
