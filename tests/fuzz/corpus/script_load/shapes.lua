local s = {size = {640, 360}}
function s.update(dt) s.t = (s.t or 0) + dt end
function s.draw(cr, frame)
  cr:save() cr:translate(10, 20) cr:rotate(0.3) cr:scale(2, -1)
  cr:rectangle(1, 2, 30, 40) cr:set_source("#ff8000") cr:fill_preserve()
  cr:set_line_width(3) cr:set_dash({4, 2}, 1) cr:stroke() cr:restore()
  cr:arc(100, 100, 50, 0, 6) cr:clip() cr:paint_with_alpha(0.5)
  cr:push_group() cr:circle(50, 50, 20) cr:fill() cr:pop_group_to_source() cr:paint()
end
return s
