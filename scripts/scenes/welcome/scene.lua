-- A welcome screen: greeting by the time of day, clock, today's agenda. It is meant to hang in a
-- lobby for months, so it expects its data to be late, half missing or broken some day.

local scene = { title = "Welcome" }

scene.params = {
  param.text("title", "", { label = "Title", help = "Empty: the one in agenda.json", max = 60 }),
  param.text("place", "Lunette House", { label = "House or room", max = 40 }),
  param.color("accent", "#FFB357", { label = "Accent" }),
  param.choice("zone", "Local", {
    "Local", "UTC", "America/Los_Angeles", "America/New_York", "Europe/London", "Europe/Berlin",
    "Asia/Tokyo",
  }, { label = "Time zone" }),
  param.integer("stale_after", 24, { label = "Agenda is old after (hours)", min = 1, max = 720 }),
}

local agenda_feed = feed.json("agenda", "agenda.json")

-- Parts of the day: until that hour, with those words, before that sky.
local day_parts = {
  { until_hour = 5, words = "Welcome", sky = { "#0B1026", "#1C1B45", "#2B2050" } },
  { until_hour = 12, words = "Good morning", sky = { "#16274F", "#3A5A92", "#C98F8E" } },
  { until_hour = 18, words = "Good afternoon", sky = { "#10355A", "#1D5F86", "#4BA3A8" } },
  { until_hour = 22, words = "Good evening", sky = { "#151A3F", "#4A2F66", "#C0645C" } },
  { until_hour = 24, words = "Welcome", sky = { "#0B1026", "#1C1B45", "#2B2050" } },
}
for _, part in ipairs(day_parts) do
  part.paint = gradient.linear(0, 0, 640, 1500, {
    { 0, part.sky[1] }, { 0.55, part.sky[2] }, { 1, part.sky[3] },
  })
end

local rows_at_most = 6

local function date(format)
  if params.zone == "Local" then return clock.date(format) end
  return clock.date(format, params.zone)
end

local function without_zero(text)
  return (text:gsub("^0", ""))
end

-- "09:30" -> minutes since midnight; nil for anything else.
local function minutes(text)
  local hour, minute = tostring(text):match("^(%d%d?):(%d%d)$")
  hour, minute = tonumber(hour), tonumber(minute)
  return hour and hour < 24 and minute < 60 and hour * 60 + minute or nil
end

local function text_of(value)
  return type(value) == "string" and value or ""
end

-- What of the feed can be shown: entries with a title and a beginning, in the order of the day.
local function entries_of(value)
  local entries = {}
  local list = type(value) == "table" and value.agenda
  for _, item in ipairs(type(list) == "table" and list or {}) do
    local from = type(item) == "table" and minutes(item.from)
    if from and text_of(item.title) ~= "" then
      entries[#entries + 1] = {
        from = from, to = minutes(item.to) or from + 30,
        from_text = item.from, title = item.title, where = text_of(item.where),
      }
    end
  end
  table.sort(entries, function(a, b) return a.from < b.from end)
  return entries
end

