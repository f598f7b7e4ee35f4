"""X-Ray of the embedded cloud: segments recorded as the daemon would get them, and their map."""
