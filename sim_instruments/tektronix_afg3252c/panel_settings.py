"""Settings of display, keys, connectors and noise: accepted and remembered (command documentation of AFG3000C)."""

from sim_instruments.scpi.remembered import Remembered
from sim_instruments.scpi.settings import Limits
from sim_instruments.tektronix_afg3252c.models import plain_number

FRACTION = Limits(0.0, 1.0, 0.5)


def add_to(remembered: Remembered) -> None:
    """Add all of them."""
    remembered.number(":DISPlay:BRIGhtness", FRACTION, show=plain_number)
    remembered.number(":DISPlay:CONTrast", FRACTION, show=plain_number)
    remembered.boolean(":DISPlay:SAVer:STATe", default=True)
    remembered.text(":DISPlay[:WINDow]:TEXT[:DATA]")
    remembered.boolean(":SYSTem:BEEPer:STATe", default=True)
    remembered.boolean(":SYSTem:KCLick[:STATe]", default=True)
    remembered.boolean(":SYSTem:KLOCk[:STATe]")
    remembered.keyword(":SYSTem:ULANguage", "ENGL", "ENGLish", "FRENch", "GERMan", "JAPanese", "KORean", "RUSSian")
    remembered.keyword(":OUTPut:TRIGger:MODE", "TRIG", "TRIGger", "SYNC")
    remembered.boolean("*PSC", default=True)
    remembered.keyword("[:SOURce]:ROSCillator:SOURce", "INT", "INTernal", "EXTernal")
    remembered.boolean(":MEMory:STATe:RECall:AUTO")


def add_noise_levels(remembered: Remembered) -> None:
    """Level of the noise that could be added, as a share of the amplitude; the suffix is that of the noise source."""
    header = ":SOURce#:POWer[:LEVel][:IMMediate][:AMPLitude]"
    remembered.number(header, Limits(0.0, 50.0, 10.0), ("PCT",), show=plain_number)
