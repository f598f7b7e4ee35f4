"""Reads what another stack exports."""

import pulumi

other = pulumi.StackReference("organization/small/test")
pulumi.export("read", other.require_output("topicArn"))
