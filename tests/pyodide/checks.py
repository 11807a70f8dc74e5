"""What a browser's Python has to do as well as this one; the same script runs in both.

Every check returns what `test_pyodide.py` compares. It needs nothing but NumPy, and imports
the library only inside the checks, so that the first one can time it.

    python checks.py SHARED EXTRA [NAME ...]
"""

import asyncio
import json
import sys
import traceback
import warnings
from functools import partial

import learning
import surroundings


def all_checks(shared, extra):
    """Return every check by name; the extras come last, because they stay."""
    checks = {"import": surroundings.check_import, "mnist": learning.check_mnist}
    for name in learning.NETWORKS:
        for size in learning.BATCH_SIZES:
            checks[f"fit-{name}-{size}"] = partial(learning.check_fit, name, size)
    checks |= {
        "float64": learning.check_adam_in_float64,
        "predict": learning.check_predict,
        "saving": partial(learning.check_saving, shared),
        "gradients": learning.check_gradients_of_all,
        "loops": learning.check_loops,
        "door": surroundings.check_door,
        "threads": surroundings.check_threads,
        "lines": surroundings.aloud,
        "interrupt": surroundings.check_interrupt,
        "task": surroundings.check_training_in_a_task,
        "workbook": surroundings.check_workbook,
        "speed": surroundings.check_speed,
        "figure": surroundings.check_figure,
    }
    if learning.theirs(shared).exists():
        checks["other-file"] = partial(learning.check_other_file, shared)
    return checks | {"extras": partial(surroundings.check_with_extras, extra)}


async def results(shared, extra, *names):
    """Return the results of all checks, or of those named, as JSON.

    The error of one check does not end the others.
    """
    found = {}
    for name, check in all_checks(shared, extra).items():
        if names and name not in names:
            continue
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                result = check()
                found[name] = await result if asyncio.iscoroutine(result) else result
            except BaseException:  # also an interrupt that went astray
                found[name] = {"error": traceback.format_exc()}
        found[name]["warnings"] = [str(warning.message) for warning in warned]
    return json.dumps(found)


if __name__ == "__main__":
    print(asyncio.run(results(*sys.argv[1:])))
