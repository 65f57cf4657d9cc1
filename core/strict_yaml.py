"""YAML that people write, read so that nothing in it is lost unseen and nothing odd in it is a crash."""

from collections.abc import Hashable
from typing import Any

import yaml


class NotYamlError(ValueError):
    """This cannot be read; the sentence says where and why."""


class _Reader(yaml.SafeLoader):
    """Plain values only, and no name twice in one map: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 -- the library's
        """Read a map."""
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                why = f"{key.value[:40]!r} stands twice in one map"
                raise yaml.constructor.ConstructorError(None, None, why, key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def read(text: str) -> object:
    """What the text holds.

    Raises:
        NotYamlError: It is no YAML, says a name twice in one map, or has a value that is not of the kind it claims.
    """
    try:
        return yaml.load(text, _Reader)  # noqa: S506 -- a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise NotYamlError(str(error)) from error
    except (LookupError, AttributeError, TypeError) as error:  # the library on `!!int ""`, `!!bool x`, `!!timestamp x`
        detail = "a value is not of the kind that its !!tag claims; leave the tag out"
        raise NotYamlError(detail) from error
