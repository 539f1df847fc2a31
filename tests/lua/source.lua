-- camera and video: opening, fields, closing, and what cr:video takes.
local t = ...
local equal, raises = t.equal, t.raises

local cam = assert(camera.open())
t.check(cam.width > 0 and cam.height > 0)
equal(cam.fps, 30)
equal(cam.live, true)
equal(cam.nothing, nil)
equal(getmetatable(cam), "locked")
equal(#camera.list(), 1)
equal(camera.list()[1].id, "synthetic")

local function hash(fn)
	return (select(3, t.draw(fn)))
end
local function draw(options)
	return hash(function(cr) cr:video(cam, 10, 20, 320, 200, options) end)
end
local seen = {}
for name, options in pairs {
	none = {}, contain = { fit = "contain" }, stretch = { fit = "stretch" }, mirror = { mirror = true },
	radius = { radius = 10 }, alpha = { alpha = 0.5 }, crop = { crop = { 10, 10, 100, 100 } },
} do
	local got = draw(options)
	t.check(not seen[got], name .. " draws as " .. tostring(seen[got]))
	seen[got] = name
end
equal(seen[draw()], "none")
equal(seen[draw({ fit = "cover", alpha = 1, radius = 0, mirror = false })], "none")
-- The synthetic camera moves with the frame, and with nothing else.
t.at(1767225601, 30)
t.check(not seen[draw()], "another frame is another picture")
t.at(1767225600, 0)
equal(seen[draw()], "none")

t.draw(function(cr)
	for message, fn in pairs {
		["lunette.source expected, got nil"] = function() cr:video(nil, 0, 0, 1, 1) end,
		["lunette.source expected, got string"] = function() cr:video("x", 0, 0, 1, 1) end,
		["bad argument #4 to 'video' (number expected"] = function() cr:video(cam, 0, 0) end,
		["bad argument #5 to 'video' (number is not finite)"] = function()
			cr:video(cam, 0, 0, 5, 1 / 0)
		end,
		["width: wants a size above 0"] = function() cr:video(cam, 0, 0, 0, 5) end,
		["height: wants a size above 0"] = function() cr:video(cam, 0, 0, 5, -5) end,
		["option crop: wants {x, y, w, h} inside the picture"] = function()
			cr:video(cam, 0, 0, 5, 5, { crop = { 99999, 0, 10, 10 } })
		end,
		["option crop: wants"] = function() cr:video(cam, 0, 0, 5, 5, { crop = { 1, 2, 3 } }) end,
		["option crop: wants {x"] = function() cr:video(cam, 0, 0, 5, 5, { crop = "all" }) end,
		["option fit: wants one of"] = function() cr:video(cam, 0, 0, 5, 5, { fit = "wrong" }) end,
		["options must be a table"] = function() cr:video(cam, 0, 0, 5, 5, "cover") end,
	} do
		raises(fn, message)
	end
end)

cam:close()
cam:close()
t.draw(function(cr)
	raises(function() cr:video(cam, 0, 0, 5, 5) end, "source is closed")
end)
raises(function() return cam.width end, "source is closed")

for path, want in pairs { ["modules/no.mp4"] = "no.mp4", ["modules/feed.txt"] = "feed.txt" } do
	local none, why = video.open(path)
	equal(none, nil, path)
	t.check(why:find(want, 1, true), why)
end
raises(function() video.open() end, "string expected")
raises(function() video.open("x.mp4", 5) end, "options must be a table")
raises(function() video.open("x.mp4", { rate = 0 }) end, "option rate: wants a number above 0")
raises(function() video.open("x.mp4", { rate = -1 }) end, "option rate: wants a number above 0")
raises(function() video.open("x.mp4", { rate = 1e9 }) end, "option rate")
raises(function() video.open("x.mp4", { start = 0 / 0 }) end, "option start")
