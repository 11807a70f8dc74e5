"""The contestants: one module each, all with a class `Peer` that has the same four methods.

In addition, `version()` and `threads()` describe what runs and on how many threads. Every peer
uses its own default number of threads.

    Peer(model, weights, dropout, optimizer)
                                   build "course" or "deep" (models.py) from these weights
    fit(x, y, batch_size, epochs)  train in the order given; return the last epoch's mean loss
    predict(x)                     return probabilities (N, 10)
    weights()                      return the weights in Keras's order and shapes

Each runs in its own process (worker.py), so that the threads and memory of one library do not
interfere with another's. A peer that is not installed fails at import and is reported as missing.
"""
