-- Functions that run inside a Keithley Series 2600B, so that one pulse or one sweep is one exchange on the bus.
-- Each prints one line; its last field is the number of errors waiting. `attribute` is "levelv" or "leveli".
-- Written for Lua 5.0, the language of the instrument: no length operator, no modulo operator.

ecramlab = {}

function ecramlab.source_voltage(smu, level, limit, range, highc)
  smu.source.func = smu.OUTPUT_DCVOLTS
  smu.source.levelv = 0
  smu.source.highc = highc
  smu.source.limiti = limit
  if range then smu.source.rangev = range else smu.source.autorangev = smu.AUTORANGE_ON end
  smu.source.levelv = level
  print(smu.source.func, smu.source.levelv, smu.source.limiti, smu.source.rangev, smu.source.highc, errorqueue.count)
end

function ecramlab.source_current(smu, level, limit, range)
  smu.source.func = smu.OUTPUT_DCAMPS
  smu.source.leveli = 0
  smu.source.highc = 0
  smu.source.limitv = limit
  if range then smu.source.rangei = range else smu.source.autorangei = smu.AUTORANGE_ON end
  smu.source.leveli = level
  print(smu.source.func, smu.source.leveli, smu.source.limitv, smu.source.rangei, smu.source.highc, errorqueue.count)
end

function ecramlab.measure_setup(smu, nplc, rangei, lowrangei, rangev, autozero)
  smu.measure.nplc = nplc
  if rangei then
    smu.measure.rangei = rangei
  else
    smu.measure.lowrangei = lowrangei
    smu.measure.autorangei = smu.AUTORANGE_ON
  end
  if rangev then smu.measure.rangev = rangev else smu.measure.autorangev = smu.AUTORANGE_ON end
  smu.measure.autozero = autozero
  smu.measure.delay = smu.DELAY_AUTO
  -- The analog filter slows the lowest range, and averaging is the work of the aperture. Some models have none.
  if smu.measure.analogfilter then smu.measure.analogfilter = 0 end
  print(smu.measure.nplc, smu.measure.rangei, smu.measure.lowrangei, smu.measure.rangev, errorqueue.count)
end

function ecramlab.level(smu, attribute, level)
  smu.source[attribute] = level
  print(smu.source[attribute], errorqueue.count)
end

function ecramlab.report(smu, current, voltage, clamped)
  print(current, voltage, clamped, timer.measure.t(), errorqueue.count)
end

function ecramlab.measure(smu)
  local current, voltage = smu.measure.iv()
  ecramlab.report(smu, current, voltage, smu.source.compliance)
end

-- The reading, if one is asked for, follows after `wait` seconds at the level, without the settling delay of the instrument.
function ecramlab.pulse(smu, attribute, level, wait, base, measured)
  local current, voltage
  smu.measure.delay = 0
  smu.source[attribute] = level
  delay(wait)
  if measured then current, voltage = smu.measure.iv() end
  local clamped = smu.source.compliance
  smu.source[attribute] = base
  smu.measure.delay = smu.DELAY_AUTO
  ecramlab.report(smu, current, voltage, clamped)
end

function ecramlab.prepare_sweep(smu, nplc)
  local currents, voltages = smu.nvbuffer1, smu.nvbuffer2
  currents.clear()
  voltages.clear()
  currents.appendmode = 1
  voltages.appendmode = 1
  currents.collecttimestamps = 1
  smu.measure.nplc = nplc
  smu.measure.autozero = smu.AUTOZERO_ONCE
end

-- One list of a sweep. Readings are appended to the buffers, so that the timestamps of a split sweep share their origin.
function ecramlab.sweep(smu, attribute, levels, hold, dwell, base, autozero)
  local currents, voltages = smu.nvbuffer1, smu.nvbuffer2
  local before = currents.n
  smu.measure.delay = 0
  smu.source[attribute] = levels[1]
  delay(hold)
  for _, level in ipairs(levels) do
    smu.source[attribute] = level
    delay(dwell)
    smu.measure.iv(currents, voltages)
  end
  smu.source[attribute] = base
  smu.measure.delay = smu.DELAY_AUTO
  smu.measure.autozero = autozero
  local lines = {}
  for k = before + 1, currents.n do
    lines[k - before] = string.format("%.9e,%.9e,%.9e,%d", currents.readings[k], voltages.readings[k],
                                      currents.timestamps[k], currents.statuses[k])
  end
  print(table.concat(lines, ";"), errorqueue.count)
end
