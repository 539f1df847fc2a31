-- What a few lines can make large is refused before it is.
-- runs: once
local t = ...
local raises = t.raises

local wide = {}
local long = ("x"):rep(1 << 20)
for i = 1, 1000 do wide[i] = long end
raises(function() json.encode(wide) end, "plain data of more than 4 MiB")
local many = {}
for _ = 1, 40 do many = { many, many } end
raises(function() json.encode(many) end, "plain data of more than 4 MiB")
