"""Executions and goals: read them, stop and retry executions, explain a 409."""
