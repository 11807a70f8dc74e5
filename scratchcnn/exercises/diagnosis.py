"""diagnose: say what a student may have done, judging each result of the function by itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from scratchcnn.exercises.comparing import difference
from scratchcnn.exercises.declaration import Exercise, Function, Mistake, Values
from scratchcnn.exercises.patterns import Pair, pattern
from scratchcnn.exercises.reading import slip_in_the_text
from scratchcnn.exercises.running import Attempt, alike, attempt


@dataclass
class Diagnosis:
    """What a check has found out about a wrong answer.

    Attributes
    ----------
    shown : Attempt
        The case to be shown.
    which : int
        The result to be shown, if it is wrong there.
    sentences : list of str
        What the student may have done.
    mistake : str
        The name of the typical wrong answer, if it is one that we know.
    """

    shown: Attempt
    which: int = 0
    sentences: list[str] = field(default_factory=list)
    mistake: str = ""


def right_values(exercise: Exercise, tried: Attempt) -> Values:
    """Return what the results should have been."""
    if exercise.expected is not None and tried.values is not None:
        return exercise.expected(exercise.arguments_of(tried.case), tried.values)
    values = attempt(exercise.reference, exercise, tried.case).values
    assert values is not None  # a test runs every solution on every case
    return values


def is_right(exercise: Exercise, tried: Attempt) -> bool:
    """Return whether the function did on one case what the solution does."""
    if tried.error is not None or tried.values is None:
        return False
    return all(not is_wrong(exercise, pair) for pair in pairs_of(exercise, tried))


def is_wrong(exercise: Exercise, pair: Pair) -> bool:
    """Return whether a result differs from what was expected."""
    return difference(*pair, exercise.tolerance) is not None


def pairs_of(exercise: Exercise, tried: Attempt) -> list[Pair]:
    """Return each result beside the right one."""
    assert tried.values is not None
    return list(zip(tried.values, right_values(exercise, tried), strict=True))


def diagnose(
    function: Function, exercise: Exercise, tried: list[Attempt], wrong: list[Attempt]
) -> Diagnosis:
    """Find the mistake, and the smallest case that shows it.

    A known mistake is one that gives the same results as the student's function in all cases.
    """
    # Errors of the same type alone do not make it the same mistake.
    if len(tried) == len(exercise.cases) and any(one.error is None for one in tried):
        for mistake in exercise.mistakes:
            ours = (attempt(mistake.function, exercise, one.case) for one in tried)
            if all(alike(a, b, exercise) for a, b in zip(ours, tried, strict=True)):
                return Diagnosis(wrong[0], -1, [mistake.message], mistake.name)
    read = [one for one in wrong if one.values is not None]
    if len(exercise.returns) > 1 and not exercise.changes:
        found = by_result(exercise, tried, wrong)
    else:
        pairs = [pair for one in read for pair in pairs_of(exercise, one)]
        words = pattern([pair for pair in pairs if is_wrong(exercise, pair)])
        found = Diagnosis(wrong[0], -1, [words] if words else [])
    # What an error means is said below it. What stands in the text is surer than a pattern.
    slip = "" if found.mistake or found.shown.error is not None else slip_in_the_text(function)
    return Diagnosis(found.shown, found.which, [slip]) if slip else found


def by_result(exercise: Exercise, tried: list[Attempt], wrong: list[Attempt]) -> Diagnosis:
    """Judge each result by itself. One that is all zeros has not been begun."""
    names, read = exercise.returns, [one for one in tried if one.values is not None]
    pairs = [pairs_of(exercise, one) for one in read]  # for each case, those of all results
    bad = [n for n in range(len(names)) if any(is_wrong(exercise, case[n]) for case in pairs)]
    begun = [n for n in bad if any(a.any() or a.shape != b.shape for a, b in _all(pairs, n))]
    waiting = [names[n] for n in bad if n not in begun]
    right = [names[n] for n in range(len(names)) if n not in bad]
    stopped = [one for one in wrong if one.values is None]
    if not begun and stopped:
        return Diagnosis(stopped[0], -1, [_fine_for_now(waiting)] if waiting else [])
    if not begun and right:
        words = f"{_are(right)}right. {_are(waiting, 'still ')}zero everywhere: "
        return Diagnosis(wrong[0], -1, [words + "that is the next step."])
    together = pattern([pair for n in bad for pair in _all(pairs, n) if is_wrong(exercise, pair)])
    if not begun or (len(begun) == len(names) and together):
        return Diagnosis(wrong[0], -1, [together] if together else [])

    which = begun[0]
    shown = next(
        one
        for one in wrong
        if one.values is None or is_wrong(exercise, pairs_of(exercise, one)[which])
    )
    found = Diagnosis(shown, which)
    if waiting:
        found.sentences.append(f"{_fine_for_now(waiting)} But {names[which]} is not right yet.")
    elif right:
        found.sentences.append(f"{_are(right)}right.")
    for n in begun:
        mistake = known(exercise, tried, n)
        if mistake is not None:
            found.sentences.append(mistake.message)
            found.mistake = found.mistake or mistake.name
        elif words := pattern([pair for pair in _all(pairs, n) if is_wrong(exercise, pair)]):
            found.sentences.append(f"In {names[n]}: {words[0].lower()}{words[1:]}")
    return found


def known(exercise: Exercise, tried: list[Attempt], n: int) -> Mistake | None:
    """Return the mistake in result number ``n`` alone that gives the same result."""
    if len(tried) < len(exercise.cases):
        return None
    for mistake in exercise.mistakes:
        ours = [attempt(mistake.function, exercise, one.case) for one in tried]
        same = all(_same(a, b, n, exercise) for a, b in zip(ours, tried, strict=True))
        if same and all(_only(one, n, exercise) for one in ours):
            return mistake
    return None


def _only(ours: Attempt, n: int, exercise: Exercise) -> bool:
    """Return whether a typical wrong answer is right but for result number ``n``."""
    if ours.values is None:
        return True
    pairs = pairs_of(exercise, ours)
    return all(not is_wrong(exercise, pair) for i, pair in enumerate(pairs) if i != n)


def _same(one: Attempt, other: Attempt, n: int, exercise: Exercise) -> bool:
    """Return whether two functions gave the same result number ``n``."""
    if one.values is None or other.values is None:
        return one.error is not None and type(one.error) is type(other.error)
    return difference(one.values[n], other.values[n], exercise.tolerance) is None


def _all(pairs: list[list[Pair]], n: int) -> list[Pair]:
    """Return the pairs of result number ``n`` in all cases."""
    return [case[n] for case in pairs]


def _are(names: list[str], how: str = "") -> str:
    """Begin a sentence about results: ``"dx is "``, ``"dx and dw are "``."""
    words = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return f"{words} {'are' if len(names) > 1 else 'is'} {how}"


def _fine_for_now(names: list[str]) -> str:
    return f"{_are(names, 'still ')}zero, which is fine for now."
