"""Who asks: the pack, AWS's schemas, readers of definitions, least privilege both ways."""
