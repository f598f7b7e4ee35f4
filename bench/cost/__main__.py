"""`python -m bench.cost`: write docs/cost.md from the model."""

from bench.cost.document import FILE, document

if __name__ == "__main__":
    FILE.write_text(document())
    print(f"written: {FILE.name}")
