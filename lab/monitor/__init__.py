"""The lab's monitoring: rules as data, a small monitor of our own, and the configuration of Debian's Prometheus."""
