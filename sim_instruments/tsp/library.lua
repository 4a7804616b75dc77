-- TSP functions that need nothing of the instrument but its command tree.

-- A function that reads, or sets, one attribute: an alias that scripts use in loops.
function makegetter(object, attribute)
  return function() return object[attribute] end
end
function makesetter(object, attribute)
  return function(value) object[attribute] = value end
end
