-- A scene reaches what the allow-list names, and nothing else.
local t = ...

local function set(text)
	local names = {}
	for name in text:gmatch("%S+") do
		names[name] = true
	end
	return names
end

local function same_names(got, want, where)
	for name in pairs(got) do
		t.check(want[name], where .. " has " .. tostring(name) .. ", which is not allowed")
	end
	for name in pairs(want) do
		t.check(got[name] ~= nil, where .. " lacks " .. name)
	end
end

-- From the manual of Lua 5.4 and the page of the scene API, not from what the sandbox says.
same_names(_G, set [[
	assert collectgarbage error getmetatable ipairs load next pairs pcall print rawequal rawget
	rawlen rawset require select setmetatable tonumber tostring type _G _VERSION
	coroutine debug math os string table utf8
	camera clock color feed gradient image json log param params video
]], "_G")
same_names(debug, set "traceback", "debug")
same_names(os, set "clock date difftime time", "os")
same_names(string, set [[
	byte char find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper
]], "string")
same_names(table, set "concat insert move pack remove sort unpack", "table")
-- Debian builds Lua with the functions of older versions, too: harmless, but not promised.
for _, name in ipairs { "atan2", "cosh", "frexp", "ldexp", "log10", "pow", "sinh", "tanh" } do
	math[name] = nil
end
same_names(math, set [[
	abs acos asin atan ceil cos deg exp floor fmod huge log max maxinteger min mininteger modf pi
	rad random randomseed sin sqrt tan tointeger type ult
]], "math")
same_names(utf8, set "char charpattern codepoint codes len offset", "utf8")
same_names(coroutine, set "close create isyieldable resume running status wrap yield", "coroutine")
t.equal(_G._G, _G)
t.equal(_VERSION, "Lua 5.4")

-- Binary chunks are refused, whatever the mode asks for.
local binary = t.dump(function() return 1 end)
t.equal(binary:sub(1, 4), "\27Lua")
for _, mode in ipairs { "b", "bt", "t", "x" } do
	local chunk, why = load(binary, "binary", mode)
	t.equal(chunk, nil, "mode " .. mode)
	t.check(why:find("attempt to load a binary chunk", 1, true), why)
end
t.equal(load(binary), nil)
do
	local at = 0
	local chunk, why = load(function()
		at = at + 1
		return at <= #binary and binary:sub(at, at) or nil
	end)
	t.equal(chunk, nil)
	t.check(why:find("binary", 1, true), why)
end

-- load
t.equal(load("return 1 + 1")(), 2)
t.equal(load("return ...")(5), 5)
t.equal(load("x = 7; return x", "chunk", "t", {})(), 7)
t.equal(x, nil, "an environment of one's own is written to")
t.equal(load("return a", "chunk", "t", { a = "in here" })(), "in here")
t.equal(load("return math")(), math, "the scene's globals are the default environment")
t.equal(load("return 1", "chunk", "t", nil)(), 1, "nil is an environment, too")
t.raises(load("return math.pi", "chunk", "t", nil), "_ENV")
t.equal(select(2, load("return return", "=name")), "name:1: unexpected symbol near 'return'")
t.equal(load(function() return nil end)(), nil)
do
	local pieces = { "return ", "1", "2" }
	t.equal(load(function() return table.remove(pieces, 1) end)(), 12)
	local chunk, why = load(function() return {} end)
	t.equal(chunk, nil)
	t.check(why:find("must return a string", 1, true), why)
	chunk, why = load(function() error("no more") end)
	t.equal(chunk, nil)
	t.check(why:find("no more", 1, true), why)
	local big = (" "):rep(1 << 16)
	chunk, why = load(function() return big end)
	t.equal(chunk, nil)
	t.check(why:find("more than 4194304 bytes", 1, true), why)
end
t.raises(function() load(7) end, "function expected")

-- Metatables that hold the sandbox together cannot be reached.
t.equal(getmetatable(""), false)
t.raises(function() setmetatable("", {}) end, "table expected")
for name, object in pairs {
	gradient = gradient.linear(0, 0, 1, 1),
	camera = camera.open(),
	feed = feed.text("a"),
	params = params,
} do
	t.equal(getmetatable(object), "locked", name)
	t.raises(function() setmetatable(object, {}) end, "table expected, got lunette.")
end
t.draw(function(cr) t.equal(getmetatable(cr), "locked", "canvas") end)
t.raises(function() setmetatable(setmetatable({}, { __metatable = 1 }), {}) end, "protected")

