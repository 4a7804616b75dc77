-- Builds the tables of the command tree. A table is empty itself; its metatable has the layout of the instruments:
-- Getters and Setters for attributes, Objects for functions, constants and sub-tables, and the name of its type.
-- Arguments: wrap(f) and hosts of the sandbox.
-- Returns build(host object, type, getters, setters, functions, constants, synonyms, children, item, set_item).
-- Synonyms are second names of constants: they can be read, but a walk through Objects meets each value once.

local wrap, hosts = ...
local setmetatable, type, error, tostring, pairs = setmetatable, type, error, tostring, pairs

local function wrapped(functions)
  local result = {}
  for name, f in pairs(functions) do result[name] = wrap(f) end
  return result
end

return function(host, luatype, getters, setters, functions, constants, synonyms, children, item, set_item)
  getters, setters = wrapped(getters), wrapped(setters)
  local objects = wrapped(functions)
  for name, value in pairs(constants) do objects[name] = value end
  local result = {}
  for name, value in pairs(children) do
    if type(name) == "number" then result[name] = value else objects[name] = value end
  end
  item, set_item = item and wrap(item), set_item and wrap(set_item)

  local function read(_, name)
    local get = getters[name]
    if get then return get() end
    local object = objects[name]
    if object == nil and item and type(name) == "number" then return item(name) end
    if object == nil then return synonyms[name] end
    return object
  end

  local function write(_, name, value)
    local set = setters[name]
    if set then return set(value) end
    if set_item and type(name) == "number" then return set_item(name, value) end
    local what = (getters[name] or objects[name] ~= nil or synonyms[name] ~= nil) and "read-only" or "unknown"
    error("cannot assign to " .. what .. " attribute '" .. tostring(name) .. "' of " .. luatype, 2)
  end

  hosts[result] = host
  return setmetatable(result, {Getters = getters, Setters = setters, Objects = objects, luatype = luatype,
                               __index = read, __newindex = write,
                               __call = objects.run and function() return objects.run() end})
end
