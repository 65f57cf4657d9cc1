"""The shell people touch: settings, servers, sign-in, pages, live updates, REST API."""
