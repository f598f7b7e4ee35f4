"""AWS's own schemas as the judge: a stack in CloudFormation's words, its definitions and documents.

Nothing here is deployed by CloudFormation; a template is what AWS publishes schemas for.
"""
