"""Sign from a terminal: fetch a change over the public API, check and show it here, sign it with an SSH key.

Runs on the signer's machine and believes nothing that the console says about the bytes.
"""
