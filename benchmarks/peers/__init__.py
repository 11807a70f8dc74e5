"""The contestants: one module each, all with a class `Peer` of the same four methods.

Beside it, `version()` and `threads()` say in words what runs, and on how many threads. Every
peer keeps the number of threads that it chooses itself on this machine.

    Peer(model, weights, dropout, optimizer)
                                   build "course" or "deep" (models.py) from these weights
    fit(x, y, batch_size, epochs)  train in the order given; return the last epoch's mean loss
    predict(x)                     return probabilities (N, 10)
    weights()                      return the weights in Keras's order and shapes

Each runs in a process of its own (worker.py), so that no library's threads or memory get
into another's way. A peer that is not installed fails at import, and is reported as missing.
"""
