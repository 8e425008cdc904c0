"""How a sample is drawn: the same for a seed, from every area and operator, and stable while code changes."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.mutants.mutant import OPERATORS, Mutant
from tests.mutants.python_source import mutants_of
from tests.mutants.sample import SampleError, area_of, draw, leave_out, read_equivalent


def mutant(number: int, path: str, operator: str) -> Mutant:
    return Mutant(path, number, operator, "f", 0, 1, f"x{number}", "y", "y")


PATHS = ("scanner/plan.py", "scanner/fixes/proof.py", "compliance/api/claims.py", "static/js/format.js")
ALL = [
    mutant(number, PATHS[number % 4], OPERATORS[number // 4 % len(OPERATORS)])
    for number in range(len(OPERATORS) * 40)
]


def test_a_seed_draws_the_same_sample_and_a_larger_one_holds_it() -> None:
    sample = draw(ALL, 1, 40)
    assert sample == draw(ALL[::-1], 1, 40)
    assert len({each.identity for each in sample}) == 40
    assert set(sample) <= set(draw(ALL, 1, 80))
    assert sample != draw(ALL, 2, 40)


def test_every_area_and_operator_has_its_part() -> None:
    sample = draw(ALL, 1, 56)
    for path in PATHS:
        operators = [each.operator for each in sample if each.path == path]
        assert sorted(operators) == sorted([*OPERATORS, *OPERATORS])


def test_code_that_is_added_elsewhere_leaves_most_of_the_sample() -> None:
    more = [mutant(1000 + number, PATHS[0], "constant") for number in range(3)]
    assert len(set(draw(ALL, 1, 56)) & set(draw([*ALL, *more], 1, 56))) >= 50


def test_rooms_belong_to_areas_and_the_most_specific_counts() -> None:
    paths = (
        "scanner/fixes/proof.py",
        "scanner/plan.py",
        "compliance/work/claims.py",
        "compliance/lib/dates.py",
    )
    assert [area_of(path) for path in paths] == ["rewrite", "scanner", "claims and waivers", "shared"]


ENTRY = "- {{path: scanner/plan.py, scope: f, was: {was}, becomes: y, reason: same value}}\n"


def test_declared_mutants_are_left_out_of_the_sample(tmp_path: Path) -> None:
    file = tmp_path / "equivalent.yaml"
    file.write_text(ENTRY.format(was="x0"))
    declared = read_equivalent(file, ALL)
    assert declared == {ALL[0].identity: "same value"}
    assert len(leave_out(ALL, declared)) == len(ALL) - 1
    file.write_text("[]")
    assert read_equivalent(file, ALL) == {}


def test_a_declaration_that_matches_nothing_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "equivalent.yaml"
    file.write_text(ENTRY.format(was="gone"))
    with pytest.raises(SampleError, match="“gone” -> “y”; remove it"):
        read_equivalent(file, ALL)


def test_a_declaration_says_which_of_several_that_read_the_same_it_means(tmp_path: Path) -> None:
    file = tmp_path / "equivalent.yaml"
    twins = [replace(ALL[0], line=line, repeat=number) for number, line in enumerate((3, 8))]
    file.write_text(ENTRY.format(was="x0"))
    with pytest.raises(SampleError, match=r"add `repeat`, one of 0 \(line 3\), 1 \(line 8\)"):
        read_equivalent(file, twins)
    for twin in twins:
        file.write_text(ENTRY.format(was=f"x0, repeat: {twin.repeat}"))
        assert read_equivalent(file, twins) == {twin.identity: "same value"}


def test_only_one_in_twenty_may_be_declared() -> None:
    sample = ALL[:40]
    assert len(leave_out(sample, {each.identity: "" for each in sample[:2]})) == 38
    with pytest.raises(SampleError, match="3 of 40 mutants are declared equivalent"):
        leave_out(sample, {each.identity: "" for each in sample[:3]})


def test_each_declared_mutant_of_the_product_exists_and_has_a_reason() -> None:
    root, file = Path(__file__).parents[2], Path(__file__).with_name("equivalent.yaml")
    rows = yaml.safe_load(file.read_text(encoding="utf-8"))
    paths = sorted({row["path"] for row in rows})
    mutants = [each for path in paths for each in mutants_of(path, (root / path).read_bytes())]

    declared = read_equivalent(file, mutants)

    assert len(declared) == len(rows), "one is declared twice"
    assert all(reason.endswith(".") and len(reason.split()) > 5 for reason in declared.values())
