"""What the architecture bench shows, in words."""

from scratchcnn.layers.base import Shape
from scratchcnn.widgets.bench_layers import long_words, settings_of
from scratchcnn.widgets.bench_panels import result_words
from scratchcnn.widgets.bench_report import Problem, Report, field_words, shape_words
from scratchcnn.widgets.bench_state import SIDES, BenchState


def chosen_words(state: BenchState, found: Report) -> str:
    """Describe the chosen layer in words, and what is wrong with its network."""
    words = SIDES[state.side].capitalize()
    if state.layer is None:
        words += ": the image."
    else:
        words += f", layer {state.row} of {len(state.network)}: {long_words(state.layer)}"
        if state.row <= len(found.layers):
            words += f"; {layer_words(found, state.row - 1)}"
        words += "."
    problem = problem_words(found.problem, state.row - 1)
    return f"{words} {problem}" if problem else words


def problem_words(problem: Problem | None, chosen: int | None = None) -> str:
    """Write what is wrong, where, and what would help."""
    if problem is None:
        return ""
    where = f"Layer {problem.layer + 1}: " if problem.layer not in (chosen, -1) else ""
    return f"{where}{problem.words} {problem.cure}"


def layer_words(found: Report, k: int) -> str:
    """Describe in words what a layer gives, costs and sees."""
    layer = found.layers[k]
    stride = layer.field.stride[0]
    sees = f"sees {field_words(layer.field)} pixels" + (f", stride {stride}" if stride else "")
    return f"output {shape_words(layer.output)}, {layer.parameters:,} parameters, {sees}"


def bench_alt(
    state: BenchState, reports: tuple[Report, Report], input_shape: Shape, classes: int
) -> str:
    """Describe in words what the architecture bench shows."""
    shape = shape_words(input_shape)
    words = [f"Two networks for images of {shape} and {classes} classes."]
    for side, found in enumerate(reports):
        network = state.networks[side]
        layers = [f"{k + 1} {long_words(layer)}" for k, layer in enumerate(network)]
        for k in range(len(found.layers)):
            layers[k] += f": {layer_words(found, k)}"
        words.append(f"{SIDES[side].capitalize()}, {len(layers)} layers: {'; '.join(layers)}.")
        if found.problem is not None:
            words.append(problem_words(found.problem))
        words.append(
            f"In all, {found.parameters:,} parameters, and {found.multiply_adds:,} multiply-adds "
            "per image."
        )
        reached = result_words(state.results[side])
        words.append(f"Accuracy: {reached}." if reached else "Not trained yet.")
    chosen = f"Chosen: {SIDES[state.side]}, "
    if state.layer is None:
        return " ".join([*words, f"{chosen}the image."])
    setting = settings_of(state.layer)[state.setting]
    return " ".join([*words, f"{chosen}layer {state.row}, the setting '{setting}'."])
