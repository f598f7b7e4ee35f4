"""The policies, one module a concern; `policies.pack` lists the modules."""
