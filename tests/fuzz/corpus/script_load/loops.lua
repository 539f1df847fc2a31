local co = coroutine.wrap(function() while true do coroutine.yield(1) end end)
local t = setmetatable({}, {__index = function(_, k) return k end, __gc = function() end})
for i = 1, 100 do co() t[i] = string.rep("ab", i) end
table.sort(t, function(a, b) return #a > #b end)
print(("x"):rep(100):gsub("x+", "%0"), select("#", table.unpack(t)))
return {draw = function(cr, frame) while frame.number > 1 do end end}
