"""The risk levels of the database are those of the engine."""

from compliance.models import Risk
from scanner import RISKS


def test_the_models_have_the_risk_levels_of_the_engine_in_its_order() -> None:
    assert tuple(Risk.values) == RISKS
