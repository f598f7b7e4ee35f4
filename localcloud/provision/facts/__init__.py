"""What AWS's provider checks, replaces, calls and waits for, of every type that we declare: data.

It imports no other room, so that whoever needs the facts may read them.
"""

from localcloud.provision.facts.arns import DeploymentScope
from localcloud.provision.facts.calls import ApiCall, calls_of
from localcloud.provision.facts.change import Change, change, filled_in_by_aws, renewed
from localcloud.provision.facts.check import Failure, check
from localcloud.provision.facts.model import Operation, Retry, TypeFacts
from localcloud.provision.facts.naming import auto_name
from localcloud.provision.facts.reader import FactsError, all_types, facts_of
from localcloud.provision.facts.values import DEFAULTS, UNKNOWN, undescribed

__all__ = [
    "DEFAULTS",
    "UNKNOWN",
    "ApiCall",
    "Change",
    "DeploymentScope",
    "FactsError",
    "Failure",
    "Operation",
    "Retry",
    "TypeFacts",
    "all_types",
    "auto_name",
    "calls_of",
    "change",
    "check",
    "facts_of",
    "filled_in_by_aws",
    "renewed",
    "undescribed",
]
