"""The verbs: one public function a module."""
