"""Who is told, how much at once, and when not."""
