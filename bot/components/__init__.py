"""Rasa graph components of our own; config/rasa/config.yml names them."""
