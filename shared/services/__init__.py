"""What happens when: one module per noun, one keyword-only function per verb; nothing here commits."""
