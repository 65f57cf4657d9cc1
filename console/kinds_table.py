"""Every kind of source as a page of the docs: asked of the adapters themselves, so that it cannot say otherwise."""

from connectors.registry import ALERT_SOURCES

HEAD = """# What can send alerts

Written by `./manage.py kinds` from the adapters; a test keeps it true. A kind is what
`./manage.py source add KIND --name NAME` takes, and the page */sources/* offers; `./manage.py normalise` takes the
other names too. What is in no row is [mapped](connect-mapped.md) without code, or [posts JSON](connect-generic.md).

| kind | sent by | other names of its formats | told apart by |
| --- | --- | --- | --- |
"""


def page() -> str:
    """The whole page."""
    rows = sorted(ALERT_SOURCES.values(), key=lambda kind: kind.title.lower())
    return HEAD + "".join(
        f"| [`{kind.slug}`](connect-{kind.slug}.md) | [{kind.title}]({kind.documentation}) "
        f"| {', '.join(f'`{name}`' for name in kind.formats)} | {'; '.join(kind.fingerprint_fields)} |\n"
        for kind in rows
    )
