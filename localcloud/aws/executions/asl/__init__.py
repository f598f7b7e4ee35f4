"""The Amazon States Language, as AWS's executions show it.

MiniStack's own interpreter agrees with few of the executions that were recorded on AWS
(tests/localcloud/aws/fidelity/test_recorded_executions.py), so states, both query languages and
their failures are interpreted here. MiniStack does a task's work (`executions.tasks`).

Sources: the specification (states-language.net), AWS's developer guide, the recordings.
"""
