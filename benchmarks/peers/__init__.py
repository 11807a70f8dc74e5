"""The contestants: one module each, all with a class `Peer` of the same four methods.

    Peer(model, weights, dropout, optimizer)
                                   build "course" or "deep" (models.py) from these weights
    epoch(x, y, batch_size)        train one epoch in the order given; return the mean loss
    predict(x)                     return probabilities (N, 10)
    weights()                      return the weights in Keras's order and shapes

Each runs in a process of its own (worker.py), so that no library's threads or memory get
into another's way. A peer that is not installed fails at import, and is reported as missing.
"""
