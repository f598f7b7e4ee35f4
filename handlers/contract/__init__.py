"""Facts that functions, infrastructure and operators' tools share."""
