"""Static files with content hashes in their names, JavaScript imports included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise ships no types
    """Hashed, compressed, cached for ever."""

    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        """The hashed name; the plain one before `prepare` has collected any, so that no error page ever fails."""
        return str(super().stored_name(name)) if self.hashed_files else name
