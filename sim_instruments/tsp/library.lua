-- TSP functions that need nothing of the instrument but its command tree.

-- A function that reads, or sets, one attribute: an alias that scripts use in loops.
function makegetter(object, attribute)
  return function() return object[attribute] end
end
function makesetter(object, attribute)
  return function(value) object[attribute] = value end
end

-- Memory is looked after by the twin: scripts that ask for a collection go on, and are told a small number of kilobytes.
function gcinfo() return 100, 200 end
