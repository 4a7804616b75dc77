"""Building blocks of experiments: gate pulses and channel reads, whatever instruments a bench has for them."""
