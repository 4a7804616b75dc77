-- Factory scripts of the Series 2600B: sweeps (KISweep), pulses (KIPulse), leakage of capacitors (KIHighC).
-- Series 2600B reference manual, "Factory scripts". Sweeps and pulses leave readings, source values and times in
-- nvbuffer1.

local delay, waitcomplete, ipairs, type, error = delay, waitcomplete, ipairs, type, error
local clock = os.clock

local QUANTITY = {
  V = {level = "levelv", limit = "limiti", range = "rangev", measure = "i", measure_range = "rangei", func = 1},
  I = {level = "leveli", limit = "limitv", range = "rangei", measure = "v", measure_range = "rangev", func = 0},
}

local function linear(start, stop, points)
  local levels = {}
  for k = 1, points do levels[k] = points > 1 and start + (stop - start) * (k - 1) / (points - 1) or start end
  return levels
end

local function logarithmic(start, stop, points)
  if start * stop <= 0 then error("start and stop of a logarithmic sweep must have the same sign", 0) end
  local levels = {}
  for k = 1, points do levels[k] = points > 1 and start * (stop / start) ^ ((k - 1) / (points - 1)) or start end
  return levels
end

local function listed(levels, points)
  local chosen = {}
  for k = 1, points do chosen[k] = levels[(k - 1) % #levels + 1] end
  return chosen
end

local function emptied(buffer)
  buffer.clear()
  buffer.appendmode, buffer.collecttimestamps, buffer.collectsourcevalues = 1, 1, 1
  return buffer
end

local function switch_on(smu, quantity, level)
  smu.source.func = quantity.func
  smu.source[quantity.level] = level
  smu.source.output = smu.OUTPUT_ON
end

local function sweep(smu, letter, levels, settle)
  local quantity, buffer = QUANTITY[letter], emptied(smu.nvbuffer1)
  switch_on(smu, quantity, levels[1])
  for _, level in ipairs(levels) do
    smu.source[quantity.level] = level
    delay(settle)
    smu.measure[quantity.measure](buffer)
  end
  smu.source.output = smu.OUTPUT_OFF
  buffer.appendmode = 0
end

local function define_sweeps(letter, measured)
  local name = "Sweep" .. letter
  _G[name .. "LinMeasure" .. measured] = function(smu, start, stop, settle, points)
    sweep(smu, letter, linear(start, stop, points), settle)
  end
  _G[name .. "LogMeasure" .. measured] = function(smu, start, stop, settle, points)
    sweep(smu, letter, logarithmic(start, stop, points), settle)
  end
  _G[name .. "ListMeasure" .. measured] = function(smu, levels, settle, points)
    sweep(smu, letter, listed(levels, points), settle)
  end
end
define_sweeps("V", "I")
define_sweeps("I", "V")

-- Pulses from a bias level: the bias for `on_time`, then the level for `on_time` with a reading, then the bias again.
local function pulses(smu, letter, bias, level, on_time, off_time, points)
  local quantity, buffer = QUANTITY[letter], emptied(smu.nvbuffer1)
  switch_on(smu, quantity, bias)
  delay(on_time)
  for _ = 1, points do
    smu.source[quantity.level] = level
    delay(on_time)
    smu.measure[quantity.measure](buffer)
    smu.source[quantity.level] = bias
    delay(off_time)
  end
  smu.source.output = smu.OUTPUT_OFF
  buffer.appendmode = 0
end
function PulseVMeasureI(smu, ...) pulses(smu, "V", ...) end
function PulseIMeasureV(smu, ...) pulses(smu, "I", ...) end

-- In high-capacitance mode: charge to a voltage under one limit, then measure under a lower one.
local function charge(smu, level, limit, source_delay, measure_limit, measure_delay)
  smu.source.limiti = limit
  smu.source.levelv = level
  delay(source_delay)
  smu.source.limiti = measure_limit
  delay(measure_delay)
end
function i_leakage_measure(smu, level, limit, source_delay, measure_limit, measure_delay)
  charge(smu, level, limit, source_delay, measure_limit, measure_delay)
  return smu.measure.i()
end
function i_leakage_threshold(smu, level, limit, source_delay, measure_limit, measure_delay, threshold, timeout)
  charge(smu, level, limit, source_delay, measure_limit, measure_delay)
  local started = clock()
  repeat
    if math.abs(smu.measure.i()) < threshold then return true end
  until clock() - started >= timeout
  return false
end

-- Pulse tests: Config... keeps one under a tag, InitiatePulseTest... runs it. All return a flag and a message.
local tests = {}

local function largest(levels)
  local result = 0
  for _, level in ipairs(levels) do
    if level > result then result = level elseif -level > result then result = -level end
  end
  return result
end

local function configure(letter, smu, bias, levels, limit, on_time, off_time, buffer, tag)
  if type(tag) ~= "number" then return false, "tag must be a number" end
  if on_time <= smu.measure.nplc / localnode.linefreq then
    return false, "the measurement does not fit into the pulse width"
  end
  tests[tag] = {quantity = QUANTITY[letter], smu = smu, bias = bias, levels = levels, limit = limit,
                on_time = on_time, off_time = off_time, buffer = buffer}
  return true, "Test Configured"
end

local function define_pulses(letter, measured)
  local name = "ConfigPulse" .. letter .. "Measure" .. measured
  _G[name] = function(smu, bias, level, limit, on_time, off_time, points, buffer, tag)
    return configure(letter, smu, bias, linear(level, level, points), limit, on_time, off_time, buffer, tag)
  end
  _G[name .. "SweepLin"] = function(smu, bias, start, stop, limit, on_time, off_time, points, buffer, tag)
    return configure(letter, smu, bias, linear(start, stop, points), limit, on_time, off_time, buffer, tag)
  end
  _G[name .. "SweepLog"] = function(smu, bias, start, stop, limit, on_time, off_time, points, buffer, tag)
    return configure(letter, smu, bias, logarithmic(start, stop, points), limit, on_time, off_time, buffer, tag)
  end
end
define_pulses("V", "I")
define_pulses("I", "V")

local function prepare(test)
  local smu, quantity = test.smu, test.quantity
  smu.source.func = quantity.func
  smu.source[quantity.limit] = test.limit
  smu.source[quantity.level] = 0
  smu.source[quantity.range] = math.max(largest(test.levels), math.abs(test.bias))
  smu.measure[quantity.measure_range] = test.limit
  smu.measure.autozero, smu.measure.delay = smu.AUTOZERO_ONCE, 0
  smu.source[quantity.level] = test.bias
  if test.buffer then
    test.buffer.clear()
    test.buffer.appendmode = 1
  end
end

local function run(chosen)
  for _, test in ipairs(chosen) do prepare(test) end
  for k = 1, #chosen[1].levels do
    for _, test in ipairs(chosen) do test.smu.source[test.quantity.level] = test.levels[k] or test.bias end
    delay(chosen[1].on_time - chosen[1].smu.measure.nplc / localnode.linefreq)
    for _, test in ipairs(chosen) do
      if test.buffer then test.smu.measure["overlapped" .. test.quantity.measure](test.buffer) end
    end
    waitcomplete()
    for _, test in ipairs(chosen) do test.smu.source[test.quantity.level] = test.bias end
    delay(chosen[1].off_time)
  end
end

local function initiate(...)
  local chosen = {}
  for i, tag in ipairs {...} do
    chosen[i] = tests[tag]
    if not chosen[i] then return false, "no test is configured under this tag" end
    if chosen[i].smu.source.output ~= 1 then return false, "the output must be on" end
  end
  run(chosen)
  return true, "Test Complete"
end
function InitiatePulseTest(tag) return initiate(tag) end
function InitiatePulseTestDual(tag1, tag2) return initiate(tag1, tag2) end
