"""The attacks themselves: enough of them, in both languages, no two the same."""

from collections import Counter

import yaml

from tests.attacks.attack import ATTACKS, CATEGORIES, CORPUS, TEXTS


def test_there_are_at_least_200_attacks_in_20_categories_and_both_languages() -> None:
    languages = Counter(attack.language for attack in ATTACKS)
    assert len(ATTACKS) >= 200
    assert len(CATEGORIES) >= 20
    assert min(languages["en"], languages["ja"]) >= 50


def test_every_category_says_why_it_is_one() -> None:
    for path in CORPUS.glob("*.yaml"):
        assert yaml.safe_load(path.read_text())["why"].endswith("."), path.name


def test_no_attack_is_there_twice() -> None:
    assert len(set(map(str, ATTACKS))) == len(ATTACKS)
    assert len({attack.text for attack in ATTACKS}) == len(ATTACKS)


def test_every_field_of_a_users_own_words_is_attacked() -> None:
    assert {name for attack in ATTACKS for name in attack.texts} == set(TEXTS)
