-- clock and os: dates of the scene's clock. The expected values are those of GNU date, e.g.
-- TZ=Europe/Berlin date -d @1774745999 '+%F %T %Z'
local t = ...
local equal, raises, near = t.equal, t.raises, t.near

t.at(1767225600.25, 60)
equal(clock.now(), 1767225600.25)
equal(os.time(), 1767225600)
equal(math.type(os.time()), "integer")
equal(os.clock(), 2)
equal(os.difftime(10, 4), 6)
equal(clock.date("%Y-%m-%d %H:%M:%S"), "2026-01-01 00:00:00")
equal(os.date("%Y-%m-%d %H:%M:%S"), "2026-01-01 00:00:00")
equal(clock.date("%A %a %B %b %d %e %j %H %I %M %p %S %y %%", "UTC"),
	"Thursday Thu January Jan 01  1 001 00 12 00 AM 00 26 %")
equal(clock.date("%F %T %R", "UTC"), "2026-01-01 00:00:00 00:00")
equal(clock.date("plain"), "plain")
equal(clock.date(""), "")

-- Daylight saving: Berlin's last second of winter, first of summer, and back.
for epoch, want in pairs {
	[1774745999] = "2026-03-29 01:59:59 +0100 CET",
	[1774746000] = "2026-03-29 03:00:00 +0200 CEST",
	[1792889999] = "2026-10-25 02:59:59 +0200 CEST",
	[1792890000] = "2026-10-25 02:00:00 +0100 CET",
	[0] = "1970-01-01 01:00:00 +0100 CET",
	[951782400] = "2000-02-29 01:00:00 +0100 CET",
	[4102444800] = "2100-01-01 01:00:00 +0100 CET",
	[-2208988800] = "1900-01-01 01:00:00 +0100 CET",
} do
	t.at(epoch)
	equal(clock.date("%Y-%m-%d %H:%M:%S %z %Z", "Europe/Berlin"), want)
end
for zone, want in pairs {
	UTC = "2026-06-15 12:00 +0000",
	["America/New_York"] = "2026-06-15 08:00 -0400",
	["Asia/Kolkata"] = "2026-06-15 17:30 +0530",
	["Asia/Kathmandu"] = "2026-06-15 17:45 +0545",
	["Pacific/Auckland"] = "2026-06-16 00:00 +1200",
	["+02:00"] = "2026-06-15 14:00 +0200",
	["-03:30"] = "2026-06-15 08:30 -0330",
} do
	t.at(1781524800)
	equal(clock.date("%Y-%m-%d %H:%M %z", zone), want, zone)
end

-- zone() and os.date("*t") as numbers.
t.at(1792890000)
local berlin = clock.zone("Europe/Berlin")
for name, want in pairs { year = 2026, month = 10, day = 25, hour = 2, min = 0, sec = 0, wday = 1,
	yday = 298, isdst = false, offset = 3600 } do
	equal(berlin[name], want, name)
end
t.at(1792889999)
equal(clock.zone("Europe/Berlin").isdst, true)
equal(clock.zone("Europe/Berlin").offset, 7200)
local utc = os.date("!*t", 951782400)
for name, want in pairs { year = 2000, month = 2, day = 29, hour = 0, min = 0, sec = 0, wday = 3,
	yday = 60, isdst = false } do
	equal(utc[name], want, name)
end

-- os.time of a table, in the default zone, with members out of range.
equal(os.time { year = 2026, month = 1, day = 1, hour = 0 }, 1767225600)
equal(os.time { year = 2026, month = 1, day = 1 }, 1767268800, "noon is the default hour")
equal(os.time { year = 2025, month = 13, day = 1, hour = 0 }, 1767225600)
equal(os.time { year = 2026, month = 2, day = 0, hour = 0 }, 1769817600)
equal(os.time { year = 2026, month = 0, day = 1, hour = 0 }, 1764547200)
equal(os.time { year = 2026, month = -11, day = 1, hour = 0 }, 1735689600)
equal(os.time { year = 2026, month = 1, day = 1, hour = 0, min = -1, sec = 3600 }, 1767229140)
equal(os.time { year = 1969, month = 12, day = 31, hour = 23 }, -3600)
t.zone("Europe/Berlin")
equal(os.time { year = 2026, month = 7, day = 1, hour = 0 }, 1782856800)
equal(os.time { year = 2026, month = 1, day = 1, hour = 0 }, 1767222000)
equal(os.date("%H:%M", 1767222000), "00:00")
equal(os.date("!%H:%M", 1767222000), "23:00")
t.zone("UTC")

-- ago
t.at(1000000)
for seconds, want in pairs {
	[0] = "just now", [59] = "just now", [60] = "1 minute ago", [119] = "1 minute ago",
	[120] = "2 minutes ago", [3600] = "1 hour ago", [7200] = "2 hours ago", [86400] = "1 day ago",
	[259200] = "3 days ago", [-59] = "just now", [-60] = "in 1 minute", [-7200] = "in 2 hours",
} do
	equal(clock.ago(1000000 - seconds), want)
end

for _, zone in ipairs { "Nowhere/City", "nonsense", "../../etc/passwd", "Europe", "Europe/", "x\0y",
	("x"):rep(10000) } do
	raises(function() clock.date("%H", zone) end, "there is no time zone")
	raises(function() clock.zone(zone) end, "there is no time zone")
end
raises(function() clock.date("%!") end, "is not a date format")
raises(function() clock.date(("%A"):rep(2000)) end, "too long")
raises(function() clock.date({}) end, "string expected")
raises(function() clock.zone() end, "string expected")
raises(function() clock.ago() end, "number expected")
raises(function() clock.ago(0 / 0) end, "number is not finite")
raises(function() os.time { year = 2026, month = 1 } end, "field 'day' missing")
raises(function() os.time { year = 2026, month = "x", day = 1 } end, "field 'month'")
raises(function() os.time { year = 1e12, month = 1, day = 1 } end, "out-of-bound")
raises(function() os.time { year = 99999, month = 1, day = 1 } end, "the year lies outside")
raises(function() os.time(5) end, "table expected")
raises(function() os.date("%H", "x") end, "number expected")
raises(function() os.difftime(1) end, "number expected")
-- Instants beyond the calendar are its ends, not a crash.
for _, epoch in ipairs { 1e18, -1e18, 1e300, -1e300 } do
	t.check(#os.date("%Y", epoch) >= 1)
end
near(clock.now(), 1000000)
