"""CI's roles against the calls of every deployment: enough, and not more.

`options`: the stacks with all their options. `operations`: the calls that deploying them takes, as
IAM judges each. `assignment`: the calls by the scopes of `deployment.scopes`, which is the data of
CI's roles. `comparison`: calls against statements.
"""
