"""The steps that have led to the weights of the gradient explorer."""

# Image, label, learning rate, and how many steps were taken so.
Steps = tuple[int, int, float, int]


def with_step(path: tuple[Steps, ...], step: tuple[int, int, float]) -> tuple[Steps, ...]:
    """Return the path with one more step."""
    if path and path[-1][:3] == step:
        return *path[:-1], (*step, path[-1][3] + 1)
    return *path, (*step, 1)


def write_path(path: tuple[Steps, ...]) -> str:
    """Write steps as text: "image label rate steps; ..."."""
    return "; ".join(" ".join(map(repr, part)) for part in path)


def read_path(text: str) -> tuple[Steps, ...]:
    """Read steps from text."""
    parts = [part.split() for part in text.split(";")]
    path = tuple((int(a), int(b), float(c), int(d)) for a, b, c, d in parts)
    if any(min(part) < 0 or part[2] > 10 for part in path):
        raise ValueError(text)
    return path
