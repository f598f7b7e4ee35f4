"""What a goal costs: prices as data, a model of use, and the same for the original's shape."""
