-- Hello! This file is a camera. Change something, save, and look: the picture follows at once.
-- (Broke it? Never mind: your viewers keep seeing the last picture that worked.)

local scene = { title = "Hello" }

-- What others may change without reading Lua: Studio makes a form of it.
scene.params = {
  param.text("greeting", "Hello, world", { label = "Greeting", max = 40 }),
  param.color("moon", "#FFE9C4", { label = "Moonlight" }),
}

-- Done once, when the scene is loaded. The picture is 1920 wide and 1080 high, whatever
-- size a meeting asks for; y goes down.
local sky = gradient.linear(0, 0, 0, 1080, {
  { 0, "#060A1C" }, { 0.4, "#151C47" }, { 0.65, "#453766" }, { 0.85, "#A8617A" }, { 1, "#F29A6E" },
})
local stars = {}
for i = 1, 70 do
  stars[i] = { x = math.random(1920), y = math.random(640), phase = 6 * math.random() }
end

-- Done for every frame: draw everything, as if the picture were empty. Lunette finds out what
-- changed and pays for that only.
function scene.draw(cr, frame)
  cr:set_source(sky)
  cr:paint()

  for _, star in ipairs(stars) do -- each one twinkles at its own time
    cr:circle(star.x, star.y, 2.2)
    cr:set_source_rgba(1, 1, 1, 0.45 + 0.35 * math.sin(frame.time + star.phase))
    cr:fill()
  end

  local y = 400 + 16 * math.sin(frame.time / 2) -- the moon floats: two arcs make a crescent
  cr:arc(960, y, 150, math.rad(-94.7), math.rad(155.1))
  cr:arc_negative(905, y - 32, 125, math.rad(130.4), math.rad(-70))
  cr:close_path()
  cr:set_source(params.moon)
  cr:fill()

  cr:move_to(0, 1010) -- and hills, so that the evening has somewhere to end
  cr:curve_to(340, 900, 760, 1010, 1080, 960)
  cr:curve_to(1400, 910, 1640, 890, 1920, 980)
  cr:line_to(1920, 1080)
  cr:line_to(0, 1080)
  cr:close_path()
  cr:set_source("#0B0A1E")
  cr:fill()

  cr:text(params.greeting, 960, 690, {
    font = "Inter", size = 104, weight = "light", color = "#FFFFFF",
    align = "center", valign = "middle",
  })
end

return scene

-- Curious? Stand in front of the sky yourself. Up where the sky is made:
--   local cam = camera.open()
-- and in scene.draw, after cr:paint():
--   cr:video(cam, 560, 240, 800, 600, { fit = "cover", mirror = true, radius = 40 })
