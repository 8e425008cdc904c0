"""Test reports as the tools of several languages write them, and those that nobody should send."""

import contextlib
import gzip
import io
import stat
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.evidence import junit, uploads
from compliance.evidence.junit import Case, read
from compliance.evidence.uploads import UploadError, documents

PYTEST = b"""<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest"
 errors="1" failures="1" skipped="1" tests="4" time="0.05" timestamp="2025-09-19T10:00:00+02:00">
<testcase classname="tests.unit.test_a.TestB" name="test_one[1-x]" time="0.001" />
<testcase classname="tests.unit.test_a" name="test_two" time="0.002"><failure message="assert 1 == 2">def
 test_two():</failure></testcase>
<testcase classname="tests.unit.test_a" name="test_three" time="0"><skipped type="pytest.skip" message="no
 network">x.py:3: no network</skipped></testcase>
<testcase classname="tests.unit.test_a" name="test_four" time="0.1"><error message="failed on setup with
 KeyError">trace</error><system-out>noise</system-out></testcase></testsuite></testsuites>"""

PYTEST_LEGACY = b"""<testsuite><testcase classname="tests.unit.test_a" file="tests/unit/test_a.py"
 line="3" name="test_one" time="0.1"/></testsuite>"""

SUREFIRE = b"""<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" time="1,204.5" tests="3">
  <properties><property name="java.version" value="21"/></properties>
  <testcase name="adds" classname="org.shop.CartTest" time="1,004.25">
    <flakyFailure message="was 2" type="AssertionError">trace</flakyFailure></testcase>
  <testcase name="removes" classname="org.shop.CartTest" time="0.1">
    <failure message="expected" type="AssertionError">trace</failure>
    <rerunFailure message="again" type="AssertionError"/></testcase>
  <testcase name="breaks" classname="org.shop.CartTest"><error type="NullPointerException"/></testcase>
</testsuite>"""

NESTED = b"""<testsuites><testsuite name="all" file="tests/Unit/CartTest.php"><testsuite name="inner">
<testcase name="adds" class="CartTest" assertions="1" time="0.1"/></testsuite>
<testsuite name="other" file=".\\tests\\Unit\\ShopTest.php"><testcase name="opens" time="x"/></testsuite>
</testsuite></testsuites>"""

GOOGLE = b"""<testsuites><testsuite name="s"><testcase name="off" status="notrun" classname="S"/>
<testcase name="on" status="run" classname="S"/></testsuite></testsuites>"""

TWICE = b"""<testsuite><testcase classname="t" name="a"><failure/></testcase>
<testcase classname="t" name="a"/>
</testsuite>"""


def outcomes(*bodies: bytes) -> dict[str, str]:
    return {case.name: case.outcome for case in read(bodies)}


def test_pytest() -> None:
    assert outcomes(PYTEST) == {
        "test_one[1-x]": "passed",
        "test_two": "failed",
        "test_three": "skipped",
        "test_four": "error",
    }
    two = read([PYTEST])[1]
    assert (two.class_name, two.file, two.message) == ("tests.unit.test_a", "", "assert 1 == 2")


def test_pytest_with_the_file() -> None:
    assert read([PYTEST_LEGACY]) == [
        Case("tests/unit/test_a.py", "tests.unit.test_a", "test_one", "passed", 0.1, "")
    ]


def test_surefire_with_repeated_runs() -> None:
    assert outcomes(SUREFIRE) == {"adds": "passed", "removes": "failed", "breaks": "error"}
    assert read([SUREFIRE])[0].seconds == 1004.25


def test_nested_suites_hand_their_file_down() -> None:
    assert [(case.file, case.class_name, case.seconds) for case in read([NESTED])] == [
        ("tests/Unit/CartTest.php", "CartTest", 0.1),
        ("tests/Unit/ShopTest.php", "", 0.0),
    ]


def test_a_test_that_did_not_run_is_skipped() -> None:
    assert outcomes(GOOGLE) == {"off": "skipped", "on": "passed"}


def test_of_a_repeated_test_the_worst_outcome_counts() -> None:
    assert outcomes(TWICE) == {"a": "failed"}


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, lambda body: zipped({"a.xml": body, "log.txt": b"x"})]
)
def test_plain_gzip_and_zip_say_the_same(pack: object) -> None:
    assert read(documents(pack(PYTEST))) == read([PYTEST])  # type: ignore[operator]


