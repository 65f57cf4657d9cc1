"""What goes out as CloudEvents to webhooks of others."""
