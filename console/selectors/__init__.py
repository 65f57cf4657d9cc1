"""What pages show, read from the other packages' tables: frozen view models, bounded numbers of queries."""
