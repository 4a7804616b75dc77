"""Loading, keeping and playing arbitrary waveforms (Operating and Service Guide, DATA, MMEMory and FUNCtion:ARBitrary).

Files live in the instrument: INT:\\ is there as long as the emulated bench, USB:\\ is empty.
"""

import statistics

from sim_instruments.generator import GeneratorInstrument
from sim_instruments.generator.memory import Samples, read_samples
from sim_instruments.keysight_33600a.channel import Channel
from sim_instruments.keysight_33600a.sequences import joined
from sim_instruments.scpi import Reply, ScpiError, command
from sim_instruments.scpi.parameters import block_payload, keyword, string
from sim_instruments.scpi.settings import long_number

DAC_FULL_SCALE = 32767
NO_FILE = (-256, "File name not found")


class ArbitraryWaveforms(GeneratorInstrument[Channel]):
    """The commands. `_swapped` and `_interleaved` say how blocks are read; `files` are those that were stored."""

    _swapped: bool
    _interleaved: bool
    files: dict[str, Samples]

    def reset_formats(self) -> None:
        """Most significant byte first; of two channels, the data of the first before those of the second."""
        self._swapped = self._interleaved = False

    # -- loading ---------------------------------------------------------------------------------------------

    @command("[:SOURce#]:DATA:ARBitrary#")
    def _load_reals(self, suffix: int, lanes: int, name: bytes, *values: bytes) -> None:
        self._load(suffix, lanes, name, values, "f", 1.0)

    @command("[:SOURce#]:DATA:ARBitrary#:DAC")
    def _load_integers(self, suffix: int, lanes: int, name: bytes, *values: bytes) -> None:
        self._load(suffix, lanes, name, values, "h", DAC_FULL_SCALE)

    def _load(
        self, suffix: int, lanes: int, name: bytes, values: tuple[bytes, ...], kind: str, full_scale: float
    ) -> None:
        if not 1 <= lanes <= len(self.channels):
            raise ScpiError(-114, str(lanes))
        if not values:
            raise ScpiError(-109)
        samples = read_samples(values, kind, full_scale, swapped=self._swapped)
        if lanes == 1:
            self.channel(suffix).memory.store(waveform_name(name), samples)
            return
        if len(samples) % 2:
            raise ScpiError(-221, "data for two channels must be as many for each")
        half = len(samples) // 2
        parts = (samples[::2], samples[1::2]) if self._interleaved else (samples[:half], samples[half:])
        for channel, part in zip(self.channels, parts, strict=True):
            channel.memory.store(waveform_name(name), part)

    @command("[:SOURce#]:DATA:ARBitrary#:FORMat")
    def _set_lanes(self, suffix: int, lanes: int, order: bytes) -> None:
        self.channel(suffix), self.channel(lanes)
        self._interleaved = keyword(order, "AABB", "ABAB") == "ABAB"

    @command("[:SOURce#]:DATA:ARBitrary#:FORMat?")
    def _get_lanes(self, suffix: int, lanes: int) -> Reply:
        self.channel(suffix), self.channel(lanes)
        return "ABAB" if self._interleaved else "AABB"

    @command("[:SOURce#]:DATA:SEQuence")
    def _load_sequence(self, suffix: int, block: bytes) -> None:
        memory = self.channel(suffix).memory
        name, samples = joined(block_payload(block).decode("latin-1"), lambda one: memory.find(_bare_name(one)))
        memory.store(_bare_name(name), samples)

    @command(":FORMat:BORDer")
    def _set_byte_order(self, order: bytes) -> None:
        self._swapped = keyword(order, "NORMal", "SWAPped") == "SWAP"

    @command(":FORMat:BORDer?")
    def _get_byte_order(self) -> Reply:
        return "SWAP" if self._swapped else "NORM"

    # -- memory ----------------------------------------------------------------------------------------------

    @command("[:SOURce#]:DATA:VOLatile:CLEar")
    def _clear_memory(self, suffix: int) -> None:
        channel = self.channel(suffix)
        channel.clear_memory()
        channel.refresh()

    @command("[:SOURce#]:DATA:VOLatile:CATalog?")
    def _catalogue(self, suffix: int) -> Reply:
        return ",".join(f'"{name}"' for name in self.channel(suffix).memory.names)

    @command("[:SOURce#]:DATA:VOLatile:FREE?")
    def _free_memory(self, suffix: int) -> Reply:
        return f"{self.channel(suffix).memory.free:+d}"

    @command("[:SOURce#]:DATA:ATTRibute:POINts?")
    def _points(self, suffix: int, name: bytes = b"") -> Reply:
        return f"{len(self._named(suffix, name)):+d}"

    @command("[:SOURce#]:DATA:ATTRibute:AVERage?")
    def _average(self, suffix: int, name: bytes = b"") -> Reply:
        return long_number(statistics.fmean(self._named(suffix, name)))

    @command("[:SOURce#]:DATA:ATTRibute:PTPeak?")
    def _peak_to_peak(self, suffix: int, name: bytes = b"") -> Reply:
        samples = self._named(suffix, name)
        return long_number(max(samples) - min(samples))

    @command("[:SOURce#]:DATA:ATTRibute:CFACtor?")
    def _crest_factor(self, suffix: int, name: bytes = b"") -> Reply:
        samples = self._named(suffix, name)
        rms = statistics.fmean(sample**2 for sample in samples) ** 0.5
        return long_number(max(map(abs, samples)) / rms if rms else 0.0)

    def _named(self, suffix: int, name: bytes) -> Samples:
        channel = self.channel(suffix)
        return channel.memory.find(waveform_name(name)) if name else channel.samples

    # -- files -----------------------------------------------------------------------------------------------

    @command(":MMEMory:STORe:DATA#")
    def _store_file(self, suffix: int, file: bytes) -> None:
        self.files[string(file).upper()] = self.channel(suffix).samples

    @command(":MMEMory:LOAD:DATA#")
    def _load_file(self, suffix: int, file: bytes) -> None:
        channel, path = self.channel(suffix), string(file).upper()
        if path not in self.files:
            channel.memory.find(_bare_name(path))  # those in INT:\BUILTIN are always there
        else:
            channel.memory.replace(_bare_name(path), self.files[path])

    @command(":MMEMory:DELete")
    def _delete_file(self, file: bytes) -> None:
        if self.files.pop(string(file).upper(), None) is None:
            raise ScpiError(NO_FILE[0], "", NO_FILE[1])

    @command(":MMEMory:CATalog:DATA:ARBitrary?", ":MMEMory:CATalog[:ALL]?")
    def _files(self, folder: bytes = b'"INT:\\"') -> Reply:
        within = string(folder).upper().rstrip("\\") + "\\"
        found = [(path.rsplit("\\", 1)[1], samples) for path, samples in self.files.items() if path.startswith(within)]
        return ",".join(["+0", "+100000000", *(f'"{name},ARB,{len(samples)}"' for name, samples in found)])

    @command(":MMEMory:MDIRectory", ":MMEMory:RDIRectory", ":MMEMory:CDIRectory")
    def _folder(self, folder: bytes) -> None:
        """Folders are part of the name of a file."""
        string(folder)

    # -- playing ---------------------------------------------------------------------------------------------

    @command("[:SOURce#]:FUNCtion[:SHAPe]:ARBitrary:POINts?")
    def _points_in_use(self, suffix: int) -> Reply:
        return f"{len(self.channel(suffix).samples):+d}"

    @command("[:SOURce#]:FUNCtion[:SHAPe]:ARBitrary")
    def _select_arb(self, suffix: int, name: bytes) -> None:
        channel = self.channel(suffix)
        channel.memory.find(waveform_name(name))
        channel.arb_name = waveform_name(name)
        self.changed(channel)

    @command("[:SOURce#]:FUNCtion[:SHAPe]:ARBitrary?")
    def _selected_arb(self, suffix: int) -> Reply:
        return f'"{self.channel(suffix).arb_name}"'

    @command("[:SOURce#]:FUNCtion[:SHAPe]:ARBitrary:PTPeak")
    def _set_arb_amplitude(self, suffix: int, amplitude: bytes) -> None:
        channel = self.channel(suffix)
        self.take_amplitude(channel, amplitude)
        self.changed(channel)

    @command("[:SOURce#]:FUNCtion[:SHAPe]:ARBitrary:PTPeak?")
    def _get_arb_amplitude(self, suffix: int) -> Reply:
        return long_number(self.channel(suffix).levels.amplitude)


def waveform_name(argument: bytes) -> str:
    """Name of a waveform, with or without quotes; a path and the ending .arb are left away."""
    return _bare_name(argument.decode("latin-1").strip().strip("\"'"))


def _bare_name(path: str) -> str:
    name = path.replace("/", "\\").rsplit("\\", 1)[-1].upper()
    return name.removesuffix(".ARB").removesuffix(".BARB").removesuffix(".SEQ")
