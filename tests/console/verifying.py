"""The verifying modules of the audit page in a Chromium without a server: the page is made of files on disk."""

from contextlib import contextmanager

from tests.console.browsing import ROOT, chromium

HERE = "https://verify.example"


@contextmanager
def modules():
    """A page at an address of its own in which the modules can be imported."""
    with chromium() as browser:
        page = browser.new_page()
        page.route(f"{HERE}/**", serve)
        page.goto(f"{HERE}/")
        yield page


def serve(route):
    name = route.request.url.removeprefix(f"{HERE}/")
    if not name:
        return route.fulfill(body="<!doctype html><title>Verify</title>", content_type="text/html")
    return route.fulfill(body=(ROOT / name).read_text("utf-8"), content_type="text/javascript")


def run(page, module, code, *given):
    """Run the body of a function with the module as `m` and the values as `given`; bytes come as hex."""
    return page.evaluate(
        f"""async (given) => {{
            const m = await import("{HERE}/static/js/verify/{module}.js");
            const b = await import("{HERE}/static/js/verify/bytes.js");
            {code}
        }}""",
        list(given),
    )
