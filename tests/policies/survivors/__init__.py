"""Mutants made by machine from what prod declares, and the list of those that the pack lets pass.

`mutations` makes them, `judge` asks the policies, `listed` reads the list, and
`python -m tests.policies.survivors` writes it again.
"""
