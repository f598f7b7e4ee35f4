"""The policy pack over every stack: the second half of `make policy`."""
