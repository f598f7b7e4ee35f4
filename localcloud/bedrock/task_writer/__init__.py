"""Writes the tasks that the model server answers."""
