"""The support bundle: what the guide's last page asks for, as one zip without users' texts."""
