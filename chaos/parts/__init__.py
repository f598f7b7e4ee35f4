"""Disasters on the embedded cloud: real processes are killed, real connections are cut."""
