"""The guide's regular chores: its check-lists, worked through and reported."""
