"""Proxies between the functions and what they call; every call passes the injector."""
