"""Makes real what the program declares: one table from resource type to provisioner."""
