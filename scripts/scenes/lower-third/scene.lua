-- Your camera with a name on it: a quiet panel at the bottom, a clock and a logo if you like.
-- Nothing here needs editing; the form in Studio, or `lunette set name="Grace Hopper"`, will do.

local scene = { title = "Lower third" }

scene.params = {
  param.text("name", "Ada Lovelace", { label = "Name", max = 60 }),
  param.text("title", "Analyst, Analytical Engine", { label = "Title", max = 80 }),
  param.color("accent", "#0A84FF", { label = "Accent" }),
  param.choice("style", "dark", { "dark", "light" }, { label = "Panel" }),
  param.choice("side", "left", { "left", "center", "right" }, { label = "Side" }),
  param.bool("show", true, { label = "Show the panel" }),
  param.bool("clock", true, { label = "Clock" }),
  param.choice("zone", "Local", {
    "Local", "UTC", "America/Los_Angeles", "America/New_York", "Europe/London", "Europe/Berlin",
    "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney",
  }, { label = "Time zone", show_if = "clock" }),
  param.bool("show_logo", true, { label = "Logo" }),
  param.image("logo", "logo.png", { label = "Picture", show_if = "show_logo" }),
  param.bool("mirror", false, { label = "Mirror the camera" }),
}

local cam = camera.open()

local styles = {
  dark = { panel = "#12141AE0", name = "#FFFFFF", title = "#FFFFFFB8", rule = "#FFFFFF2E" },
  light = { panel = "#FFFFFFEB", name = "#14161C", title = "#14161CA8", rule = "#14161C24" },
}

-- All measures in design units of a 1920 x 1080 picture.
local margin, padding, height = 96, 36, 176
local name_text = { font = "Inter", size = 60, weight = "semibold" }
local title_text = { font = "Inter", size = 33 }
local clock_text = { font = "Inter", size = 54, weight = "light" }
local zone_text = { font = "Inter", size = 24, weight = "medium" }

-- How much of the panel is in: 1 all of it, 0 none. It starts where the parameter stands, so that
-- a reload of the scene moves nothing.
local shown

local function with(style, more)
  local both = {}
  for k, v in pairs(style) do both[k] = v end
  for k, v in pairs(more) do both[k] = v end
  return both
end

local function width_of(cr, text, style)
  local width = cr:measure(text, style)
  return math.ceil(width)
end

local function clock_lines()
  if params.zone == "Local" then
    local day = clock.date("%d"):gsub("^0", "")
    return clock.date("%H:%M"), clock.date("%a ") .. day .. clock.date(" %b")
  end
  local place = params.zone:match("[^/]+$"):gsub("_", " ")
  return clock.date("%H:%M", params.zone), place
end

local function draw_panel(cr)
  local style = styles[params.style]

  local text_width = width_of(cr, params.name, name_text)
  text_width = math.max(text_width, width_of(cr, params.title, title_text))
  text_width = math.min(math.max(text_width, 300), 1000)
  local time, place, clock_width
  if params.clock then
    time, place = clock_lines()
    clock_width = math.max(width_of(cr, time, clock_text), width_of(cr, place, zone_text), 120)
  end

  local bar = 8
  local width = padding + bar + 24 + text_width + padding
  if clock_width then width = width + clock_width + 2 * padding end
  local x = margin
  if params.side == "center" then
    x = (cr.width - width) / 2
  elseif params.side == "right" then
    x = cr.width - margin - width
  end
  local y = cr.height - margin - height

  cr:rounded_rectangle(x, y, width, height, 24)
  cr:set_source(style.panel)
  cr:fill()
  cr:rounded_rectangle(x + padding, y + 38, bar, height - 76, bar / 2)
  cr:set_source(params.accent)
  cr:fill()

  local left = x + padding + bar + 24
  if params.title ~= "" then
    cr:text(params.name, left, y + 63, with(name_text, {
      color = style.name, width = text_width, fit = "shrink", valign = "middle",
    }))
    cr:text(params.title, left, y + 125, with(title_text, {
      color = style.title, width = text_width, fit = "shrink", valign = "middle",
    }))
  else
    cr:text(params.name, left, y + height / 2, with(name_text, {
      color = style.name, width = text_width, fit = "shrink", valign = "middle",
    }))
  end

  if clock_width then
    local right = left + text_width + padding
    cr:rectangle(right, y + 38, 2, height - 76)
    cr:set_source(style.rule)
    cr:fill()
    local middle = right + padding + clock_width / 2
    cr:text(time, middle, y + 66, with(clock_text, {
      color = style.name, align = "center", valign = "middle",
    }))
    cr:text(place, middle, y + 124, with(zone_text, {
      color = style.title, align = "center", valign = "middle",
    }))
  end
end

function scene.update(dt)
  local target = params.show and 1 or 0
  shown = shown or target
  local step = dt / 0.35
  shown = target > shown and math.min(target, shown + step) or math.max(target, shown - step)
end

function scene.draw(cr, frame)
  cr:video(cam, 0, 0, cr.width, cr.height, { fit = "cover", mirror = params.mirror })

  if shown > 0 then -- slides in from below, fast at first
    local away = (1 - shown) ^ 3
    cr:save()
    cr:translate(0, away * (height + margin))
    draw_panel(cr)
    cr:restore()
  end

  local logo = params.logo -- nil when there is no such picture: then there is no logo
  if params.show_logo and logo then
    local logo_height = 60 -- smaller where it would grow into a banner
    local logo_width = logo_height * logo.width / logo.height
    if logo_width > 480 then logo_width, logo_height = 480, 480 * logo.height / logo.width end
    cr:image(logo, cr.width - margin - logo_width, margin - 20, {
      width = logo_width, height = logo_height, alpha = 0.95,
    })
  end
end

return scene
