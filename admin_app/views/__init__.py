"""Back-office pages, one module per noun."""
