-- log and print: what a scene says reaches the log, with its level.
-- sweep: boot
local t = ...

local function line(level, text, fn)
	fn()
	local lines = t.log()
	t.equal(#lines, 1, "lines for " .. text)
	t.equal(lines[1], level .. ": " .. text)
end

line("info", "hello", function() log.info("hello") end)
line("warn", "careful", function() log.warn("careful") end)
line("error", "broken", function() log.error("broken") end)
line("info", "7", function() log.info(7) end)
line("info", "nil", function() log.info(nil) end)
line("info", "named", function()
	log.info(setmetatable({}, { __tostring = function() return "named" end }))
end)
line("info", "1\t2.5\ttrue\tnil\tx", function() print(1, 2.5, true, nil, "x") end)
line("info", "", function() print() end)
line("info", "100% %s %n", function() print("100% %s %n") end)

-- A line is cut somewhere, and never more than that happens.
print(("x"):rep(1 << 20))
local lines = t.log()
t.equal(#lines, 1)
t.check(#lines[1] > 1000 and #lines[1] < 8192, "a long line is cut")

t.raises(function() log.info() end, "bad argument #1 to 'info'")
t.raises(function() print(setmetatable({}, { __tostring = function() return {} end })) end,
	"'__tostring' must return a string")
t.equal(#t.log(), 0, "nothing was said")
