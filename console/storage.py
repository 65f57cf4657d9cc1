"""Static files with content hashes in their names, JavaScript imports included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise ships no types
    """Hashed, compressed, cached for ever."""

    support_js_module_import_aggregation = True
    manifest_strict = False  # a page of errors must never fail for want of a file's hash
