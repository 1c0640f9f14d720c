"""What a message shows: small heads over the sentence encoder and sparse features.

To use them takes numpy alone; what trains them (train.py, stages.py, own.py, ridge.py, pooled_train.py) takes scikit-learn and TensorFlow.
"""
