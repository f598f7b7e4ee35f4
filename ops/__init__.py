"""The operators' commands: `python -m ops ...`."""
