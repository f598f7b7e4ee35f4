"""Runs the peers beside this project: their work, environments, servers and what is measured."""
