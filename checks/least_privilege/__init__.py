"""Least privilege both ways: no call without its grant, no grant without its call.

`calls`: what was called, as the embedded cloud recorded it. `services`: what AWS does in our name,
with who says so. `grants`: what the program's documents allow. `judge`: the one against the other.
"""
