-- The only three commands that make a reply: print, printnumber, printbuffer.
-- What is printed waits here and reaches the host once, when the chunk is over: a way to the host costs more than the
-- rest of a short message, and however much a script prints, it is held to the memory of the sandbox.
-- Arguments: wrap(f) and spend() of the sandbox, printf format of numbers, host functions emit(text),
-- emit_numbers(table, n), emit_blocks(first, last, tables of the instrument...) -> whether they are such, bad_index(i).
-- Returns take() -> what was printed, without the last line end, or nil; use(printf format).

local wrap, spend, pattern, emit, emit_numbers, emit_blocks, bad_index = ...
emit, emit_numbers, emit_blocks, bad_index = wrap(emit), wrap(emit_numbers), wrap(emit_blocks), wrap(bad_index)
local select, type, tostring, tonumber, ipairs = select, type, tostring, tonumber, ipairs
local format, concat, error = string.format, table.concat, error
local lines, count = {}, 0

local function take()
  if count == 0 then return nil end
  local printed = count == 1 and lines[1] or concat(lines, "\n")
  if count == 1 then lines[1] = nil else lines = {} end
  count = 0
  return printed
end

local function flush()
  if count > 0 then emit(take()) end
end

local function shown(value)
  return type(value) == "number" and format(pattern, value) or tostring(value)
end

local function joined(...)
  local parts = {}
  for i = 1, select("#", ...) do parts[i] = shown((select(i, ...))) end
  return concat(parts, "\t")
end

function print(...)
  spend()
  local line = select("#", ...) == 1 and shown(...) or joined(...)
  count = count + 1
  lines[count] = line
end

function printnumber(...)
  local values, n = {}, select("#", ...)
  for i = 1, n do
    values[i] = tonumber((select(i, ...)))
    if not values[i] then error("bad argument #" .. i .. " to 'printnumber' (number expected)", 2) end
  end
  flush()
  emit_numbers(values, n)
end

function printbuffer(first, last, ...)
  local values, n, buffers = {}, 0, {...}
  if type(first) ~= "number" or type(last) ~= "number" or #buffers == 0 then
    error("bad argument to 'printbuffer' (two indices and buffers expected)", 2)
  end
  flush()
  if emit_blocks(first, last, ...) then return end
  for i = first, last do
    for _, buffer in ipairs(buffers) do
      local value = buffer[i]
      if type(value) ~= "number" then return bad_index(i) end
      n = n + 1
      values[n] = value
    end
  end
  emit_numbers(values, n)
end

return take, function(number_format) pattern = number_format end
