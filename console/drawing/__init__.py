"""Geometry for the pages' drawings: pure functions from numbers to SVG attributes. No colours, no styles."""
