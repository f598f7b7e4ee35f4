"""CloudWatch's semantics: statistics, metric math, alarms, composite rules, what alarms publish."""
