"""The panels of the window, one a file. They show a model and ask by signals; none starts or opens anything."""
