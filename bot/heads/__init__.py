"""What a message shows: small heads over the sentence encoder and sparse features. Numbers in, numbers out; no Rasa, no scikit-learn to use them."""
