-- The canvas: what its methods take, refuse, keep and answer. What they draw is compared with
-- cairo elsewhere.
local t = ...
local equal, near, raises = t.equal, t.near, t.raises

-- Each method with arguments that are right. A number at place i is then replaced by what is not
-- a finite number, and the error must name it.
local good = {
	move_to = { 1, 2 }, line_to = { 1, 2 }, curve_to = { 1, 2, 3, 4, 5, 6 },
	rel_move_to = { 1, 2 }, rel_line_to = { 1, 2 }, rel_curve_to = { 1, 2, 3, 4, 5, 6 },
	rectangle = { 1, 2, 3, 4 }, circle = { 1, 2, 3 }, ellipse = { 1, 2, 3, 4 },
	rounded_rectangle = { 1, 2, 30, 40, 5 }, arc = { 1, 2, 3, 0, 1 }, arc_negative = { 1, 2, 3, 1, 0 },
	translate = { 1, 2 }, scale = { 2, 2 }, rotate = { 1 },
	set_line_width = { 1 }, set_miter_limit = { 1 }, set_tolerance = { 1 }, set_font_size = { 10 },
	set_source_rgb = { 1, 0, 0 }, set_source_rgba = { 1, 0, 0, 1 }, paint_with_alpha = { 1 },
	in_fill = { 1, 2 }, in_stroke = { 1, 2 }, in_clip = { 1, 2 },
	user_to_device = { 1, 2 }, device_to_user = { 1, 2 },
	user_to_device_distance = { 1, 2 }, device_to_user_distance = { 1, 2 },
}
local not_finite = { 0 / 0, 1 / 0, -1 / 0, math.huge * 0 }

