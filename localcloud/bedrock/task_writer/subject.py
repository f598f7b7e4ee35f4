"""The subject of a Japanese action title: a noun phrase short enough for a task's title."""

import re
import unicodedata
from collections.abc import Iterator

SUBJECT_CHARACTERS = 20

_OFTEN = re.compile(
    r"^(?:毎日|毎朝|毎晩|毎週|毎月|平日|週末|休日|朝晩|"
    r"(?:週|月|年|1日|一日)に?(?:\d+|[一二三四五六七八九十]+)(?:度|回|日|分|時間|冊|本|件|枚|ページ)(?:以上|以内)?|"
    r"\d+(?:分|時間)(?!間|\d)|\d+週に一度|.{1,6}ごとに)(?:には|に|は|の|、|,)*"
)
_WORD = r"[一-龠々〇ァ-ヶー0-9A-Za-z%」)]"
# a particle between two words; inside a word (できる, こと) it is next to hiragana
_PARTICLE = re.compile(rf"(?<={_WORD})(?:で|に(?!合わせ|対|向け|関|応じ|沿)|へ|は)(?={_WORD}|「)")
_TAIL_PARTICLE = re.compile(rf"(?<={_WORD})(?:に|へ|と|が|で)(?={_WORD})")
_NUMBER = re.compile(r"^(?:同じ)?[\d.一二三四五六七八九十]+(?:[a-z]+|[一-龠]{1,2}|ページ)?$")
_TIME = re.compile(r"[朝昼夜晩曜日時月年週前後間末]$")
_TAIL_VERB = re.compile(r"(?:を)?(?:する|つくる|おこなう|行う|続ける|始める)$")


def subject_of(title: str, default: str) -> str:
    """The noun phrase that the title's verb acts on, or `default` if none is short enough."""
    plain = unicodedata.normalize("NFKC", title).replace(" ", "").strip("。.!「」{}")
    for phrase in _candidates(_without_frequency(plain)):
        if 1 < len(phrase) <= SUBJECT_CHARACTERS and not _NUMBER.match(phrase):
            return phrase
    return default


def _without_frequency(title: str) -> str:
    shorter = _OFTEN.sub("", title, count=1)
    return _without_frequency(shorter) if shorter and shorter != title else title


def _candidates(title: str) -> Iterator[str]:
    if "を" in title:
        yield from _before_the_verb(re.split(r"[、,]|して(?!の|も)", title.rpartition("を")[0])[-1])
        return
    topic = re.split(rf"(?<={_WORD})は(?={_WORD})", title)[0]
    tails = list(_TAIL_PARTICLE.finditer(title))
    if topic != title and not _TIME.search(topic):
        yield topic
    if tails:
        before = _PARTICLE.split(title[: tails[-1].start()])[-1]
        if not _TIME.search(before):
            yield before
    yield _TAIL_VERB.sub("", title[tails[-1].end() :] if tails else title)


def _before_the_verb(phrase: str) -> Iterator[str]:
    last = list(_PARTICLE.finditer(phrase))
    if not last:
        yield phrase
        return
    yield phrase[last[-1].end() :]
    if last[-1].group() == "で" and _NUMBER.match(phrase[last[-1].end() :]):
        yield phrase[
            : last[-1].start()
        ]  # 記録会で50分を切る: the place is a better subject than the number
