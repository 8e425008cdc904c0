"""Recognises texts that say that something is deprecated, and reads from them what replaces it."""

import re

SAYS_SO = re.compile(
    r"deprecat|\bobsolete\b|will be removed|to be removed|scheduled for removal|superseded by"
    r"|no longer maintained",
    re.IGNORECASE,
)
COMPATIBLE = re.compile(
    r"deprecat|backwards?[- ]?compat|\bcompat(?:ibility)? (?:alias|shim|import|module|layer)|\blegacy\b"
    r"|\bmoved to\b|\bold (?:name|location|path|import)|re-?export.{0,40}compat",
    re.IGNORECASE,
)
_PART_ONLY = re.compile(
    r"\b(?:param(?:eter)?|arg(?:ument)?|kwarg|keyword|option|value|passing|support for"
    r"|default|syntax|behaviou?r)s?\b",
    re.IGNORECASE,
)
_ROLE = re.compile(r"(?::(?:\w+:)?\w+:`|\b[LCUIBM]\{)[~!.]*(?:[^`<{}]*<)?([^`<>{}]+)>?[`}]")
_NAME = r"(?P<tick>`{0,2}['\"]?)(?P<name>[A-Za-z_]\w*(?:\.\w+)*)(?P<call>\(\)|\()?"
_LEADS = (
    r"(?:please |you (?:should|can) )?(?:use|uses|using|call|prefer|switch to|migrate to|import(?:ed)? from)",
    r"replaced (?:by|with)",
    r"renamed (?:to|as|into)",
    r"(?:has |been |was )*moved (?:to|into)",
    r"in favou?r of",
    r"superseded by",
    r"(?:alias|synonym|wrapper|shortcut|name) (?:for|of|to)",
    r"replacement(?: is|:)?",
)
_ARTICLE = r"(?:the |new |a |an |class |function |method |module |attribute |property |decorator |either )*"
_REPLACED = re.compile(rf"\b(?:{'|'.join(_LEADS)})\s*:?\s+{_ARTICLE}{_NAME}", re.IGNORECASE)
_SUBJECT = re.compile(
    r"([^.:;]{0,80}?)\s(?:is|are|was|has been|have been|will be)\s(?:now |being )?"
    r"(?:deprecated|removed|obsolete)",
    re.IGNORECASE,
)
_ITSELF = re.compile(r"\bthis\b|\bit$|^\W*(?:the )?(?:function|class|method)\W*$", re.IGNORECASE)
_NO_NAME = frozenset(
    re.findall(
        r"\w+",
        """
    the it this that instead of a an at your own one another other new in with from directly only its
    their them to and or as is are for both either keyword python regular standard explicit
        """,
    )
)


_VERSION = r"^\W*(?:\d[\w.]*\W+)?"
_ACTION = re.compile(
    _VERSION + r"(?!\w+thing\b|String)"
    r"(?:[A-Z][a-z]+ing|The (?:use|usage|ability|behaviou?r)|Legacy behaviou?r|Support)\b"
)
_WHOLE = re.compile(
    _VERSION + r"(?:Using|Calling|Importing|The use of|Use of|Usage of)\W+(?:from )?[\w.:~]+(?:\(\))?"
    r"\W*\b(?:is|has been|was|instead)\b"
)
_BUT = re.compile(r"\bbut (?:this|that|doing so) (?:is|has been) (?:now )?deprecated", re.IGNORECASE)


def speaks_of_a_part(text: str) -> bool:
    """Return whether a text deprecates an argument, a value or a behaviour rather than the whole thing."""
    words = text.strip()
    plain = re.sub(r"\s+", " ", _ROLE.sub(r"\1", words))
    if _BUT.search(plain) or (_ACTION.match(plain) and not _WHOLE.match(plain)):
        return True
    said = SAYS_SO.search(words)
    return bool(said and _PART_ONLY.search(words[: said.start()][-80:]))


def is_about(text: str, name: str) -> bool:
    """Return whether a warning inside a function is about the function, judging by the subject of its text.

    A text without a subject, such as “use X instead”, is; so is one with a placeholder as its subject.
    """
    plain = re.sub(r"\s+", " ", text)
    subject = _SUBJECT.search(plain)
    if subject is None:
        return True
    words = {each.lower() for each in re.findall(r"[A-Za-z]{2,}", subject[1].replace("_", " "))}
    own = {each.lower() for each in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}
    return (
        bool(words & own)
        or _ITSELF.search(subject[1]) is not None
        or "{" in subject[1]
        or "%" in subject[1]
        or not words
    )


def replacements_in(text: str) -> list[str]:
    """Return the names that a text recommends instead, in its order, as they are written."""
    plain = re.sub(r"\s+", " ", _ROLE.sub(r"`\1`", text))
    found = []
    for match in _REPLACED.finditer(plain):
        name = match["name"].strip(".")
        marked = bool(match["tick"] or match["call"] or "." in name or "_" in name or name[:1].isupper())
        if name.lower() not in _NO_NAME and (marked or plain[match.end() : match.end() + 9] == " instead"):
            found.append(name)
    return list(dict.fromkeys(found))


def _since(found: re.Match[str]) -> str:
    """Return the version with which a directive's text begins, as a part of the sentence after it."""
    return f"since {found[1]}: " if found[0].endswith(" ") else f"since {found[1]}"


def first_sentence(text: str, most: int = 160) -> str:
    """Return the first sentence of a text on one line, cut to a length, without markup. If only a later
    paragraph speaks of deprecation, it is that one's.
    """
    paragraphs = re.split(r"\n\s*\n", text)
    chosen = next((each for each in paragraphs if SAYS_SO.search(each)), paragraphs[0])
    plain = re.sub(r"\s+", " ", _ROLE.sub(r"\1", chosen)).replace("`", "").strip()
    plain = re.sub(r"^\.\. \w+:: ?", "", plain)
    plain = re.sub(r"^(\d[\w.]*?)[,:]?(?: (?=[A-Z])|$)", _since, plain)
    end = re.search(r"[.!?](?= [A-Z]|$)", plain)
    plain = plain[: end.end()] if end else plain
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"
