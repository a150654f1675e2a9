"""How figures are printed: what was measured, both sides, their ratio, and the aim beside it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the report: ours and the other side in the same unit, their ratio, and whether it meets the aim."""

    name: str
    ours: float
    other: float
    unit: str
    ratio: float
    aim: str
    met: bool


def faster(name: str, ours: float, theirs: float, aim: float) -> Figure:
    """How many times faster than a rival, from seconds."""
    ratio = theirs / ours
    return Figure(name, ours, theirs, "s", ratio, f"at least {aim:g}", ratio >= aim)


def cost(name: str, ours: float, other: float, unit: str, aim: float) -> Figure:
    """How much of a rival's, or of another run's, cost we need."""
    ratio = ours / other
    return Figure(name, ours, other, unit, ratio, f"at most {aim:g}", ratio <= aim)


def show(title: str, figures: Sequence[Figure]) -> None:
    print(f"\n{title}")
    for figure in figures:
        sides = f"{figure.ours:.3g} {figure.unit} against {figure.other:.3g} {figure.unit}"
        verdict = "met" if figure.met else "MISSED"
        print(f"  {figure.name:44} {figure.ratio:6.2f}   ({sides}; aim {figure.aim}: {verdict})", flush=True)


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which `part` (0 to 1) of the values lie, by rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
