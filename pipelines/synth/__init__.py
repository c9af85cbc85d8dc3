"""A deterministic synthetic municipality: deliveries that look like real exports and fit together to the öre.

It serves the demo, the tests and the benchmarks. Everything is drawn from one seed; nothing reads the clock, the
network or an earlier delivery. What a delivery means, how it is read and how a figure is computed does NOT belong
here: this room only knows the contracts' headers and codes.
"""

from pipelines.synth.kommun import Generering, generera

__all__ = ["Generering", "generera"]
