"""Settings → music: the built-in composer and synthesiser."""
