"""Reads an export of another stack."""

import pulumi

other = pulumi.StackReference("organization/small/test")
pulumi.export("read", other.require_output("topicArn"))
