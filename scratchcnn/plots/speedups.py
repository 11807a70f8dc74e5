"""How many times as fast many workers are as one."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from scratchcnn.plots.display import described
from scratchcnn.plots.style import BLUE, GRAY, ORANGE, new_figure, plain_numbers, styled
from scratchcnn.plots.words import listed, number


def speedup_curves(
    workers: Sequence[int],
    models: Mapping[str, Sequence[float]],
    measured: Mapping[str, Mapping[int, float]],
) -> Figure:
    """Draw speed-ups against the number of workers, a panel for each title.

    Parameters
    ----------
    workers : sequence of int (K,)
        For how many workers the models are given.
    models : mapping of str to sequence of float (K,)
        For each title, what a model says.
    measured : mapping of str to mapping of int to float
        For each title, the number of workers and what was measured.
    """
    figure, axes = new_figure(1, len(models), 9.0, 3.2, sharex=True, sharey=True)
    ticks = [count for count in workers if count == 1 << count.bit_length() - 1]
    texts = []
    with styled():
        for axis, (title, model) in zip(axes, models.items(), strict=True):
            points = measured[title]
            axis.plot(workers, workers, ":", color=GRAY, label="as many times as workers")
            axis.plot(workers, model, "-", color=BLUE, label="model")
            axis.plot([*points], [*points.values()], "o", color=ORANGE, ms=7, label="measured")
            axis.set(xscale="log", yscale="log", title=title, xlabel="Workers")
            for direction in (axis.xaxis, axis.yaxis):
                direction.set_major_formatter(plain_numbers)
            axis.set_xticks(ticks)
            axis.set_yticks(ticks)
            axis.minorticks_off()
            dots = listed(f"{number(value)} with {count}" for count, value in points.items())
            texts.append(
                f"{title}: the model says {number(model[-1])} with {workers[-1]} workers; measured "
                f"{dots}"
            )
        axes[0].set_ylabel("Times as fast as one")
        axes[0].legend(loc="upper left")
    return described(
        figure,
        f"Speed-ups against the number of workers, both axes logarithmic. {'. '.join(texts)}. A "
        "dotted line shows as many times as there are workers.",
    )
