"""``sipfast code``, ``method`` and ``header``: explanations from the package's tables."""
