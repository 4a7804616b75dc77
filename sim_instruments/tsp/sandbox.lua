-- Takes the ways to the host out of a fresh Lua 5.1 state and limits how long one message may run.
-- Arguments: instruction limit of a message, limit of calls into the instrument, clock function (seconds).
-- Returns run(chunk, finish), sethook(), quit(), wrap(f), spend(), hosts for the host; scripts see none of them.

local instruction_limit, call_limit, clock = ...
local sethook, select, type, error, unpack = debug.sethook, select, type, error, unpack
local calls_left, protected = 0, 0
local PROTECTED_LIMIT = 100   -- half of what Lua allows, so that there is always room for `stop`
local hosts = setmetatable({}, {__mode = "k"})   -- table of the command tree -> the host object it stands for

for _, name in ipairs {
  "io", "package", "require", "module", "dofile", "loadfile", "load", "debug", "python", "newproxy",
  "getfenv", "setfenv", "collectgarbage", "coroutine",
} do _G[name] = nil end
string.dump = nil

-- TSP is based on Lua 5.0: names that 5.1 dropped.
table.getn = table.getn or function(t) return #t end
string.gfind = string.gmatch
function collectgarbage() end   -- the collector runs by itself; no script may stop it, or make it run again and again

local compile = loadstring
function loadstring(source, name)
  if type(source) ~= "string" or source:byte() == 27 then   -- byte code can crash the interpreter
    return nil, "text expected"
  end
  return compile(source, name)
end

-- Protected calls nested to the end of the C stack would leave no room for the hook that ends a script.
local function limited(call)
  local function leave(...)
    protected = protected - 1
    return ...
  end
  return function(...)
    if protected >= PROTECTED_LIMIT then error("protected calls are nested too deeply", 2) end
    protected = protected + 1
    return leave(call(...))
  end
end
pcall, xpcall = limited(pcall), limited(xpcall)

local function stop()
  sethook(stop, "", 1)   -- from now on at every instruction, so that no pcall outlives it
  error("script stopped: it ran too long", 0)
end

-- Runs a chunk under the limits, then finish() without; what that returns. When the chunk fails, the hook stays.
local function run(chunk, finish)
  calls_left, protected = call_limit, 0
  sethook(stop, "", instruction_limit)
  chunk()
  sethook()
  return finish()
end

-- As a hook set by the host: ends the message that runs.
local function quit()
  sethook(quit, "", 1)
  error("script abandoned", 0)
end

-- One more of the calls that a message has.
local function spend()
  calls_left = calls_left - 1
  if calls_left < 0 then stop() end
end

-- A Lua function around a host function: scripts never hold a host object, and calls count as time.
-- Tables of the command tree among the arguments reach the host as the objects they stand for.
local function wrap(f)
  return function(...)
    spend()
    local n = select("#", ...)
    if n == 0 then return f() end
    local arguments = {...}
    for i = 1, n do
      if type(arguments[i]) == "table" then arguments[i] = hosts[arguments[i]] or arguments[i] end
    end
    return f(unpack(arguments, 1, n))
  end
end

local now = wrap(clock)
os = {clock = now, time = function() return now() - now() % 1 end}

return run, sethook, quit, wrap, spend, hosts   -- sethook is C code: the host's call of it counts no instruction
