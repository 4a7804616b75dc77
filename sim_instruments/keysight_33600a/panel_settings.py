"""Settings of display, markers, clock and network: accepted and remembered (Operating and Service Guide, SCPI chapter).

What they do on an instrument is not seen from its outputs.
"""

from sim_instruments.scpi.remembered import Remembered
from sim_instruments.scpi.settings import Limits


def add_to(remembered: Remembered) -> None:
    """Add all of them."""
    _add_display(remembered)
    _add_markers(remembered)
    remembered.boolean(":SYSTem:BEEPer:STATe", default=True)
    remembered.boolean(":SYSTem:KLOCk[:STATe]")
    remembered.text(":SYSTem:WMESsage")
    remembered.boolean(":MEMory:STATe:RECall:AUTO", default=True)
    remembered.keyword("[:SOURce]:ROSCillator:SOURce", "INT", "INTernal", "EXTernal")
    remembered.boolean("[:SOURce]:ROSCillator:SOURce:AUTO")
    remembered.boolean("[:SOURce#]:PHASe:UNLock:ERRor[:STATe]")
    remembered.keyword(":OUTPut:TRIGger:SLOPe", "POS", "POSitive", "NEGative")
    remembered.keyword(":OUTPut:TRIGger:SOURce", "CH1", "CH1", "CH2")
    remembered.boolean(":INPut:ATTenuation#[:STATe]")


def _add_display(remembered: Remembered) -> None:
    remembered.boolean(":DISPlay[:STATe]", default=True)
    remembered.keyword(":DISPlay:FOCus", "CH1", "CH1", "CH2")
    remembered.keyword(":DISPlay:VIEW", "STAN", "STANdard", "TEXT", "GRAPh", "DUAL")
    remembered.keyword(":DISPlay:UNIT:ARBRate", "SRAT", "SRATe", "FREQuency", "PERiod")
    remembered.keyword(":DISPlay:UNIT:PULSe", "WIDT", "WIDTh", "DUTY")
    remembered.keyword(":DISPlay:UNIT:RATE", "FREQ", "FREQuency", "PERiod")
    remembered.keyword(":DISPlay:UNIT:SWEep", "STAR", "STARtstop", "CENTerspan")
    remembered.keyword(":DISPlay:UNIT:VOLTage", "AMPL", "AMPLitudeoff", "HIGHlow")


def _add_markers(remembered: Remembered) -> None:
    marker = "[:SOURce#]:MARKer"
    remembered.number(marker + ":CYCLe", Limits(2.0, 1e8, 2.0))
    remembered.number(marker + ":FREQuency", Limits(1e-6, 120e6, 500.0), ("HZ",))
    remembered.number(marker + ":POINt", Limits(4.0, 64e6, 10.0))
