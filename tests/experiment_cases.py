"""What the tests of the experiments share: one run of each, and the figures that it gives."""

from pathlib import Path

from scratchcnn.experiments import results

STORED = Path(__file__).parent.parent / "notebooks" / "results"
TINY = {"epochs": 1, "images": 64}
TRAINING_FIGURES = {
    "val_accuracy",
    "val_loss",
    "best_val_accuracy",
    "best_epoch",
    "train_accuracy",
    "train_loss",
    "seconds",
}
KERAS_FIGURES = {
    "train_loss",
    "train_accuracy",
    "test_loss_100",
    "test_accuracy_100",
    "test_loss_1000",
    "test_accuracy_1000",
    "seconds",
}
ONE_OF_EACH = {
    "frozen_kernels": {"frozen": True, "seed": 0},
    "rates_and_batches": {"batch_size": 10, "rate": 0.01, "seed": 0},
    "keras_seeds": {"library": "scratchcnn", "seed": 0},
    "optimizers": {"network": "course", "optimizer": "momentum 0.9", "rate": 0.01, "seed": 0},
    "ablation": {"case": "baseline", "rate": 0.1, "seed": 0},
    "deep_stacks": {"case": "both", "depth": 4, "rate": 0.1, "seed": 0},
    "shapes": {"marked": True, "seed": 0},
    "garments": {"data": "garments", "case": "+ mirror images", "seed": 0},
    "transfer": {"start": "random", "images": 64, "seed": 0},
}
FIGURES = dict.fromkeys(results.EXPERIMENTS, TRAINING_FIGURES) | {
    "keras_seeds": KERAS_FIGURES,
    "shapes": TRAINING_FIGURES | {"plain_accuracy", "hit_rate", "mark_rate"},
}
# What makes a run of an experiment small.
TINY_ONE = {"transfer": {"updates": 2}}
