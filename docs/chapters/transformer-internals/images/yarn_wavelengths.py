"""Wavelength of each rotary pair before and after a context extension: plain, interpolated, YaRN."""

import math

from hooks.draw import Chart
from snippets.positions.rope import rope_frequencies
from snippets.positions.yarn import yarn_frequencies

HEAD, BASE, TRAINED, SCALE = 128, 10_000.0, 4096, 8
plain = [2 * math.pi / f for f in rope_frequencies(HEAD, BASE).tolist()]
yarn = [2 * math.pi / f for f in yarn_frequencies(HEAD, BASE, SCALE, TRAINED).tolist()]

pairs = list(range(HEAD // 2))
chart = Chart("Wavelength of each rotary pair under three extensions",
              "Wavelength in tokens against pair index. Interpolation lifts every pair "
              "by eight. YaRN leaves the fast pairs on the plain line and lifts the slow ones to the interpolated "
              "line.",
              x=(0, 63), y=(4, 1_000_000), y_log=True, height=300)
chart.y_axis("wavelength, tokens", {10: "10", 100: "100", 1000: "1K", 10_000: "10K", 100_000: "100K"})
chart.x_axis("pair index", [0, 16, 32, 48, 63])
chart.curve(pairs, plain)
chart.curve(pairs, [length * SCALE for length in plain])
chart.curve(pairs, yarn, "main")
chart.limit(TRAINED, "trained length, 4,096")
chart.label(50, 1500, "plain", anchor="start")
chart.label(12, 900, "PI", anchor="end")
chart.label(38, 30_000, "YaRN", "accent b", "end")
chart.save(__file__)
