-- feed: values from files and from outside, their age, and what a broken one says.
local t = ...
local equal, raises, near = t.equal, t.raises, t.near

t.at(1000)
local file = feed.json("file", "modules/feed.json")
equal(file.name, "file")
equal(file.value.n, 1)
equal(file.updated, 1000)
equal(file.age, 0)
equal(file.stale, false)
equal(file.error, nil)
equal(file.value, file.value, "one table for each change, not one a frame")
equal(feed.text("words", "modules/feed.txt").value, "hello\nfeed")

local outside = feed.json("outside", { stale_after = 10 })
equal(outside.value, nil)
equal(outside.updated, nil)
equal(outside.age, nil)
equal(outside.stale, true, "no value yet")
t.feed("outside", { list = { 1, 2, 3 } }, 995)
equal(#outside.value.list, 3)
equal(outside.age, 5)
equal(outside.stale, false)
t.at(1005)
equal(outside.stale, false, "ten seconds old is not older than ten")
t.at(1005.5)
near(outside.age, 10.5)
equal(outside.stale, true)
t.feed("outside", nil, 0, "the server is on fire")
equal(outside.error, "the server is on fire")
equal(outside.stale, true)
equal(#outside.value.list, 3, "the last good value stays")
t.feed("outside", { list = {} }, 1005)
equal(outside.error, nil)
equal(outside.stale, false)
t.at(900)
equal(outside.age, 0, "a clock that went back makes nothing negative")

-- Outside wins over the file; a value may be there before its feed is declared.
t.feed("file", "from outside", 990)
equal(file.value, "from outside")
t.feed("early", 7, 880)
equal(feed.json("early").value, 7)
t.feed("text", { 1 }, 880)
local text = feed.text("text")
equal(text.value, nil)
equal(text.error, "it is not text")

for path, want in pairs { ["modules/no.json"] = "no.json", ["modules/feed.txt"] = "line 1",
	["../escape.lua"] = "escape.lua", ["/etc/passwd"] = "/etc/passwd" } do
	local broken = feed.json("broken " .. path, path)
	equal(broken.value, nil, path)
	equal(broken.stale, true)
	t.check(broken.error:find(want, 1, true), broken.error)
end

equal(file.nothing, nil)
equal(getmetatable(file), "locked")
raises(function() file.value = 1 end, "index")
raises(function() feed.json() end, "string expected")
raises(function() feed.json("a", 5, 6) end, "options must be a table")
raises(function() feed.json("a", { stale_after = "soon" }) end, "option stale_after")
raises(function() feed.json("a", "modules/feed.json", { stale_after = 0 / 0 }) end, "option stale_after")
