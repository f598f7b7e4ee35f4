"""A stack as a CloudFormation template, since AWS publishes schemas for those.

CloudFormation deploys nothing here.
"""
