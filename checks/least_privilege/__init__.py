"""Least privilege both ways: no call without its grant, no grant without its call.

`calls`: the calls that the embedded cloud recorded. `services`: the calls that AWS's services make
for the product, each with its source. `grants`: what the program's documents allow. `comparison`:
calls against grants. `report`: the result as a document.
"""
