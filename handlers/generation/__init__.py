"""From one action to its tasks: prompt, model call, validation."""
