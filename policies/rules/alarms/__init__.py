"""Alarms that can fire, and reach somebody."""
