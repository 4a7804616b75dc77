-- The only three commands that make a reply: print, printnumber, printbuffer.
-- Arguments: wrap(f) of the sandbox, host functions number format (-> format string), emit(text), emit_numbers(table, n),
-- emit_blocks(first, last, tables of the instrument...) -> whether they are such, bad_index(i).

local wrap, number_format, emit, emit_numbers, emit_blocks, bad_index = ...
number_format, emit, emit_numbers = wrap(number_format), wrap(emit), wrap(emit_numbers)
emit_blocks, bad_index = wrap(emit_blocks), wrap(bad_index)
local select, type, tostring, tonumber, ipairs = select, type, tostring, tonumber, ipairs
local format, concat, error = string.format, table.concat, error

function print(...)
  local parts, pattern = {}, number_format()
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    parts[i] = type(value) == "number" and format(pattern, value) or tostring(value)
  end
  emit(concat(parts, "\t"))
end

function printnumber(...)
  local values, n = {}, select("#", ...)
  for i = 1, n do
    values[i] = tonumber((select(i, ...)))
    if not values[i] then error("bad argument #" .. i .. " to 'printnumber' (number expected)", 2) end
  end
  emit_numbers(values, n)
end

function printbuffer(first, last, ...)
  local values, n, buffers = {}, 0, {...}
  if type(first) ~= "number" or type(last) ~= "number" or #buffers == 0 then
    error("bad argument to 'printbuffer' (two indices and buffers expected)", 2)
  end
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
