"""The policy pack, asked about every stack."""
