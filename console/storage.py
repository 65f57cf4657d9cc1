"""Static files with content hashes in their names, JavaScript imports included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashed, compressed, cached for ever."""

    support_js_module_import_aggregation = True