for name, arguments in pairs(good) do
	t.draw(function(cr)
		cr:move_to(0, 0)
		cr[name](cr, table.unpack(arguments))
		for i = 1, #arguments do
			local changed = { table.unpack(arguments) }
			local where = ("bad argument #%d to '"):format(i + 1)
			for _, bad in ipairs(not_finite) do
				changed[i] = bad
				raises(function() cr[name](cr, table.unpack(changed)) end, where)
				raises(function() cr[name](cr, table.unpack(changed)) end, "number is not finite")
			end
			for _, bad in ipairs { "x", {}, true, print } do
				changed[i] = bad
				raises(function() cr[name](cr, table.unpack(changed)) end, where)
				raises(function() cr[name](cr, table.unpack(changed)) end, "number expected")
			end
		end
		if name ~= "scale" and #arguments > 0 then
			local too_few = { table.unpack(arguments, 1, #arguments - 1) }
			raises(function() cr[name](cr, table.unpack(too_few)) end,
				"number expected, got no value")
		end
	end)
end
t.draw(function(cr)
	raises(function() cr:curve_to(1, 2, 3, 0 / 0, 5, 6) end,
		"bad argument #4 to 'curve_to' (number is not finite)")
end)

-- Enumerations: cairo's names, and the getter gives back what was set.
local names = {
	antialias = { "none", "gray", "subpixel", "fast", "good", "best", "default" },
	fill_rule = { "even_odd", "winding" },
	line_cap = { "round", "square", "butt" },
	line_join = { "round", "bevel", "miter" },
	operator = { "clear", "source", "over", "in", "out", "atop", "dest", "dest_over", "dest_in",
		"dest_out", "dest_atop", "xor", "add", "saturate", "multiply", "screen", "overlay",
		"darken", "lighten", "color_dodge", "color_burn", "hard_light", "soft_light",
		"difference", "exclusion", "hsl_hue", "hsl_saturation", "hsl_color", "hsl_luminosity" },
}
local defaults = { antialias = "default", fill_rule = "winding", line_cap = "butt",
	line_join = "miter", operator = "over", line_width = 2, miter_limit = 10, tolerance = 0.1 }
t.draw(function(cr)
	for what, value in pairs(defaults) do
		equal(cr["get_" .. what](cr), value, "default of " .. what)
	end
	for what, choices in pairs(names) do
		for _, choice in ipairs(choices) do
			cr["set_" .. what](cr, choice)
			equal(cr["get_" .. what](cr), choice, what)
		end
		raises(function() cr["set_" .. what](cr, "wrong") end, "invalid option 'wrong'")
		raises(function() cr["set_" .. what](cr) end, "string expected")
		raises(function() cr["set_" .. what](cr, {}) end, "string expected")
		equal(cr["get_" .. what](cr), choices[#choices], "an error changes nothing")
	end
	for _, what in ipairs { "line_width", "miter_limit", "tolerance" } do
		cr["set_" .. what](cr, 3.25)
		equal(cr["get_" .. what](cr), 3.25, what)
	end
end)

-- save and restore keep all of the state.
t.draw(function(cr)
	cr:save()
	cr:set_line_width(9)
	cr:set_line_cap("round")
	cr:set_operator("xor")
	cr:set_dash({ 1, 2, 3 }, 4)
	cr:translate(10, 20)
	cr:rectangle(0, 0, 10, 10)
	cr:clip()
	cr:restore()
	equal(cr:get_line_width(), 2)
	equal(cr:get_line_cap(), "butt")
	equal(cr:get_operator(), "over")
	equal(#cr:get_dash(), 0)
	equal(cr:get_matrix()[5], 0)
	local x1, y1, x2, y2 = cr:clip_extents()
	near(x1, 0); near(y1, 0); near(x2, 1920); near(y2, 1080)
	raises(function() cr:restore() end, "restore without a save")
	raises(function() cr:pop_group() end, "pop_group without a push_group")
	raises(function() cr:pop_group_to_source() end, "pop_group_to_source without a push_group")
	cr:push_group()
	raises(function() cr:restore() end, "restore without a save")
	cr:pop_group_to_source()
end)

-- What is left open is closed, and told.
equal(t.draw(function(cr) cr:save() cr:save() cr:push_group() end), 3)
equal(t.draw(function(cr) cr:save() cr:restore() end), 0)
do
	-- What a group that stays open drew is lost, as in cairo.
	local _, count = t.draw(function(cr) cr:paint() cr:push_group() cr:paint() end)
	equal(count, 1)
end

-- Lent for one callback.
do
	local kept, pattern, path
	t.draw(function(cr)
		kept = cr
		cr:rectangle(0, 0, 5, 5)
		path = cr:copy_path()
		cr:push_group()
		pattern = cr:pop_group()
		cr:set_source(pattern)
	end)
	local outside = "canvas used outside its draw callback"
	for _, call in ipairs {
		function() kept:paint() end, function() kept:save() end,
		function() kept:move_to(1, 2) end, function() kept:get_matrix() end,
		function() kept:text("x", 0, 0) end, function() kept:measure("x") end,
		function() kept:in_fill(0, 0) end, function() kept:new_path() end,
		function() kept:set_source("red") end, function() kept:pop_group() end,
		function() kept:copy_path() end, function() kept:set_dash({}) end,
	} do
		raises(call, outside)
	end
	raises(function() pattern:set_extend("repeat") end, "pattern used outside the frame")
	equal(kept.width, 1920, "the size is no drawing")
	t.draw(function(cr)
		equal(cr, kept, "one object")
		raises(function() cr:set_source(pattern) end, "pattern used outside the frame that made it")
		raises(function() cr:mask(pattern) end, "pattern used outside the frame that made it")
		raises(function() pattern:set_filter("best") end, "pattern used outside the frame")
		cr:append_path(path) -- a path is a value
		near(select(3, cr:path_extents()), 5)
		raises(function() cr:append_path(cr) end, "lunette.path expected")
		raises(function() cr:append_path({}) end, "lunette.path expected")
		raises(function() cr:append_path() end, "lunette.path expected")
	end)
	raises(function() kept.paint() end, "lunette.canvas expected, got no value")
	raises(function() kept.paint({}) end, "lunette.canvas expected, got table")
	raises(function() kept.paint(gradient.linear(0, 0, 1, 1)) end, "lunette.canvas expected")
	raises(function() local _ = kept.no_such end, 'the canvas has no method "no_such"')
	raises(function() kept.x = 1 end, "index")
end

-- Paths.
t.draw(function(cr)
	equal(cr:has_current_point(), false)
	equal(cr:get_current_point(), 0)
	for _, call in ipairs { "rel_move_to", "rel_line_to" } do
		raises(function() cr[call](cr, 1, 1) end, "there is no current point to start from")
	end
	raises(function() cr:rel_curve_to(1, 1, 1, 1, 1, 1) end, "no current point")
	cr:move_to(10, 20)
	equal(cr:has_current_point(), true)
	cr:rel_line_to(5, -5)
	local x, y = cr:get_current_point()
	near(x, 15); near(y, 15)
	cr:new_sub_path()
	equal(cr:has_current_point(), false)
	cr:new_path()

	cr:rectangle(10, 20, 30, 40)
	local x1, y1, x2, y2 = cr:path_extents()
	near(x1, 10); near(y1, 20); near(x2, 40); near(y2, 60)
	x1, y1, x2, y2 = cr:fill_extents()
	near(x1, 10); near(y1, 20); near(x2, 40); near(y2, 60)
	cr:set_line_width(4)
	x1, y1, x2, y2 = cr:stroke_extents()
	near(x1, 8, 0.01); near(y1, 18, 0.01); near(x2, 42, 0.01); near(y2, 62, 0.01)
	equal(cr:in_fill(11, 21), true)
	equal(cr:in_fill(9, 21), false)
	equal(cr:in_stroke(10, 20), true)
	equal(cr:in_stroke(25, 40), false)
	equal(cr:in_clip(5, 5), true)
	cr:clip_preserve()
	equal(cr:in_clip(5, 5), false)
	equal(cr:in_clip(25, 40), true)
	x1, y1, x2, y2 = cr:clip_extents()
	near(x1, 10); near(y1, 20); near(x2, 40); near(y2, 60)
	cr:reset_clip()
	equal(cr:in_clip(5, 5), true)
	near(select(3, cr:path_extents()), 40, nil, "clip_preserve keeps the path")
	cr:clip()
	equal(cr:has_current_point(), false, "clip forgets the path")
end)
for _, call in ipairs { "fill", "stroke" } do
	t.draw(function(cr)
		cr:rectangle(0, 0, 9, 9)
		cr[call .. "_preserve"](cr)
		equal(cr:has_current_point(), true)
		cr[call](cr)
		equal(cr:has_current_point(), false)
	end)
end

-- Our own shapes.
t.draw(function(cr)
	cr:circle(100, 100, 50)
	local x1, y1, x2, y2 = cr:path_extents()
	near(x1, 50, 0.1); near(y1, 50, 0.1); near(x2, 150, 0.1); near(y2, 150, 0.1)
	cr:new_path()
	cr:ellipse(100, 100, 50, 20)
	x1, y1, x2, y2 = cr:path_extents()
	near(x1, 50, 0.1); near(y1, 80, 0.1); near(x2, 150, 0.1); near(y2, 120, 0.1)
	equal(cr:in_fill(145, 100), true)
	equal(cr:in_fill(145, 115), false)
	cr:new_path()
	for _, radius in ipairs { 0, 1e-200, -1e-300, 1e-170 } do
		cr:ellipse(1, 1, radius, radius) -- nothing, and the context lives
	end
	cr:rounded_rectangle(10, 10, 100, 50, 20)
	x1, y1, x2, y2 = cr:path_extents()
	near(x1, 10); near(y1, 10); near(x2, 110); near(y2, 60)
	equal(cr:in_fill(11, 11), false, "a round corner")
	equal(cr:in_fill(60, 11), true)
	cr:new_path()
	cr:rounded_rectangle(110, 60, -100, -50, 1000) -- backwards, radius larger than the box
	x1, y1, x2, y2 = cr:path_extents()
	near(x1, 10); near(y1, 10); near(x2, 110); near(y2, 60)
	cr:new_path()
	cr:rounded_rectangle(0, 0, 10, 10, -5)
	equal(cr:in_fill(0.1, 0.1), true, "a negative radius is none")
	cr:new_path()
	cr:polygon({ 0, 0, 10, 0, 10, 10 })
	equal(cr:in_fill(9, 1), true)
	equal(cr:in_fill(1, 9), false)
	cr:polygon({})
	raises(function() cr:polygon({ 1, 2, 3 }) end, "even number of coordinates")
	raises(function() cr:polygon({ 1, 2, "x", 4 }) end, "coordinate 3 is not a finite number")
	raises(function() cr:polygon({ 1, 0 / 0 }) end, "coordinate 2 is not a finite number")
	raises(function() cr:polygon() end, "table expected")
end)

-- Dashes.
t.draw(function(cr)
	cr:set_dash({ 5, 2.5, 1 }, 3)
	local dashes, offset = cr:get_dash()
	equal(#dashes, 3); equal(dashes[2], 2.5); equal(offset, 3)
	cr:set_dash({})
	equal(#cr:get_dash(), 0)
	raises(function() cr:set_dash({ -1 }) end, "a dash is a finite number, not negative")
	raises(function() cr:set_dash({ 0, 0 }) end, "all dashes are 0")
	raises(function() cr:set_dash({ 0 / 0 }) end, "a dash is a finite number")
	raises(function() cr:set_dash({ "x" }) end, "a dash is a finite number")
	raises(function() cr:set_dash(5) end, "table expected")
	raises(function() cr:set_dash({ 1 }, 1 / 0) end, "number is not finite")
	local many = {}
	for i = 1, 1024 do many[i] = 1 end
	cr:set_dash(many)
	equal(#cr:get_dash(), 1024)
	many[1025] = 1
	raises(function() cr:set_dash(many) end, "more than 1024 dashes")
end)

-- Transformations. The scaling to the format is hidden, whatever it is.
for _, size in ipairs { { 1920, 1080 }, { 640, 360 }, { 333, 777 } } do
	t.draw(function(cr)
		local function matrix(want, message)
			local got = cr:get_matrix()
			for i = 1, 6 do
				near(got[i], want[i], 1e-9, (message or "matrix") .. " " .. i)
			end
		end
		matrix({ 1, 0, 0, 1, 0, 0 }, "identity at first")
		cr:translate(10, 20)
		cr:scale(2, 3)
		matrix({ 2, 0, 0, 3, 10, 20 })
		local x, y = cr:user_to_device(1, 1)
		near(x, 12); near(y, 23)
		x, y = cr:device_to_user(12, 23)
		near(x, 1); near(y, 1)
		x, y = cr:user_to_device_distance(1, 1)
		near(x, 2); near(y, 3)
		x, y = cr:device_to_user_distance(2, 3)
		near(x, 1); near(y, 1)
		cr:identity_matrix()
		matrix({ 1, 0, 0, 1, 0, 0 })
		cr:rotate(math.pi / 2)
		x, y = cr:user_to_device(1, 0)
		near(x, 0); near(y, 1)
		cr:set_matrix({ 1, 2, 3, 4, 5, 6 })
		matrix({ 1, 2, 3, 4, 5, 6 })
		cr:transform({ 0, 1, 1, 0, 0, 0 })
		matrix({ 3, 4, 1, 2, 5, 6 })
		cr:identity_matrix()
		cr:scale(3)
		matrix({ 3, 0, 0, 3, 0, 0 }, "one factor scales both")
	end, size[1], size[2])
end

-- A matrix that cannot be inverted is refused, and drawing goes on.
do
	local _, count, _, status = t.draw(function(cr)
		for _, call in ipairs {
			function() cr:scale(0, 1) end, function() cr:scale(1, 0) end, function() cr:scale(0) end,
			function() cr:scale(1e-200, 1e-200) end, function() cr:scale(1e200, 1e200) end,
		} do
			raises(call, "the transformation cannot be inverted")
		end
		for _, matrix in ipairs { { 0, 0, 0, 0, 0, 0 }, { 1, 2, 2, 4, 0, 0 },
			{ 1e-200, 0, 0, 1e-200, 0, 0 }, { 3e-162, 0, 0, 3e-162, 0, 0 } } do
			raises(function() cr:set_matrix(matrix) end, "the matrix cannot be inverted")
			raises(function() cr:scale(0.5) cr:transform(matrix) end, "cannot be inverted")
		end
		for _, matrix in ipairs { {}, { 1, 2, 3 }, { 1, 0, 0, "x", 0, 0 }, { 1, 0, 0, 0 / 0, 0, 0 } } do
			raises(function() cr:set_matrix(matrix) end, "a matrix is {xx, yx, xy, yy, x0, y0}")
			raises(function() cr:transform(matrix) end, "a matrix is {xx, yx, xy, yy, x0, y0}")
		end
		raises(function() cr:set_matrix(1) end, "table expected")
		for _ = 1, 40 do -- smaller and smaller, until it is refused
			if not pcall(cr.scale, cr, 1e-10, 1e-10) then break end
		end
		cr:circle(1, 1, 1)
		cr:fill()
		cr:identity_matrix()
		cr:rectangle(0, 0, 10, 10)
		cr:fill()
	end, 640, 360)
	equal(status, "no error has occurred")
	equal(count, 2)
end
do
	local _, _, _, status = t.draw(function(cr)
		for _, number in ipairs { 1e300, -1e300, 1e-300, 2 ^ 31, 2 ^ 53, -2 ^ 63, 5e-324 } do
			cr:save()
			pcall(cr.translate, cr, number, number)
			pcall(cr.rotate, cr, number)
			cr:rectangle(number, -number, number, number)
			cr:arc(number, number, number, 0, 7)
			cr:circle(0, 0, number)
			cr:rounded_rectangle(0, 0, number, number, number)
			cr:set_line_width(number)
			cr:set_miter_limit(number)
			cr:set_tolerance(number)
			cr:set_dash({ math.abs(number) }, number)
			cr:stroke_preserve()
			cr:fill_extents()
			cr:in_fill(number, number)
			cr:clip()
			cr:paint()
			cr:text("x", number, number)
			pcall(cr.text, cr, "x", 0, 0, { size = number, width = number })
			cr:set_source(gradient.linear(number, number, -number, 0, { { 0, "red" }, { 1, "blue" } }))
			cr:paint()
			cr:restore()
		end
	end)
	equal(status, "no error has occurred", "huge and tiny numbers leave the context whole")
end

-- Sources.
t.draw(function(cr)
	for _, colour in ipairs { "#fff", "#abcd", "#ff8000", "#ff800080", "red", "RebeccaPurple",
		{ 1, 0, 0 }, { 1, 0, 0, 0.5 }, { 2, -1, 0.5 } } do
		cr:set_source(colour)
	end
	raises(function() cr:set_source("nothing") end, '"nothing" is not a colour')
	raises(function() cr:set_source("#ggg") end, '"#ggg" is not a colour')
	raises(function() cr:set_source("#ff80") cr:set_source("#ff800") end, "is not a colour")
	raises(function() cr:set_source({ 1, 2 }) end, "a colour table is {r, g, b[, a]}")
	raises(function() cr:set_source({ 1, 2, 0 / 0 }) end, "a colour table is {r, g, b[, a]}")
	raises(function() cr:set_source(5) end, "wants a colour")
	raises(function() cr:set_source() end, "wants a colour")
	raises(function() cr:set_source(nil) end, "wants a colour")
	raises(function() cr:set_source(cr) end, "wants a colour")
	raises(function() cr:set_source_surface("red") end, "image expected")
	raises(function() cr:mask("red") end, "gradient, image or pattern expected")
	raises(function() cr:get_source():set_extend("wrong") end, "invalid option")
	raises(function() cr:get_source():set_matrix({ 0, 0, 0, 0, 0, 0 }) end, "cannot be inverted")
end)

-- The list names what it draws: equal drawings are equal, different ones are not.
do
	local function hash(fn, ...)
		return (select(3, t.draw(fn, ...)))
	end
	local base = function(cr) cr:set_source("red") cr:rectangle(1, 2, 30, 40) cr:fill() end
	equal(hash(base), hash(base))
	local seen = { [hash(base)] = "base" }
	for name, fn in pairs {
		colour = function(cr) cr:set_source("blue") cr:rectangle(1, 2, 30, 40) cr:fill() end,
		alpha = function(cr) cr:set_source({ 1, 0, 0, 0.5 }) cr:rectangle(1, 2, 30, 40) cr:fill() end,
		place = function(cr) cr:set_source("red") cr:rectangle(1, 2, 30, 41) cr:fill() end,
		rule = function(cr) cr:set_fill_rule("even_odd") base(cr) end,
		operator = function(cr) cr:set_operator("add") base(cr) end,
		antialias = function(cr) cr:set_antialias("none") base(cr) end,
		clip = function(cr) cr:rectangle(0, 0, 20, 20) cr:clip() base(cr) end,
		stroke = function(cr) cr:set_source("red") cr:rectangle(1, 2, 30, 40) cr:stroke() end,
		width = function(cr)
			cr:set_source("red") cr:rectangle(1, 2, 30, 40) cr:set_line_width(3) cr:stroke()
		end,
		dash = function(cr)
			cr:set_source("red") cr:rectangle(1, 2, 30, 40) cr:set_dash({ 3 }) cr:stroke()
		end,
		twice = function(cr) base(cr) base(cr) end,
		gradient = function(cr)
			cr:set_source(gradient.linear(0, 0, 1, 1, { { 0, "red" } }))
			cr:rectangle(1, 2, 30, 40) cr:fill()
		end,
		group = function(cr) cr:push_group() base(cr) cr:pop_group_to_source() cr:paint() end,
		nothing = function() end,
		toy = function(cr) cr:move_to(10, 50) cr:set_font_size(20) cr:show_text("a") end,
		toy_size = function(cr) cr:move_to(10, 50) cr:set_font_size(21) cr:show_text("a") end,
		toy_bold = function(cr)
			cr:select_font_face("DejaVu Sans", "normal", "bold")
			cr:move_to(10, 50) cr:set_font_size(20) cr:show_text("a")
		end,
		text = function(cr) cr:text("a", 10, 10) end,
		text_size = function(cr) cr:text("a", 10, 10, { size = 33 }) end,
		text_font = function(cr) cr:text("a", 10, 10, { font = "DejaVu Sans" }) end,
		text_bold = function(cr) cr:text("a", 10, 10, { weight = "bold" }) end,
		text_color = function(cr) cr:text("a", 10, 10, { color = "red" }) end,
	} do
		local got = hash(fn)
		t.check(not seen[got], name .. " hashes like " .. tostring(seen[got]))
		seen[got] = name
		equal(hash(fn), got, name .. " twice")
	end
end

-- Limits of a frame.
t.draw(function(cr)
	raises(function() cr:arc(0, 0, 1, 0, 1e7) end, "a path of more than 1000000 points")
	cr:new_path()
	cr:rectangle(0, 0, 5, 5)
	cr:fill()
end)
t.draw(function(cr)
	local many = {}
	for i = 1, 10000 do many[i] = i * i % 499 end
	for _ = 1, 150 do cr:polygon(many) end
	local path = cr:copy_path()
	cr:new_path()
	raises(function() cr:append_path(path) cr:append_path(path) end, "more than 1000000 points")
	cr:new_path()
	cr:append_path(path)
end)
