"""What can go wrong with a run file."""


class RunFileError(OSError):
    """A run file could not be created, written, sealed or read. The message says what is left and what to do."""


class DiskSpaceLow(RunFileError):  # noqa: N818  # names what happened; RunFileError has the suffix
    """Free space fell below the reserve. The run file is sound, and can be sealed if the disk has the room."""
