"""X-Ray: the trace header, and the daemon that records segments."""
