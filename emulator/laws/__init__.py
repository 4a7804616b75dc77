"""Laws of one device and of its gate line, compiled into :func:`emulator.kernels.run_train`.

Names used throughout: ``D`` (rows, devices) floating-point values of all devices, ``N`` integers of all devices, ``i``
a device, ``shared`` the parameters they have in common, ``volts`` the net voltages of a segment. Gate quantities are
potentiation-positive and normalised to the window unless a docstring says "at the terminal".
"""
