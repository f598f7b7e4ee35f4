"""CloudWatch's semantics: metric math, alarm evaluation, composite rules, notifications."""
