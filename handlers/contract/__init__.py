"""What functions, infrastructure and operators' tools must agree on."""
