-- image: loading, sizes, closing, and what cr:image takes.
local t = ...
local equal, raises = t.equal, t.raises

local img = assert(image.load("modules/small.png"))
equal(img.width, 4)
equal(img.height, 3)
equal(img.nothing, nil)
equal(getmetatable(img), "locked")
for path, want in pairs { ["modules/no.png"] = "modules/no.png", ["modules/cut.png"] = "modules/cut.png",
	["modules/feed.txt"] = "modules/feed.txt" } do
	local none, why = image.load(path)
	equal(none, nil, path)
	t.check(why:find(want, 1, true), why)
end
raises(function() image.load() end, "string expected")
raises(function() image.load({}) end, "string expected")

local function bounds(fn)
	t.draw(fn)
	return table.concat({ t.bounds(1) }, " ")
end
local function hash(fn)
	return (select(3, t.draw(fn)))
end
t.design(1920, 1080)
-- A pixel of margin on each side.
equal(bounds(function(cr) cr:image(img, 10, 20) end), "9 19 15 24")
equal(bounds(function(cr) cr:image(img, 10, 20, { width = 40 }) end), "9 19 51 51")
equal(bounds(function(cr) cr:image(img, 10, 20, { height = 30 }) end), "9 19 51 51")
equal(bounds(function(cr) cr:image(img, 10, 20, { width = 40, height = 60 }) end), "9 34 51 66",
	"contain, in the middle")
equal(bounds(function(cr) cr:image(img, 10, 20, { width = 40, height = 60, fit = "cover" }) end),
	"9 19 51 81")
equal(bounds(function(cr) cr:image(img, 10, 20, { width = 40, height = 60, fit = "stretch" }) end),
	"9 19 51 81")

local seen = {}
for name, options in pairs {
	none = {}, width = { width = 8 }, alpha = { alpha = 0.5 }, radius = { radius = 1 },
	nearest = { filter = "nearest" }, fast = { filter = "fast" }, best = { filter = "best" },
	rotate = { rotate = 0.3 },
} do
	local got = hash(function(cr) cr:image(img, 1, 2, options) end)
	t.check(not seen[got], name .. " draws as " .. tostring(seen[got]))
	seen[got] = name
end
t.check(seen[hash(function(cr) cr:image(img, 1, 2) end)] == "none")
t.check(seen[hash(function(cr) cr:image(img, 1, 2, { filter = "good", alpha = 1, radius = 0,
	rotate = 0, fit = "contain" }) end)] == "none", "the defaults")

-- Matrix, path and source are kept.
t.draw(function(cr)
	cr:rectangle(0, 0, 5, 5)
	cr:image(img, 10, 20, { rotate = 1, radius = 1, alpha = 0.5, width = 100 })
	equal(cr:get_matrix()[1], 1)
	equal(select(3, cr:path_extents()), 5)
end)

t.draw(function(cr)
	for message, fn in pairs {
		["image expected, got nil"] = function() cr:image(nil, 0, 0) end,
		["image expected, got string"] = function() cr:image("logo.png", 0, 0) end,
		["bad argument #2 to 'image'"] = function() cr:image(img) end,
		["bad argument #3 to 'image' (number is not finite)"] = function() cr:image(img, 0, 0 / 0) end,
		["option width: wants a size above 0"] = function() cr:image(img, 0, 0, { width = 0 }) end,
		["option height: wants a size above 0"] = function() cr:image(img, 0, 0, { height = -1 }) end,
		["option width: wants a finite number"] = function() cr:image(img, 0, 0, { width = "x" }) end,
		["option alpha: wants a finite number"] = function() cr:image(img, 0, 0, { alpha = 0 / 0 }) end,
		["option fit: wants one of contain, cover, stretch; got wrong"] = function()
			cr:image(img, 0, 0, { fit = "wrong" })
		end,
		["option filter: wants one of"] = function() cr:image(img, 0, 0, { filter = {} }) end,
		["options must be a table"] = function() cr:image(img, 0, 0, 5) end,
	} do
		raises(fn, message)
	end
	cr:image(img, 0, 0, { alpha = -3 })
	cr:image(img, 0, 0, { alpha = 7, radius = -4 })
end)

-- Closed: drawing with it is a mistake, what was drawn stays.
t.draw(function(cr)
	local second = assert(image.load("modules/small.png"))
	cr:image(second, 0, 0)
	cr:set_source(second)
	second:close()
	second:close()
	cr:paint()
	raises(function() cr:image(second, 0, 0) end, "image is closed")
	raises(function() cr:set_source(second) end, "image is closed")
	raises(function() cr:set_source_surface(second) end, "image is closed")
	raises(function() cr:mask(second) end, "image is closed")
	raises(function() return second.width end, "image is closed")
end)
-- Many of them are collected as they go.
for _ = 1, 300 do
	assert(image.load("modules/small.png"))
end
