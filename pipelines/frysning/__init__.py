"""Frozen publications: what was reported at an occasion, and what has changed since."""
