"""Places of all quantities in the arrays that the laws work on."""

# Rows of D: the state,
Y, Q, AGE, X, E1, E2, CYCLED, REST, ENERGY = range(9)
# parameters that differ from device to device (temperature applied),
RATE_UP, RATE_DOWN, V0, GMIN, GMAX, U_UP, U_DOWN = range(9, 16)
# and results of a call: charges [C] in terminal signs, conductances [S] at its start and end.
TO_SOURCE, TO_DRAIN, CHANNEL_EXCESS, G_START, G_END, N_ROWS = range(16, 22)
# Rows that exist only where the model needs them: filtered gate voltage and modes of the double layer [V]; selector:
# conducting (1) or not (0), for how long its switching condition holds [s], its threshold [V]; lifetime [cycles].
V_GATE, LAYER_1, LAYER_3, LAYER_5, LAYER_7, SWITCHED, SWITCHING, V_ON, LIFETIME, N_ALL_ROWS = range(21, 31)

# Rows of N.
FLAG, EVENT, STREAM, SOURCE_NET, DRAIN_NET, N_INTEGERS = range(6)

# Conditions of a device.
OK, BROKEN, STUCK, OPEN_CHANNEL, GATE_SHORT, OPEN_GATE = range(6)

# Shared parameters (temperature applied). VOC: open-circuit potential at q = 0; REDUCED: reduced time per time;
# RETENTION_RATE: the same per retention time.
POLARITY, CHARGE, KAPPA, VOC, TAU0, TAU_REC, REST_DRIVE, NOISE, Y_LOW, Y_HIGH = range(10)
SURFACE, TAU_SURFACE, X_WEIGHT, X_BREAK, GAIN1, TAU1, GAIN2, TAU2 = range(10, 18)
MAP, THINNING, R_UNGATED, READ_FACTOR, N_END, M_END = range(18, 24)
RETENTION_RATE, RETENTION_TARGET, REDUCED, DRIFT, DRIFT_OFFSET, LEAK, BROKEN_GATE = range(24, 31)
OXIDE_GAIN, DEPLETION, DEPLETION_GAIN = range(31, 34)
# Looked at only where D has its optional rows.
GATE_TIME, LAYER, SERIES, RESERVOIR, SINH_LEAK, SINH_VOLTAGE, BLOCKING, MORTAL = range(34, 42)
SELECTOR, OFF_CONDUCTANCE, ON_RESISTANCE, V_HOLD, ON_DELAY, OFF_DELAY, N_SHARED = range(42, 49)

LINEAR_MAP, EXPONENTIAL_MAP, CAPACITIVE_MAP, MEMCAPACITIVE_MAP = range(4)

# How a gate net is driven during one segment.
NET_KIND, NET_VOLTAGE, NET_RESISTANCE, NET_LOW, NET_HIGH, N_DRIVE = range(6)
FLOATING, DRIVEN = range(2)

MAX_DRIVE = 80.0  # cap of the argument of the hyperbolic sine
