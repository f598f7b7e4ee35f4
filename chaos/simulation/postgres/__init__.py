"""PostgreSQL in memory: the statements that the handlers send, row locks, transactions."""