-- No finaliser, by whatever way.
local with_gc = { __gc = function() end }
t.raises(function() setmetatable({}, with_gc) end, "__gc is not available to scenes")
t.raises(function() setmetatable({}, { __gc = true }) end, "__gc is not available to scenes")
do
	local ran = false
	local late = {}
	setmetatable({}, late)
	late.__gc = function() ran = true end
	for _ = 1, 200 do
		local _ = ("x"):rep(10000)
	end
	t.check(not ran, "a finaliser that came late ran")
end
-- A table that pretends to have none.
local sly = setmetatable({}, { __index = function() return with_gc.__gc end })
t.equal(getmetatable(setmetatable({}, sly)), sly)

-- setmetatable is otherwise as in Lua.
t.equal(setmetatable({}, { __index = { a = 1 } }).a, 1)
t.equal(getmetatable(setmetatable(setmetatable({}, {}), nil)), nil)
t.raises(function() setmetatable({}) end, "nil or table")
t.raises(function() setmetatable({}, 1) end, "nil or table")
t.raises(function() setmetatable(1, {}) end, "table expected")

-- require stays inside the scene's folder and the modules.
t.equal(require("modules.answer").value, 42)
t.equal(require("modules.answer").name, "modules.answer", "a module is told its name")
t.equal(require("modules.answer"), require("modules.answer"), "loaded once")
t.equal(require("modules.deep.outer").answer, require("modules.answer"))
t.equal(require("modules/deep/outer").answer, require("modules.answer"))
t.equal(require("modules.nothing"), true)
for _, name in ipairs { "string", "table", "math", "utf8", "coroutine", "os", "image", "gradient",
	"video", "camera", "param", "params", "feed", "clock", "color", "json", "log" } do
	t.equal(require(name), _G[name], name)
end
for _, name in ipairs { "../escape", "..", "../../etc/passwd", "/etc/passwd", "//etc/passwd",
	"modules/../../unit/x", "modules.....escape", "", ".", "no_such_module", "io", "package", "_G",
	"debug", "ffi", "socket", "modules", "modules.answer.lua", ("a"):rep(5000), "modules//../../lua" } do
	t.raises(function() require(name) end, "module '" .. name)
end
t.raises(function() require("modules.broken") end, "modules/broken.lua:1: it does not work")
t.raises(function() require("modules.broken") end, "modules/broken.lua:1: it does not work")
t.raises(function() require("modules.syntax") end, "modules/syntax.lua:1: unexpected symbol")
t.raises(function() require("modules.circular") end,
	"module 'modules.circular' requires itself")
t.raises(function() require("modules/answer\0x") end, "zero bytes")
t.raises(function() require() end, "require wants a name")
t.raises(function() require(7) end, "require wants a name")

-- Files are opened inside the folder only.
for _, path in ipairs { "/etc/passwd", "../unit/image.c", "modules/../../unit/image.c", "", ".",
	"..", "modules", "/proc/self/mem", ("x/"):rep(3000) .. "x" } do
	local img, why = image.load(path)
	t.equal(img, nil, path)
	t.equal(type(why), "string", path)
	local source, reason = video.open(path)
	t.equal(source, nil, path)
	t.equal(type(reason), "string", path)
end

t.raises(function() image.load("a.png\0b") end, "zero bytes")
t.raises(function() video.open("a.mp4\0b") end, "zero bytes")

-- What is left of dangerous functions is harmless.
t.equal(type(collectgarbage("count")), "number")
t.equal(type(collectgarbage()), "number")
for _, what in ipairs { "collect", "stop", "restart", "step", "incremental", "generational" } do
	t.raises(function() collectgarbage(what) end, 'only "count" is available to scenes')
end
t.check(debug.traceback("here"):find("^here\nstack traceback:\n"))

-- Random numbers come from the seed.
math.randomseed()
local first, second = math.random(), math.random(1000000)
math.randomseed()
t.equal(math.random(), first)
t.equal(math.random(1000000), second)
math.randomseed(7)
local third = math.random()
math.randomseed(7)
t.equal(math.random(), third)
t.check(third ~= first)

-- Globals are a table like any other; breaking one's own does not reach the sandbox.
local keep = { string = string, pairs = pairs }
string.upper = nil
t.raises(function() return ("x"):upper() end, "upper")
setmetatable, require, pairs = nil, nil, nil
t.equal(keep.pairs, getmetatable and keep.pairs)
