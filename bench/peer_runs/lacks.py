"""What each alternative has of its own accord of what this project needs, from its documents."""

HEADINGS = (
    "",
    "state survives the worker",
    "a role for each part (IAM)",
    "alarms",
    "cancel",
    "retry of only the failed",
    "also runs",
)

LACKS = {
    "bare_asyncio": ("no", "no", "no", "with the process", "no", "nothing"),
    "dbos": (
        "yes, in PostgreSQL",
        "no: one process, one role",
        "no (its Conductor, paid)",
        "yes",
        "by fork_workflow from a step",
        "nothing",
    ),
    "langgraph": (
        "yes, in PostgreSQL",
        "no: one process, one role",
        "no (LangSmith, paid)",
        "with the process",
        "a node that raises is run again; one that returns is not",
        "nothing",
    ),
    "prefect": (
        "results as files; the flow is run again",
        "no (work pools' own)",
        "automations; a paid cloud for roles",
        "yes",
        "yes, by cached results",
        "a server and its database",
    ),
    "restate": (
        "yes, in its server",
        "no: the service has one role",
        "no (metrics to alarm on)",
        "yes",
        "no: a new invocation of ours",
        "a server with a disk",
    ),
    "temporal": (
        "yes, in its server",
        "no: the worker has one role",
        "no (metrics to alarm on)",
        "yes",
        "no: reset to an event, or a new workflow of ours",
        "a server of four services and a database",
    ),
    "lambda_durable": (
        "yes, in Lambda",
        "one role for the one function",
        "CloudWatch, yours to declare",
        "StopDurableExecution",
        "no: a new execution of ours",
        "nothing on AWS",
    ),
    "project": (
        "yes, in Step Functions",
        "one role a function, checked both ways",
        "declared, with a runbook",
        "yes, and fenced",
        "yes, by the API",
        "nothing on AWS",
    ),
}
"""A row a peer: sources are the documents that its file in bench/peers names."""
