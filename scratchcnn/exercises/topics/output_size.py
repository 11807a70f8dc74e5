"""Exercise: the size of an output (lesson 01)."""

from scratchcnn.exercises.declaration import Case, Exercise, Mistake


def output_size(size, kernel, stride=1, padding=0):
    """Count the places at which a kernel fits along one axis.

    Parameters
    ----------
    size : int
        Pixels of the image along this axis.
    kernel : int
        Pixels of the kernel along this axis.
    stride : int
        Pixels from one place to the next.
    padding : int
        Pixels added on each of the two sides.

    Returns
    -------
    count : int
        The size of the output.
    """
    return (size + 2 * padding - kernel) // stride + 1


Exercise(
    output_size,
    lesson=1,
    returns=("count",),
    cases=[
        Case(5, 3),
        Case(5, 3, 2),
        Case(6, 3, 2),
        Case(5, 3, 1, 1),
        Case(28, 5, stride=2),
        Case(28, 3, stride=3, padding=2),
        Case(7, 7),
        Case(9, 2, 4, 3),
    ],
    mistakes=[
        Mistake(
            "forgot the first place",
            "One place is missing: the kernel stands somewhere before it moves at all, so add 1 to "
            "the number of moves.",
            lambda size, kernel, stride=1, padding=0: (size + 2 * padding - kernel) // stride,
        ),
        Mistake(
            "padding on one side",
            "The padding counts once, but there are two sides: it adds 2 * padding pixels.",
            lambda size, kernel, stride=1, padding=0: (size + padding - kernel) // stride + 1,
        ),
        Mistake(
            "rounded up",
            "You round up: a last move that would not fit does not count. // rounds down.",
            lambda size, kernel, stride=1, padding=0: (
                -((kernel - size - 2 * padding) // stride) + 1
            ),
        ),
        Mistake(
            "not rounded",
            "Your answer is not a whole number: / divides exactly. Use //, which rounds down.",
            lambda size, kernel, stride=1, padding=0: (size + 2 * padding - kernel) / stride + 1,
        ),
        Mistake(
            "brackets forgotten",
            "Only the kernel is divided by the stride. Put brackets around the difference.",
            lambda size, kernel, stride=1, padding=0: size + 2 * padding - kernel // stride + 1,
        ),
        Mistake(
            "1 inside the brackets",
            "The 1 stands inside the brackets, so it is divided by the stride as well. First count "
            "the moves with //, then add 1 for the first place.",
            lambda size, kernel, stride=1, padding=0: (size + 2 * padding - kernel + 1) // stride,
        ),
        Mistake(
            "1 inside the brackets, no padding",
            "The 1 stands inside the brackets, so it is divided by the stride as well: add it "
            "after the division. And the padding is missing.",
            lambda size, kernel, stride=1, padding=0: (size - kernel + 1) // stride,
        ),
        Mistake(
            "padding ignored",
            "The padding is missing: it adds padding pixels on each of the two sides.",
            lambda size, kernel, stride=1, padding=0: (size - kernel) // stride + 1,
        ),
        Mistake(
            "stride ignored",
            "The stride is missing: the kernel moves by stride pixels at a time. How many such "
            "moves fit?",
            lambda size, kernel, stride=1, padding=0: size + 2 * padding - kernel + 1,
        ),
    ],
    hints=(
        "Draw 5 pixels and a kernel of 3. How far can the kernel move? At how many places does it "
        "stand?",
        "With padding there are size + 2 * padding pixels, so the kernel can move by "
        "size + 2 * padding - kernel pixels. How many strides fit into that?",
        "Divide with // by the stride, and add 1 for the place where the kernel starts.",
    ),
)
