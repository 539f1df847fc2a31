local s = {params = {param.text("t", "x", {max = 9}), param.number("n", 3, {min = 0, max = 9}),
  param.color("c", "#abc"), param.bool("b", true), param.choice("k", {"p", "q"}, "p")}}
function s.draw(cr, frame)
  cr:text(params.t .. frame.number, 50, 60, {font = "Inter", size = 40, width = 300, align = "center"})
  cr:text_path("path", 5, 5, {size = 20}) cr:stroke()
  cr:set_source(gradient.radial(5, 5, 1, 9, 9, 30, {{0, params.c}, {1, "#00000000"}})) cr:paint()
end
function s.event(name, data) log.info(name, data) end
return s
