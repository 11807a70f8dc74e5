"""Train the two networks for shapes that lesson 11 opens, and save them in notebooks/results.

    python benchmarks/shape_networks.py

It takes about two minutes on two cores. The networks are the runs with seed 0 of the experiment
"shapes" (scratchcnn/experiments/other_images.py).
"""

from pathlib import Path

from scratchcnn.experiments.other_images import train_on_shapes

RESULTS = Path(__file__).parent.parent / "notebooks" / "results"
FILES = {False: "shapes.npz", True: "shapes_marked.npz"}


def main() -> None:
    """Train each network, save it, and print its figures."""
    for marked, name in FILES.items():
        model, figures = train_on_shapes(marked, seed=0)
        model.save(RESULTS / name)
        print(name, figures)


if __name__ == "__main__":
    main()
