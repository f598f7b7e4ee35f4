"""Post-deploy checks: what the program declares against what AWS holds, line by line."""
