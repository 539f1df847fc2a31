-- color: tables of four numbers from whatever stands for a colour.
local t = ...
local near, raises = t.near, t.raises

local function is(got, r, g, b, a)
	t.equal(#got, 4)
	for i, want in ipairs { r, g, b, a } do
		near(got[i], want, 1e-9, "component " .. i)
	end
end

is(color.parse("#fff"), 1, 1, 1, 1)
is(color.parse("#0F08"), 0, 1, 0, 0x88 / 255)
is(color.parse("#ff8000"), 1, 0x80 / 255, 0, 1)
is(color.parse("#FF800040"), 1, 0x80 / 255, 0, 0x40 / 255)
is(color.parse("RebeccaPurple"), 0x66 / 255, 0x33 / 255, 0x99 / 255, 1)
is(color.parse("transparent"), 0, 0, 0, 0)
is(color.parse({ 0.1, 0.2, 0.3 }), 0.1, 0.2, 0.3, 1)
is(color.parse({ 0.1, 0.2, 0.3, 0.4 }), 0.1, 0.2, 0.3, 0.4)
is(color.mix("#000", "#fff", 0.25), 0.25, 0.25, 0.25, 1)
is(color.mix("#000", "#fff0", 0.5), 0.5, 0.5, 0.5, 0.5)
is(color.mix("red", "blue", -3), 1, 0, 0, 1)
is(color.mix("red", "blue", 3), 0, 0, 1, 1)
is(color.lighten("#000", 0.5), 0.5, 0.5, 0.5, 1)
is(color.lighten({ 1, 0.5, 0, 0.3 }, -0.5), 0.5, 0.25, 0, 0.3)
is(color.lighten("red", 9), 1, 1, 1, 1)
is(color.alpha("red", 0.25), 1, 0, 0, 0.25)
is(color.alpha({ 1, 1, 1, 0.5 }, 7), 1, 1, 1, 1)

for _, bad in ipairs { "", "#", "#12", "#12345", "#gggggg", "no colour", " red", "red ", "#ff 000" } do
	raises(function() color.parse(bad) end, ('color.parse: "%s" is not a colour'):format(bad))
end
for _, bad in ipairs { 5, true, print, {}, { 1, 2 }, { "x", 1, 1 }, { 1, 1, 1, "x" }, { 0 / 0, 0, 0 } } do
	raises(function() color.parse(bad) end, "color.parse: ")
end
raises(function() color.parse() end, "wants a colour")
raises(function() color.mix("red") end, "color.mix: wants a colour")
raises(function() color.mix("red", "blue") end, "bad argument #3 to 'mix'")
raises(function() color.lighten("red", 0 / 0) end, "number is not finite")
raises(function() color.alpha("red") end, "bad argument #2 to 'alpha'")
