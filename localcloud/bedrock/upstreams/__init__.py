"""Real models behind the model server."""
