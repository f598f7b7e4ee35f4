"""Creates what a Pulumi program declares, on the emulator: one provisioner a resource type."""
