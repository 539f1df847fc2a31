-- param and params: declarations, values, and that nobody writes to them.
local t = ...
local equal, raises = t.equal, t.raises

raises(function() return params.anything end, "params can be read from scene.load on")

local declared = {
	param.section("Words", { help = "all of them" }),
	param.text("name", "Ada", { label = "Name", max = 40, multiline = true, show_if = "on", order = 3 }),
	param.number("opacity", 0.5, { min = 0, max = 1, step = 0.1 }),
	param.integer("count", 3),
	param.bool("on", true),
	param.color("accent", "#0A84FF"),
	param.color("other", { 1, 0.5, 0 }),
	param.color("clear", { 1, 0.5, 0, 0.25 }),
	param.choice("side", "left", { "left", "right" }),
	param.image("logo", "modules/small.png"),
	param.image("missing", "modules/no.png"),
	param.image("none", ""),
	param.font("face", "Inter"),
	param.duration("pause", 2.5),
	param.list("items", { "a", "b" }),
	param.url("link", "https://example.org"),
}
equal(declared[1].kind, "section")
equal(declared[1].name, "Words")
equal(declared[1].help, "all of them")
equal(declared[2].kind, "text")
equal(declared[2].default, "Ada")
for name, want in pairs { label = "Name", max = 40, multiline = true, show_if = "on", order = 3 } do
	equal(declared[2][name], want, name)
end
equal(declared[7].default, "#ff8000", "a colour's table becomes text")
equal(declared[8].default, "#ff800040")
equal(table.concat(declared[9].choices, " "), "left right")

t.declare(declared, { name = "Grace", opacity = 0.25, count = 7, on = false, accent = "#112233",
	side = "right", logo = "modules/small.png", missing = "modules/no.png", none = "", face = "Inter",
	pause = 9, items = { "x", "y", "z" }, link = "" })
equal(params.name, "Grace")
equal(params.opacity, 0.25)
equal(params.count, 7)
equal(math.type(params.count), "integer")
equal(params.on, false)
equal(params.accent, "#112233")
equal(params.side, "right")
equal(params.pause, 9)
equal(#params.items, 3)
equal(params.items[3], "z")
equal(params.link, "")
equal(params.logo.width, 4)
equal(params.logo, params.logo, "one handle, not one a frame")
equal(params.none, nil)
t.log()
equal(params.missing, nil)
equal(#t.log(), 1, "the log says why")
equal(params.missing, nil)
equal(#t.log(), 0, "once, not once a frame")

-- New values are seen at once; the handle of an image stays while its path does.
t.declare(declared, { name = "Ada", logo = "modules/small.png" })
equal(params.name, "Ada")
equal(params.opacity, nil)

raises(function() return params.nothing end, 'there is no parameter "nothing"')
raises(function() params.name = "x" end, 'params are read-only: the user sets "name"')
raises(function() params.fresh = 1 end, "params are read-only")
raises(function() return params[1] end, "there is no parameter")
raises(function() return params[{}] end, "string expected")
raises(function() rawset(params, "name", 1) end, "table expected")
raises(function() for _ in pairs(params) do end end, "table expected")

for message, fn in pairs {
	["bad argument #1 to 'text'"] = function() param.text() end,
	["bad argument #1 to 'bool'"] = function() param.bool(5) end,
	["bad argument #3 to 'choice'"] = function() param.choice("a", "b") end,
	["options must be a table"] = function() param.text("a", "b", "c") end,
	["default: wants"] = function() param.color("a", { 1 }) end,
} do
	raises(fn, message == "default: wants" and "colour table" or message)
end
