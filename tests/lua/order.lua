-- pairs and next: one order for keys, the same in every process.
local t = ...
local equal, raises = t.equal, t.raises

local function walk(table_, ...)
	local keys = {}
	for key, value in ... do
		keys[#keys + 1] = tostring(key)
		equal(rawget(table_, key), value)
	end
	return table.concat(keys, " ")
end
local function both(table_, want)
	equal(walk(table_, pairs(table_)), want, "pairs")
	equal(walk(table_, next, table_), want, "next")
end

both({}, "")
both({ "a", "b", "c" }, "1 2 3")
both({ z = 1, a = 2, m = 3, ab = 4, A = 5, [""] = 6, ["a\0b"] = 7, ["é"] = 8 }, " A a a\0b ab m z é")
both({ [3] = 1, [1] = 1, [2] = 1, [-1] = 1, [0] = 1, [1.5] = 1, [-0.5] = 1, [1 / 0] = 1, [-1 / 0] = 1,
	[math.maxinteger] = 1, [math.mininteger] = 1, [1e300] = 1 },
	"-inf -9223372036854775808 -1 -0.5 0 1 1.5 2 3 9223372036854775807 1e+300 inf")
both({ [true] = 1, [false] = 2, x = 3, [7] = 4 }, "7 x false true")
both({ 1, 2, nil, 4, n = 4 }, "1 2 4 n")
do
	local large = {}
	for i = 1000, 1, -1 do large[i * 7 % 1009] = true end
	local last = -1
	for key in pairs(large) do
		t.check(key > last)
		last = key
	end
	equal(last, 1008)
end

-- Keys that are objects come last, each once.
do
	local object, fn, seen, count = {}, print, {}, 0
	local mixed = { [object] = 1, [fn] = 2, [5] = 3, x = 4, [false] = 5, [coroutine.create(fn)] = 6 }
	for key in pairs(mixed) do
		count = count + 1
		seen[count] = key
	end
	equal(count, 6)
	equal(seen[1], 5) equal(seen[2], "x") equal(seen[3], false)
	count = 0
	for key in next, mixed do
		count = count + 1
		equal(key, seen[count])
	end
	equal(count, 6)
end

-- What Lua allows during a traversal.
do
	local shrinking, visited = { a = 1, b = 2, c = 3, d = 4 }, ""
	for key in pairs(shrinking) do
		visited = visited .. key
		shrinking[key] = nil
		if key == "b" then shrinking.c = nil end
	end
	equal(visited, "abd")
	equal(next(shrinking), nil)
	local list = { 1, 2, 3, 4 }
	visited = ""
	for i, value in pairs(list) do
		visited = visited .. value
		list[i] = nil
	end
	equal(visited, "1234")
	local changing = { x = 1, y = 2 }
	for key in pairs(changing) do changing[key] = 7 end
	equal(changing.x + changing.y, 14)
	for key in next, changing do changing[key] = nil end
	equal(next(changing), nil)
end

-- Two traversals of one table do not disturb each other.
do
	local pairs_seen = 0
	local small = { a = 1, b = 2, c = 3 }
	for _ in pairs(small) do
		for _ in pairs(small) do pairs_seen = pairs_seen + 1 end
	end
	equal(pairs_seen, 9)
end

-- Metamethods: __pairs is asked, __index is not.
do
	local proxy = setmetatable({}, { __pairs = function(self)
		return function(_, key) if not key then return 1, "one" end end, self, nil
	end })
	for key, value in pairs(proxy) do equal(key, 1) equal(value, "one") end
	equal(walk({ a = 1 }, pairs(setmetatable({ a = 1 }, { __index = { b = 2 } }))), "a")
	local yielding = setmetatable({}, { __pairs = function(self)
		coroutine.yield("from __pairs")
		return next, { k = 1 }, nil
	end })
	local co = coroutine.wrap(function()
		for key in pairs(yielding) do coroutine.yield(key) end
	end)
	equal(co(), "from __pairs")
	equal(co(), "k")
end

equal(next({}), nil)
equal(next({ 5 }), 1)
equal(select(2, next({ 5 })), 5)
equal(next({ 5 }, 1), nil)
equal(next({ a = 1, c = 2 }, "b"), "c", "a key that is gone has a place, too")
raises(function() pairs() end, "bad argument #1 to 'pairs'")
raises(function() pairs(nil) end, "table expected, got nil")
raises(function() pairs(5) end, "table expected, got number")
raises(function() next() end, "table expected")
raises(function() next("x") end, "table expected")
