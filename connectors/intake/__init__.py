"""The door: bodies come in, are looked at just enough, and are kept before anybody answers 2xx."""
