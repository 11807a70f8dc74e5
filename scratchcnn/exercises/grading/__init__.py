"""Grade a function of a notebook: another process runs it, and this one judges the answers.

Nothing that the notebook defines, patches or breaks can reach the judge: `confine` locks the other
process up, `wire` lets only numbers and words pass, and `needed` chooses what of the notebook runs.
"""

from scratchcnn.exercises.grading.grade import Grade, grade

__all__ = ["Grade", "grade"]
