-- Colour bars and things that move at a known speed, for looking at what an app does to a camera.
-- Drawn in RGB: see README.md for what that means for code values.

local scene = { title = "Bars" }

scene.params = {
  param.text("label", "Lunette", { label = "Label", max = 32 }),
  param.choice("level", "75 %", { "75 %", "100 %" }, { label = "Level of the bars" }),
  param.bool("motion", true, { label = "Moving parts" }),
}

-- From bright to dark, as red, green, blue.
local bars = {
  { 1, 1, 1 }, { 1, 1, 0 }, { 0, 1, 1 }, { 0, 1, 0 }, { 1, 0, 1 }, { 1, 0, 0 }, { 0, 0, 1 },
}
local ramp = gradient.linear(0, 0, 1920, 0, { { 0, "#000000" }, { 1, "#FFFFFF" } })
local mono = "DejaVu Sans Mono"

-- Where the i-th of so many equal columns ends.
local function edge(i, count)
  return math.floor(i * 1920 / count + 0.5)
end

local function draw_bars(cr)
  local level = params.level == "75 %" and 0.75 or 1
  for i, bar in ipairs(bars) do
    local x, right = edge(i - 1, #bars), edge(i, #bars)
    cr:rectangle(x, 0, right - x, 640)
    cr:set_source_rgb(bar[1] * level, bar[2] * level, bar[3] * level)
    cr:fill()
    -- The same in reverse, a thin row: shows chroma that went a line or a column astray.
    local other = bars[#bars + 1 - i]
    cr:rectangle(x, 640, right - x, 60)
    cr:set_source_rgb(other[1] * level, other[2] * level, other[3] * level)
    cr:fill()
  end
end

local function draw_greys(cr)
  cr:rectangle(0, 700, 1920, 80) -- smooth: shows banding
  cr:set_source(ramp)
  cr:fill()
  for i = 0, 10 do -- in steps of ten per cent: shows crushed blacks and whites
    local x, right = edge(i, 11), edge(i + 1, 11)
    cr:rectangle(x, 780, right - x, 80)
    cr:set_source_rgb(i / 10, i / 10, i / 10)
    cr:fill()
  end
end

-- Hours:minutes:seconds:frames since frame 0, in whole frames a second.
local function timecode(frame)
  local rate = math.max(1, math.floor(frame.fps + 0.5))
  local seconds = frame.number // rate
  return string.format("%02d:%02d:%02d:%02d",
    seconds // 3600 % 100, seconds // 60 % 60, seconds % 60, frame.number % rate)
end

local function draw_words(cr, frame)
  cr:rectangle(0, 860, 1920, 220)
  cr:set_source("#101114")
  cr:fill()
  cr:text(params.label, 64, 930, {
    font = "Inter", size = 44, weight = "semibold", color = "#FFFFFF", valign = "middle",
    width = 520, fit = "shrink",
  })
  local format = string.format("%d × %d   %.5g fps   bars %s RGB",
    frame.width, frame.height, frame.fps, params.level)
  cr:text(format, 64, 996, { font = "Inter", size = 28, color = "#FFFFFFB3", valign = "middle" })
  cr:text(string.format("%08d", frame.number), 1500, 930, {
    font = mono, size = 68, weight = "bold", color = "#FFFFFF", align = "right", valign = "middle",
  })
  cr:text(timecode(frame), 1500, 1000, {
    font = mono, size = 34, color = "#FFFFFFB3", align = "right", valign = "middle",
  })
end

local function draw_motion(cr, frame)
  -- Sixteen units a frame, from left to right, then again: a frame that is missing or shown twice
  -- is a jump or a halt. 1920 / 16 = 120 places.
  cr:rectangle(frame.number % 120 * 16, 860, 16, 16)
  cr:set_source("#FFFFFF")
  cr:fill()

  -- One turn a second, by the clock of the frames.
  local x, y, radius = 1740, 968, 76
  cr:circle(x, y, radius)
  cr:set_source("#FFFFFF3D")
  cr:set_line_width(3)
  cr:stroke()
  local angle = 2 * math.pi * (frame.time % 1) - math.pi / 2
  cr:move_to(x, y)
  cr:line_to(x + (radius - 8) * math.cos(angle), y + (radius - 8) * math.sin(angle))
  cr:set_line_width(6)
  cr:set_line_cap("round")
  cr:set_source("#FFFFFF")
  cr:stroke()

  -- Even frames left, odd frames right: both lit at once is a mix of two frames.
  cr:rectangle(frame.number % 2 == 0 and 1556 or 1596, 908, 32, 120)
  cr:set_source("#FFFFFF")
  cr:fill()
end

function scene.draw(cr, frame)
  cr:save()
  cr:set_antialias("none") -- areas meet on whole pixels at every size
  draw_bars(cr)
  draw_greys(cr)
  cr:restore()
  draw_words(cr, frame)
  if params.motion then draw_motion(cr, frame) end
end

return scene
