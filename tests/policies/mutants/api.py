"""Mutants for `policies.rules.api`."""

from tests.policies.mutate import REMOVED, Mutant, set_input, unchanged
from tests.policies.names import ROUTE

MUTANTS = (
    Mutant(
        "access-jwt", "a route without authorization", set_input(ROUTE, "authorizationType", "NONE")
    ),
    Mutant(
        "access-jwt", "a route without an authorizer", set_input(ROUTE, "authorizerId", REMOVED)
    ),
    Mutant(
        "access-jwt", "the program as it is, with the public GET /health", unchanged, near_miss=True
    ),
    Mutant(
        "access-jwt-audience",
        "an authorizer without audiences",
        set_input("api-authorizer", "jwtConfiguration.audiences", []),
    ),
    Mutant(
        "access-jwt-audience",
        "an authorizer with one client of the product's pool",
        set_input("api-authorizer", "jwtConfiguration.audiences", ["1example23456789"]),
        near_miss=True,
    ),
    Mutant(
        "access-cors",
        "every origin allowed",
        set_input("api-api", "corsConfiguration", {"allowOrigins": ["*"]}),
    ),
    Mutant(
        "access-cors",
        "an origin with http",
        set_input("api-api", "corsConfiguration", {"allowOrigins": ["http://app.example.com"]}),
    ),
    Mutant(
        "access-cors",
        "localhost with http",
        set_input("api-api", "corsConfiguration", {"allowOrigins": ["http://localhost:5173"]}),
        near_miss=True,
    ),
    Mutant(
        "access-user-pool",
        "a pool in which anybody may sign up",
        set_input("users-pool", "adminCreateUserConfig.allowAdminCreateUserOnly", value=False),
    ),
    Mutant(
        "access-user-pool",
        "passwords of eight characters",
        set_input("users-pool", "passwordPolicy.minimumLength", 8),
    ),
    Mutant(
        "access-user-pool",
        "passwords of sixteen characters",
        set_input("users-pool", "passwordPolicy.minimumLength", 16),
        near_miss=True,
    ),
    Mutant(
        "access-user-pool-client",
        "tokens that cannot be revoked",
        set_input("users-client", "enableTokenRevocation", value=False),
    ),
    Mutant(
        "access-user-pool-client",
        "a sign-in that shows who has an account",
        set_input("users-client", "preventUserExistenceErrors", "LEGACY"),
    ),
    Mutant(
        "access-user-pool-client",
        "the implicit flow, which puts tokens into URLs",
        set_input("users-client", "allowedOauthFlows", ["implicit"]),
    ),
    Mutant(
        "access-user-pool-client",
        "a shorter validity of tokens",
        set_input("users-client", "accessTokenValidity", 15),
        near_miss=True,
    ),
)