def test_the_parts_of_a_suite_come_in_one_zip() -> None:
    parts = zipped({"1/a.xml": PYTEST, "2/b.XML": SUREFIRE, "c.xml": GOOGLE})

    assert len(read(documents(parts))) == 9


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]>
<testsuite><testcase name="&c;"/></testsuite>"""
OUTSIDE = (
    b"""<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&x;"/></testsuite>"""
)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"not xml at all", "not valid XML"),
        (b"<testsuite><testcase></testsuite>", "not valid XML"),
        (b"<html><body/></html>", "begins with <html>"),
        (LAUGHS, "document type or entities"),
        (OUTSIDE, "document type or entities"),
        (b"<testsuite>" * 200_000, "more than 40 levels of nested elements"),
        (b'<?xml version="1.0" encoding="no-such"?><testsuite/>', "not valid XML"),
        (b"\x1f\x8bnothing", "gzip file is damaged"),
        (gzip.compress(PYTEST)[:-12], "is truncated"),
        (b"PK\x03\x04nothing", "zip file is damaged"),
    ],
)
def test_an_invalid_report_is_rejected(body: bytes, words: str) -> None:
    with pytest.raises(UploadError, match=words):
        read(documents(body))


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return out.getvalue()


def bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    piece = b" " * (1 << 20)
    return b"".join([*(packer.compress(piece) for _ in range(megabytes)), packer.flush()])


def test_bombs_are_refused_at_the_bound() -> None:
    limit = uploads.LIMIT // (1 << 20)
    half = b" " * ((limit // 2 + 1) << 20)
    for packed in (bomb(limit // 2 + 1) * 2, zipped({"a.xml": half, "b.xml": half})):
        assert len(packed) < 300_000
        with pytest.raises(UploadError, match="larger than 100 MB"):
            documents(packed)


def test_a_zip_of_too_many_files_is_refused() -> None:
    with pytest.raises(UploadError, match="501 files"):
        documents(zipped({f"{n}.xml": b"<testsuite/>" for n in range(501)}))
    with pytest.raises(UploadError, match=r"contains no \.xml file"):
        documents(zipped({"readme.txt": b"hello"}))


def test_zip_members_with_hostile_paths_are_read_and_never_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    out = zipped({"../out.xml": PYTEST, str(tmp_path / "root.xml"): PYTEST})
    assert len(list(documents(out))) == 2

    link = zipfile.ZipInfo("passwd.xml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UploadError, match="not valid XML"):
        read(documents(packed.getvalue()))
    assert [path.name for path in tmp_path.rglob("*")] == ["inner"]


def test_a_zip_that_lies_about_its_sizes_is_refused() -> None:
    packed = bytearray(zipped({"a.xml": PYTEST * 3}))
    place = packed.index(b"PK\x01\x02")
    packed[place + 24 : place + 28] = (5).to_bytes(4, "little")

    with pytest.raises(UploadError, match="zip file is damaged"):
        documents(bytes(packed))


def test_too_many_tests_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "CASES", 3)
    with pytest.raises(UploadError, match="more than 3 tests"):
        read([PYTEST])


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for start in (b"", b"<testsuite>", b"\x1f\x8b\x08", b"PK\x03\x04"):
        with contextlib.suppress(UploadError):
            assert isinstance(read(documents(start + body)), list)


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)


@given(st.dictionaries(NAMES, st.sampled_from(["passed", "failed", "error", "skipped"]), max_size=20))
def test_a_written_report_is_read_back(told: dict[str, str]) -> None:
    from xml.sax.saxutils import quoteattr  # noqa: PLC0415  (only the writer of this test)

    child = {"passed": "", "failed": "<failure/>", "error": "<error/>", "skipped": "<skipped/>"}
    body = "".join(f"<testcase name={quoteattr(n)}>{child[o]}</testcase>" for n, o in told.items())

    found = outcomes(f"<testsuite>{body}</testsuite>".encode())

    assert Counted(found) == Counted(told)


class Counted(dict[str, str]):
    """Names as XML keeps them: white space of an attribute is one blank, whatever it was."""

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, dict)
        return {" ".join(n.split()): o for n, o in self.items()} == {
            " ".join(n.split()): o for n, o in other.items()
        }

    __hash__ = None
