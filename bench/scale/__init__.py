"""How far the workflow scales in one account: quotas as data, a simulation, docs/scale.md."""
