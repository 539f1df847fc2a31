local f, w = feed.json("f", "a.json"), feed.text("w", "a.txt")
local s, n = {}, 0
function s.load(saved) n = saved and saved.n or 0 end
function s.save() return {n = n, list = {1, 2.5, "x", true}} end
function s.draw(cr)
  n = n + 1
  local ok, v = pcall(json.decode, '{"a": [1, null, "b"]}')
  print(os.date("%Y", 0), os.time{year = 2025, month = 1, day = 1}, clock.date("%H", "Europe/Berlin"))
  print(f.value, f.age, f.stale, w.error, #json.encode({a = {1}}))
  cr:video(camera.open(), 0, 0, 96, 54, {fit = "cover", mirror = true, radius = 4})
end
return s
