"""PyTorch as in its tutorials: a module, a loop over batches, an optimizer."""

import models
import numpy as np
import torch
from torch import nn


class Peer:
    """See the package's docstring."""

    def __init__(self, model, weights, dropout, optimizer):
        if model == "course":
            head, features = [nn.Conv2d(1, 8, 3, bias=False), nn.MaxPool2d(2)], (13, 13, 8)
        else:
            head = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2)]
            head += [nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)]
            features = (5, 5, 64)
        self.features = features
        tail = [nn.Flatten(), nn.Dropout(dropout)] if model == "deep" else [nn.Flatten()]
        self.model = nn.Sequential(*head, *tail, nn.Linear(int(np.prod(features)), 10))
        with torch.no_grad():
            for parameter, weight in zip(self.model.parameters(), weights, strict=True):
                parameter.copy_(torch.from_numpy(self._to_torch(weight)))
        make = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]
        self.optimizer = make(self.model.parameters(), models.LEARNING_RATE[optimizer])
        self.loss = nn.CrossEntropyLoss()

    def fit(self, x, y, batch_size, epochs):
        return [self._epoch(x, y, batch_size) for _ in range(epochs)][-1]

    def _epoch(self, x, y, batch_size):
        x, y = torch.from_numpy(x.transpose(0, 3, 1, 2)).contiguous(), torch.from_numpy(y).long()
        self.model.train()
        total = 0.0
        for start in range(0, len(x), batch_size):
            batch = slice(start, start + batch_size)
            self.optimizer.zero_grad()
            loss = self.loss(self.model(x[batch]), y[batch])
            loss.backward()
            self.optimizer.step()
            total += loss.item() * len(y[batch])
        return total / len(x)

    def predict(self, x):
        x = torch.from_numpy(x.transpose(0, 3, 1, 2)).contiguous()
        self.model.eval()
        with torch.inference_mode():
            parts = [self.model(x[i : i + 128]).softmax(1) for i in range(0, len(x), 128)]
        return torch.cat(parts).numpy()

    def weights(self):
        return [self._from_torch(p.detach().numpy()) for p in self.model.parameters()]

    def _to_torch(self, weight):
        if weight.ndim == 4:  # (KH, KW, C, F) -> (F, C, KH, KW)
            weight = weight.transpose(3, 2, 0, 1)
        elif weight.ndim == 2:  # rows in the order H, W, C -> columns in the order C, H, W
            weight = weight.reshape(*self.features, -1).transpose(3, 2, 0, 1).reshape(10, -1)
        return np.ascontiguousarray(weight)

    def _from_torch(self, weight):
        if weight.ndim == 4:
            return weight.transpose(2, 3, 1, 0)
        if weight.ndim == 2:
            H, W, C = self.features
            return weight.reshape(-1, C, H, W).transpose(2, 3, 1, 0).reshape(H * W * C, -1)
        return weight


def version():
    """Return the version to print."""
    return f"PyTorch {torch.__version__}"


def threads():
    """Return how many threads it uses, in words."""
    return f"{torch.get_num_threads()}"