-- The part of a long day that matters: what runs now and what follows, with one entry before it.
local function window_of(entries, now)
  local first = #entries
  for i, entry in ipairs(entries) do
    if entry.to > now then
      first = i
      break
    end
  end
  first = math.max(1, math.min(first - 1, #entries - rows_at_most + 1))
  return first, math.min(first + rows_at_most - 1, #entries)
end

local function age_in_words(seconds)
  local hours = math.floor(seconds / 3600)
  if hours < 48 then return hours .. " hours" end
  return hours // 24 .. " days"
end

local function draw_greeting(cr, part, value)
  cr:text(params.place, 120, 96, {
    font = "Inter", size = 30, weight = "semibold", color = params.accent, width = 720,
    lines = 1, ellipsis = "end",
  })

  local title = params.title
  if title == "" then title = text_of(value.title) end
  if title == "" then title = "Welcome" end
  if title:sub(1, #part.words) ~= part.words then -- nobody is greeted twice
    cr:text(part.words, 120, 300, { font = "Inter", size = 44, color = "#FFFFFFC8" })
  end
  local _, title_height = cr:text(title, 120, 364, {
    font = "Inter", size = 92, weight = "bold", color = "#FFFFFF", width = 760, height = 340,
    fit = "shrink", min_size = 48,
  })
  cr:text(text_of(value.message), 120, 364 + title_height + 28, {
    font = "Inter", size = 32, color = "#FFFFFFC8", width = 700, lines = 3, ellipsis = "end",
  })
end

local function draw_clock(cr)
  local day = {
    font = "Inter", size = 34, weight = "semibold", color = "#FFFFFF", valign = "middle",
  }
  cr:text(date("%H:%M"), 116, 888, {
    font = "Inter", size = 120, weight = "light", color = "#FFFFFF", valign = "middle",
  })
  cr:text(date("%A"), 500, 866, day)
  day.weight, day.color = "normal", "#FFFFFFB8"
  cr:text(without_zero(date("%d")) .. date(" %B"), 500, 912, day)
end

local function draw_entry(cr, entry, now, x, y, width, height)
  local is_now = entry.from <= now and now < entry.to
  local is_over = entry.to <= now
  if is_now then
    cr:rounded_rectangle(x, y + 4, width, height - 8, 20)
    cr:set_source("#FFFFFF24")
    cr:fill()
    cr:rounded_rectangle(x, y + 24, 6, height - 48, 3)
    cr:set_source(params.accent)
    cr:fill()
  end
  local strong = is_over and "#FFFFFF6B" or "#FFFFFF"
  local weak = is_over and "#FFFFFF52" or "#FFFFFFB3"
  local middle = y + height / 2
  cr:text(entry.from_text, x + 36, middle, {
    font = "Inter", size = 36, weight = is_now and "bold" or "medium", valign = "middle",
    color = is_now and params.accent or strong,
  })
  local text = {
    font = "Inter", width = width - 204 - (is_now and 110 or 0), lines = 1, ellipsis = "end",
    valign = "middle",
  }
  text.size, text.weight, text.color = 34, is_now and "semibold" or "medium", strong
  cr:text(entry.title, x + 168, entry.where ~= "" and middle - 20 or middle, text)
  if entry.where ~= "" then
    text.size, text.weight, text.color = 25, "normal", weak
    cr:text(entry.where, x + 168, middle + 23, text)
  end
  if is_now then
    cr:text("Now", x + width - 36, middle, {
      font = "Inter", size = 25, weight = "semibold", color = params.accent,
      align = "right", valign = "middle",
    })
  end
end

local function draw_agenda(cr, entries, now)
  local x, y, width, height = 920, 96, 904, 888
  cr:rounded_rectangle(x, y, width, height, 36)
  cr:set_source("#06081652")
  cr:fill()
  cr:text("Today", x + 60, y + 48, {
    font = "Inter", size = 40, weight = "bold", color = "#FFFFFF",
  })

  if #entries == 0 then
    local words = agenda_feed.value == nil and "No agenda yet" or "Nothing planned"
    cr:text(words, x + width / 2, y + height / 2 - 6, {
      font = "Inter", size = 40, weight = "medium", color = "#FFFFFFB3",
      align = "center", valign = "bottom",
    })
    cr:text("Enjoy the quiet.", x + width / 2, y + height / 2 + 6, {
      font = "Inter", size = 30, color = "#FFFFFF80", align = "center",
    })
    return
  end
  local first, last = window_of(entries, now)
  for i = first, last do
    draw_entry(cr, entries[i], now, x + 24, y + 128 + (i - first) * 120, width - 48, 120)
  end
end

-- A small line for who looks after the screen; who waits in the lobby does not mind it.
local function draw_state(cr)
  local words
  if agenda_feed.value == nil then
    words = agenda_feed.error and "The agenda cannot be read" or nil
  elseif agenda_feed.age and agenda_feed.age > params.stale_after * 3600 then
    words = "Agenda as of " .. age_in_words(agenda_feed.age) .. " ago"
  end
  if words then
    cr:text(words, 1824, 1010, { font = "Inter", size = 22, color = "#FFFFFF80", align = "right" })
  end
end

function scene.draw(cr, frame)
  local hour = tonumber(date("%H"))
  local now = hour * 60 + tonumber(date("%M"))
  local part = day_parts[#day_parts]
  for _, candidate in ipairs(day_parts) do
    if hour < candidate.until_hour then
      part = candidate
      break
    end
  end

  cr:set_source(part.paint)
  cr:paint()
  local value = type(agenda_feed.value) == "table" and agenda_feed.value or {}
  draw_greeting(cr, part, value)
  draw_clock(cr)
  draw_agenda(cr, entries_of(value), now)
  draw_state(cr)
end

return scene
