"""What server, executor and outside verifier share: canonical bytes, signatures, quorum, tree, bundle. No Django."""
