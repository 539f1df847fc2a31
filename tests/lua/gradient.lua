-- gradient: stops, extend, filter, matrix; what was drawn keeps the gradient as it was.
local t = ...
local equal, raises = t.equal, t.raises

local function hash(fn)
	return (select(3, t.draw(fn)))
end
local function paint(g)
	return hash(function(cr) cr:set_source(g) cr:paint() end)
end

local stops = { { 0, "#000" }, { 0.5, "red" }, { 1, { 0, 0, 1, 0.5 } } }
local g = gradient.linear(0, 0, 100, 0, stops)
equal(paint(g), paint(gradient.linear(0, 0, 100, 0, stops)), "equal gradients are equal")
local seen = { [paint(g)] = true }
local function differs(name, other)
	local got = paint(other)
	t.check(not seen[got], name)
	seen[got] = true
end
differs("end", gradient.linear(0, 0, 101, 0, stops))
differs("kind", gradient.radial(0, 0, 0, 100, 0, 50, stops))
differs("no stops", gradient.linear(0, 0, 100, 0))
differs("fewer stops", gradient.linear(0, 0, 100, 0, { stops[1], stops[2] }))
for _, extend in ipairs { "none", "repeat", "reflect" } do
	local other = gradient.linear(0, 0, 100, 0, stops)
	other:set_extend(extend)
	differs(extend, other)
end
g:set_extend("pad")
t.check(seen[paint(g)], "pad is the default")
local other = gradient.linear(0, 0, 100, 0, stops)
other:set_matrix({ 2, 0, 0, 2, 5, 5 })
differs("matrix", other)
other = gradient.linear(0, 0, 100, 0, stops)
other:add_color_stop_rgba(0.7, 1, 1, 1, 0.5)
differs("a stop more", other)
local by_hand = gradient.linear(0, 0, 100, 0)
by_hand:add_color_stop_rgb(0, 0, 0, 0)
by_hand:add_color_stop_rgb(0.5, 1, 0, 0)
by_hand:add_color_stop_rgba(1, 0, 0, 1, 0.5)
equal(paint(by_hand), paint(g), "stops by table and by call")

-- A change after drawing does not reach back.
do
	local changed = gradient.linear(0, 0, 100, 0, stops)
	local before = paint(changed)
	local both = hash(function(cr)
		cr:set_source(changed)
		changed:set_extend("repeat")
		cr:paint()
	end)
	equal(both, before)
	t.check(paint(changed) ~= before)
end

for name, fn in pairs {
	["number expected"] = function() gradient.linear(0, 0, 100) end,
	["bad argument #4 to 'linear' (number is not finite)"] = function()
		gradient.linear(0, 0, 1, 1 / 0)
	end,
	["a radius is negative"] = function() gradient.radial(0, 0, -1, 0, 0, 1) end,
	["table expected"] = function() gradient.linear(0, 0, 1, 1, "red") end,
	["gradient stop 1: wants {offset, colour}"] = function()
		gradient.linear(0, 0, 1, 1, { { "x", "red" } })
	end,
	["gradient stop 2: wants {offset, colour}"] = function()
		gradient.linear(0, 0, 1, 1, { { 0, "red" }, "blue" })
	end,
	['gradient stop: "nothing" is not a colour'] = function()
		gradient.linear(0, 0, 1, 1, { { 0, "nothing" } })
	end,
	["gradient stop: wants a colour"] = function() gradient.linear(0, 0, 1, 1, { { 0 } }) end,
	["invalid option 'wrong'"] = function() g:set_extend("wrong") end,
	["string expected"] = function() g:set_filter() end,
	["the matrix cannot be inverted"] = function() g:set_matrix({ 1, 1, 1, 1, 0, 0 }) end,
	["a matrix is"] = function() g:set_matrix({ 1, 0, 0, 1, 0, 0 / 0 }) end,
	["more than 4096 stops"] = function()
		local many = {}
		for i = 1, 4097 do many[i] = { i / 4097, "red" } end
		gradient.linear(0, 0, 1, 1, many)
	end,
} do
	raises(fn, name)
end
t.check(seen[paint(g)], "what was refused changed nothing")
g:close()
g:close()
raises(function() g:set_extend("pad") end, "gradient is closed")
t.draw(function(cr)
	raises(function() cr:set_source(g) end, "gradient is closed")
	raises(function() cr:mask(g) end, "gradient is closed")
end)
do
	local kept
	do
		local closing <close> = gradient.linear(0, 0, 1, 1)
		kept = closing
	end
	raises(function() kept:set_extend("pad") end, "gradient is closed")
end
