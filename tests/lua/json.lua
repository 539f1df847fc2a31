-- json: what goes in comes out, what is no plain data is refused.
local t = ...
local equal, raises = t.equal, t.raises

for value, text in pairs {
	[1] = "1", [-7] = "-7", [math.maxinteger] = "9223372036854775807", [0.5] = "0.5",
	[true] = "true", [false] = "false", ["x"] = '"x"', [""] = '""', ["é"] = '"é"',
	['"\\\n\t\1'] = [["\"\\\n\t\u0001"]],
} do
	equal(json.encode(value), text)
	equal(json.decode(text), value)
end
equal(json.encode(nil), "null")
equal(json.decode("null"), nil)
equal(json.encode({ 1, { 2, 3 }, "x" }), '[1,[2,3],"x"]')
equal(json.encode({ b = 1, a = { c = true } }), '{"a":{"c":true},"b":1}', "keys are sorted")
equal(json.encode({}), "{}")
local decoded = json.decode(' { "a" : [ 1 , 2.5 , { "b" : null } ] , "c" : "\\u00e9\\ud83d\\ude00" } ')
equal(decoded.a[2], 2.5)
equal(math.type(decoded.a[1]), "integer")
equal(next(decoded.a[3]), nil)
equal(decoded.c, "é😀")
equal(json.decode("[]")[1], nil)

for _, text in ipairs { "", "{", "[1,]", "{'a':1}", "nan", "1 2", '"\255"', "[" .. ("["):rep(5000),
	'{"a":1,}', "tru", '"\\ud800"', "\0" } do
	local value, why = json.decode(text)
	equal(value, nil, text)
	equal(why:match("^line %d+: ") ~= nil, true, why)
end
raises(function() json.decode() end, "string expected")
raises(function() json.decode({}) end, "string expected")
raises(function() json.encode() end, "value expected")

local cycle = {}
cycle[1] = cycle
for message, value in pairs {
	["cannot hold a function"] = print,
	["cannot hold a userdata"] = gradient.linear(0, 0, 1, 1),
	["cannot hold a thread"] = coroutine.create(print),
	["finite numbers"] = 1 / 0,
	["UTF-8 text"] = "\255",
	["nested more than 64 deep"] = cycle,
	["text keys or a list, got a boolean key"] = { [true] = 1 },
	["text keys or a list, got a number key"] = { [10] = 1 },
	["text keys or a list without gaps, not both"] = { 1, 2, x = 3 },
} do
	raises(function() json.encode(value) end, message)
	raises(function() json.encode({ a = { value } }) end, message)
end
raises(function() json.encode({ 1, 2, [4] = 4, [9] = 9 }) end, "list")
