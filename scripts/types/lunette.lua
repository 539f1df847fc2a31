---@meta lunette
-- The scene API, for Lua language servers and for people. This file is not run: it says what the
-- sandbox offers, in which units, with which defaults, and what goes wrong how.
--
-- Two rules hold everywhere. Mistakes of the programmer raise: a wrong type, NaN or infinity, an
-- unknown option or name. Failures of the world, such as a missing file, return nil and a message.
--
-- Lengths are design units: the picture is `scene.size` (1920 x 1080 unless the scene says
-- otherwise) and is scaled to the format that a watcher chose. x goes right, y goes down, angles
-- are radians and turn clockwise. Times are seconds.

-- Scenes --------------------------------------------------------------------------------------

---What a scene file returns. Only `draw` is required.
---@class Scene
---@field title? string        shown to people; default: the scene's name
---@field size? number[]       design size { width, height }; default { 1920, 1080 }
---@field fit? "contain"|"cover"|"stretch"|"none"  how the design meets a format of another aspect; default "contain", with black bars
---@field params? Param[]      what may be changed from outside, in the order of the form
---@field output? SceneOutput  a wish for a format; the command line wins over it
---@field load? fun(saved: table?)  once for each (re)load; saved: what `save` returned before a hot reload
---@field save? fun(): table   plain data to carry over a hot reload
---@field update? fun(dt: number)  before each draw; dt as in `frame.dt`
---@field draw fun(cr: Canvas, frame: Frame)  draws the whole picture, which starts opaque black
---@field idle? fun(cr: Canvas, frame: Frame)  drawn while the camera is paused; default: a built-in card
---@field event? fun(name: string, data: any)  sent by `lunette send NAME JSON`
---@field watchers? fun(count: integer)  somebody started or stopped watching

---@class SceneOutput
---@field matrix? "bt601"|"bt709"
---@field range? "limited"|"full"
---@field width? integer  pixels
---@field height? integer pixels
---@field fps? number

---The moment that is drawn.
---@class Frame
---@field number integer  the tick, from 0; goes on over a reload; a repeated frame leaves a gap
---@field time number     seconds: number / fps
---@field dt number       seconds since the last drawn tick; 0 at first
---@field fps number      frames a second of the format
---@field width integer   pixels of the format, not design units
---@field height integer  pixels of the format
---@field watchers integer

-- Colours -------------------------------------------------------------------------------------

---A colour: "#rgb", "#rgba", "#rrggbb", "#rrggbbaa", a CSS name, or { red, green, blue [, alpha] } in 0..1.
---@alias Color string|number[]

---What can be painted with.
---@alias Paint Color|Gradient|Image|Pattern

---@class colorlib
color = {}

---@param c Color
---@return number[] color  { red, green, blue, alpha } in 0..1
function color.parse(c) end

---A colour between two.
---@param a Color
---@param b Color
---@param t number  0 is a, 1 is b; clamped
---@return number[] color
---@example
---cr:set_source(color.mix("navy", "orange", 0.5 + 0.5 * math.sin(frame.time)))
function color.mix(a, b, t) end

---A lighter colour; a negative amount makes it darker.
---@param c Color
---@param amount number  -1 is black, 0 the colour itself, 1 white
---@return number[] color
function color.lighten(c, amount) end

---The same colour with another opacity.
---@param c Color
---@param alpha number  0..1
---@return number[] color
function color.alpha(c, alpha) end

-- Parameters ----------------------------------------------------------------------------------

---A declaration, made by one of the functions of `param`.
---@class Param

---@class ParamOptions
---@field label? string    shown in forms; default: the name
---@field help? string     a sentence below the field
---@field show_if? string  name of a bool parameter: the field is shown while that is true
---@field order? number    place in the form; default: the order in the list

---@class TextParamOptions: ParamOptions
---@field max? integer       characters at most
---@field multiline? boolean default false

---@class NumberParamOptions: ParamOptions
---@field min? number
---@field max? number
---@field step? number

---@class paramlib
param = {}

---@param name string
---@param default string
---@param options? TextParamOptions
---@return Param
function param.text(name, default, options) end

---@param name string
---@param default number
---@param options? NumberParamOptions
---@return Param
function param.number(name, default, options) end

---@param name string
---@param default integer
---@param options? NumberParamOptions
---@return Param
function param.integer(name, default, options) end

---@param name string
---@param default boolean
---@param options? ParamOptions
---@return Param
function param.bool(name, default, options) end

---@param name string
---@param default Color
---@param options? ParamOptions
---@return Param
function param.color(name, default, options) end

---@param name string
---@param default string   one of the choices
---@param choices string[]
---@param options? ParamOptions
---@return Param
---@example
---scene.params = { param.choice("side", "left", { "left", "right" }, { label = "Side" }) }
function param.choice(name, default, choices, options) end

---A picture of the scene's folder, chosen by its path. `params.NAME` is the image, or nil where
---none was chosen or it cannot be loaded.
---@param name string
---@param default string  path; "" for none
---@param options? ParamOptions
---@return Param
function param.image(name, default, options) end

---@param name string
---@param default string  a family
---@param options? ParamOptions
---@return Param
function param.font(name, default, options) end

---@param name string
---@param default number  seconds
---@param options? NumberParamOptions
---@return Param
function param.duration(name, default, options) end

---@param name string
---@param default string
---@param options? ParamOptions
---@return Param
function param.url(name, default, options) end

---@param name string
---@param default string[]
---@param options? ParamOptions
---@return Param
function param.list(name, default, options) end

---A heading in the form. It has no value.
---@param name string
---@param options? ParamOptions
---@return Param
function param.section(name, options) end

---The values, read-only, from `scene.load` on. An unknown name raises. Colours are strings, images
---are handles.
---@type table<string, any>
params = {}

-- Images and gradients ------------------------------------------------------------------------

---A decoded picture. Immutable; collected as garbage.
---@class Image
---@field width integer   pixels
---@field height integer  pixels
local Image = {}

---Give the memory back at once; pictures on air keep theirs. Twice is fine.
function Image:close() end

---@class imagelib
image = {}

---Load a picture from the scene's folder: PNG, JPEG, WebP, or the first frame of a GIF.
---Raises when the images of the scene exceed 512 MiB together.
---@param path string  relative to the scene's folder
---@return Image? image  nil when there is no such file or it is broken
---@return string? message
---@example
---local logo = image.load("logo.png") -- nil: draw without it
function image.load(path) end

---What was drawn with a gradient before one of these calls keeps it as it was.
---@class Gradient
local Gradient = {}

---@alias Stop { [1]: number, [2]: Color }  offset 0..1 and colour

---@class gradientlib
gradient = {}

---@param x0 number
---@param y0 number
---@param x1 number
---@param y1 number
---@param stops? Stop[]
---@return Gradient
---@example
---local sky = gradient.linear(0, 0, 0, 1080, { { 0, "#060A1C" }, { 1, "#F0926F" } })
function gradient.linear(x0, y0, x1, y1, stops) end

---@param cx0 number
---@param cy0 number
---@param radius0 number
---@param cx1 number
---@param cy1 number
---@param radius1 number
---@param stops? Stop[]
---@return Gradient
function gradient.radial(cx0, cy0, radius0, cx1, cy1, radius1, stops) end

---@param offset number 0..1
---@param red number
---@param green number
---@param blue number
function Gradient:add_color_stop_rgb(offset, red, green, blue) end

---@param offset number 0..1
---@param red number
---@param green number
---@param blue number
---@param alpha number
function Gradient:add_color_stop_rgba(offset, red, green, blue, alpha) end

---@param extend "none"|"repeat"|"reflect"|"pad"  default "pad"
function Gradient:set_extend(extend) end

---@param filter "fast"|"good"|"best"|"nearest"|"bilinear"
function Gradient:set_filter(filter) end

---@param matrix Matrix  one that can be inverted
function Gradient:set_matrix(matrix) end

---Twice is fine.
function Gradient:close() end

---A source that was taken out with `pop_group` or `get_source`. Good for the frame it was made in;
---used later it raises.
---@class Pattern
local Pattern = {}

---@param extend "none"|"repeat"|"reflect"|"pad"  default "none"
function Pattern:set_extend(extend) end

---@param filter "fast"|"good"|"best"|"nearest"|"bilinear"
function Pattern:set_filter(filter) end

---@param matrix Matrix  from user space to the pattern's own; one that can be inverted
function Pattern:set_matrix(matrix) end

---A copy of a path, made by `copy_path`.
---@class Path

-- Cameras -------------------------------------------------------------------------------------

---Moving pictures for `cr:video`: a camera, or a video file. Each kind has what makes sense for it.
---@class Source
---@field width integer   pixels
---@field height integer  pixels
---@field fps number
---@field live boolean
---@field duration number  seconds; 0: endless
---@field position number  seconds
local Source = {}

---@param position number  seconds from the beginning of the file
function Source:seek(position) end
function Source:pause() end
function Source:play() end
---Twice is fine; drawing it afterwards raises.
function Source:close() end

---@class cameralib
camera = {}

---Open the user's default camera, or another by its id. Call it once, outside `draw`. With none
---there, and in `lunette render` without `--camera`, it shows a calm made-up picture that depends
---on the frame alone.
---@param id? string
---@return Source? camera
---@return string? message
---@example
---local cam = camera.open()
---function scene.draw(cr) cr:video(cam, 0, 0, cr.width, cr.height) end
function camera.open(id) end

---@return { id: string, name: string }[]
function camera.list() end

---@class videolib
video = {}

---@class VideoFileOptions
---@field loop? boolean  default true
---@field start? number  seconds into the file at which it begins; default 0
---@field rate? number   above 0, at most 100; default 1

---Open a video of the scene's folder: anything FFmpeg decodes. It plays on the scene's clock.
---@param path string
---@param options? VideoFileOptions
---@return Source? video
---@return string? message
function video.open(path, options) end

-- The canvas ----------------------------------------------------------------------------------

---An affine transform { xx, yx, xy, yy, x0, y0 }: x' = xx x + xy y + x0, y' = yx x + yy y + y0.
---@alias Matrix number[]

---cairo's drawing context under cairo's own names. Lent for one callback: used later it raises
---"canvas used outside its draw callback". Everything that is not listed with its default starts
---as in cairo: black source, line width 2, butt caps, miter joins, winding fill rule.
---@class Canvas
---@field width number   design units
---@field height number  design units
local Canvas = {}

---Keep the state: source, transform, clip, line and text settings. Closed at the end of the
---callback, with one warning, when `restore` is missing.
function Canvas:save() end
---Back to the state of the last `save`. Raises without one.
function Canvas:restore() end
---Draw into a layer of its own from here on.
function Canvas:push_group() end
---The layer as a pattern, to paint with as often as you like within this frame.
---@return Pattern
---@example
---cr:push_group() cr:circle(60, 60, 40) cr:fill()
---local dot = cr:pop_group()
---for i = 0, 9 do
---  cr:identity_matrix() cr:translate(120 * i, 0) cr:set_source(dot) cr:paint()
---end
function Canvas:pop_group() end
---The layer becomes the source: `cr:paint_with_alpha(0.5)` then draws it half there.
---@example
---cr:push_group()
---cr:set_source("red") cr:circle(300, 300, 100) cr:fill()
---cr:set_source("blue") cr:circle(380, 300, 100) cr:fill()
---cr:pop_group_to_source()
---cr:paint_with_alpha(0.5)
function Canvas:pop_group_to_source() end

---What to draw with from here on. An image's top left corner is at x, y.
---@param paint Paint
---@param x? number  default 0
---@param y? number  default 0
---@example
---cr:set_source("#0A84FF") cr:rounded_rectangle(80, 80, 400, 120, 24) cr:fill()
function Canvas:set_source(paint, x, y) end
---@param red number    0..1
---@param green number  0..1
---@param blue number   0..1
function Canvas:set_source_rgb(red, green, blue) end
---@param red number    0..1
---@param green number  0..1
---@param blue number   0..1
---@param alpha number  0..1
function Canvas:set_source_rgba(red, green, blue, alpha) end
---Paint with an image whose top left corner is at x, y.
---@param image Image
---@param x? number  default 0
---@param y? number  default 0
function Canvas:set_source_surface(image, x, y) end

---The current source. What is changed in it is changed in the source.
---@return Pattern
---@example
---cr:set_source(tile) cr:get_source():set_extend("repeat") cr:paint()
function Canvas:get_source() end

---@param antialias "default"|"none"|"gray"|"subpixel"|"fast"|"good"|"best"
function Canvas:set_antialias(antialias) end
---@return string
function Canvas:get_antialias() end
---@param dashes number[]  lengths on, off, on, ...; empty: no dashes; at most 1024
---@param offset? number   default 0
function Canvas:set_dash(dashes, offset) end
---@return number[] dashes
---@return number offset
function Canvas:get_dash() end
---@param rule "winding"|"even_odd"
function Canvas:set_fill_rule(rule) end
---@return string
function Canvas:get_fill_rule() end
---@param cap "butt"|"round"|"square"
function Canvas:set_line_cap(cap) end
---@return string
function Canvas:get_line_cap() end
---@param join "miter"|"round"|"bevel"
function Canvas:set_line_join(join) end
---@return string
function Canvas:get_line_join() end
---@param width number
function Canvas:set_line_width(width) end
---@return number
function Canvas:get_line_width() end
---@param limit number
function Canvas:set_miter_limit(limit) end
---@return number
function Canvas:get_miter_limit() end
---@param operator "clear"|"source"|"over"|"in"|"out"|"atop"|"dest"|"dest_over"|"dest_in"|"dest_out"|"dest_atop"|"xor"|"add"|"saturate"|"multiply"|"screen"|"overlay"|"darken"|"lighten"|"color_dodge"|"color_burn"|"hard_light"|"soft_light"|"difference"|"exclusion"|"hsl_hue"|"hsl_saturation"|"hsl_color"|"hsl_luminosity"
function Canvas:set_operator(operator) end
---@return string
function Canvas:get_operator() end
---@param tolerance number
function Canvas:set_tolerance(tolerance) end
---@return number
function Canvas:get_tolerance() end

---Draw inside the path only, until `restore` or `reset_clip`.
function Canvas:clip() end
function Canvas:clip_preserve() end
function Canvas:reset_clip() end
---@return number x1
---@return number y1
---@return number x2
---@return number y2
function Canvas:clip_extents() end
---@param x number
---@param y number
---@return boolean
function Canvas:in_clip(x, y) end
---Fill the path and forget it.
function Canvas:fill() end
---Fill the path and keep it.
function Canvas:fill_preserve() end
---@return number x1
---@return number y1
---@return number x2
---@return number y2
function Canvas:fill_extents() end
---@param x number
---@param y number
---@return boolean
function Canvas:in_fill(x, y) end
---Draw along the path and forget it.
function Canvas:stroke() end
---Draw along the path and keep it.
function Canvas:stroke_preserve() end
---@return number x1
---@return number y1
---@return number x2
---@return number y2
function Canvas:stroke_extents() end
---@param x number
---@param y number
---@return boolean
function Canvas:in_stroke(x, y) end
---Paint the source everywhere inside the clip.
function Canvas:paint() end
---@param alpha number 0..1
function Canvas:paint_with_alpha(alpha) end
---Paint the source where the mask is opaque.
---@param mask Gradient|Image
---@param x? number  of an image's top left corner; default 0
---@param y? number  default 0
function Canvas:mask(mask, x, y) end
---@param image Image
---@param x? number  default 0
---@param y? number  default 0
function Canvas:mask_surface(image, x, y) end

function Canvas:new_path() end
function Canvas:new_sub_path() end
function Canvas:close_path() end
---@param x number
---@param y number
function Canvas:move_to(x, y) end
---@param x number
---@param y number
function Canvas:line_to(x, y) end
---A cubic Bézier curve from the current point to x3, y3.
---@param x1 number
---@param y1 number
---@param x2 number
---@param y2 number
---@param x3 number
---@param y3 number
function Canvas:curve_to(x1, y1, x2, y2, x3, y3) end
---@param dx number
---@param dy number
function Canvas:rel_move_to(dx, dy) end
---@param dx number
---@param dy number
function Canvas:rel_line_to(dx, dy) end
---@param dx1 number
---@param dy1 number
---@param dx2 number
---@param dy2 number
---@param dx3 number
---@param dy3 number
function Canvas:rel_curve_to(dx1, dy1, dx2, dy2, dx3, dy3) end
---An arc, clockwise from angle1 to angle2; a line leads to its beginning from the current point.
---@param x number
---@param y number
---@param radius number
---@param angle1 number  radians
---@param angle2 number  radians
---@example
---cr:arc(960, 540, 200, 0, math.pi) cr:stroke() -- the lower half of a circle
function Canvas:arc(x, y, radius, angle1, angle2) end
---The same counter-clockwise.
---@param x number
---@param y number
---@param radius number
---@param angle1 number  radians
---@param angle2 number  radians
function Canvas:arc_negative(x, y, radius, angle1, angle2) end
---@param x number
---@param y number
---@param width number
---@param height number
function Canvas:rectangle(x, y, width, height) end
---@param x number
---@param y number
---@param width number
---@param height number
---@param radius number  at most half of the shorter side counts
function Canvas:rounded_rectangle(x, y, width, height, radius) end
---@param x number  centre
---@param y number  centre
---@param radius number
function Canvas:circle(x, y, radius) end
---@param x number  centre
---@param y number  centre
---@param rx number
---@param ry number
function Canvas:ellipse(x, y, rx, ry) end
---A closed polygon.
---@param points number[]  x1, y1, x2, y2, ...
---@example
---cr:polygon({ 100, 20, 180, 180, 20, 180 }) cr:fill()
function Canvas:polygon(points) end
---@return number x1
---@return number y1
---@return number x2
---@return number y2
function Canvas:path_extents() end
---The path as a value, in the user space of this moment. It may be kept.
---@return Path
function Canvas:copy_path() end
---@param path Path
function Canvas:append_path(path) end
---@return number x
---@return number y
function Canvas:get_current_point() end
---@return boolean
function Canvas:has_current_point() end

---@param tx number
---@param ty number
function Canvas:translate(tx, ty) end
---@param sx number
---@param sy? number  default sx
function Canvas:scale(sx, sy) end
---@param angle number  radians, clockwise
---@example
---cr:save()
---cr:translate(960, 540)
---cr:rotate(frame.time)
---cr:rectangle(-100, -100, 200, 200) cr:fill()
---cr:restore()
function Canvas:rotate(angle) end
---@param matrix Matrix
function Canvas:transform(matrix) end
---@param matrix Matrix
function Canvas:set_matrix(matrix) end
---@return Matrix  the identity at the beginning of a callback: the scaling to the format is hidden
function Canvas:get_matrix() end
function Canvas:identity_matrix() end
---@param x number
---@param y number
---@return number x
---@return number y
function Canvas:user_to_device(x, y) end
---@param x number
---@param y number
---@return number x
---@return number y
function Canvas:device_to_user(x, y) end
---@param dx number
---@param dy number
---@return number dx
---@return number dy
function Canvas:user_to_device_distance(dx, dy) end
---@param dx number
---@param dy number
---@return number dx
---@return number dy
function Canvas:device_to_user_distance(dx, dy) end

-- Text, images, video -------------------------------------------------------------------------

---@class TextOptions
---@field font? string    a family, or a Pango description; default "Inter"
---@field size? number    of an em; default 32
---@field weight? string|integer  "thin" "extralight" "light" "normal" "medium" "semibold" "bold" "extrabold" "black", or 100..1000; default "normal"
---@field italic? boolean default false
---@field color? Color    default: the current source
---@field align? "left"|"center"|"right"   default "left"; without `width`, x is its anchor
---@field valign? "top"|"middle"|"bottom"  default "top"; without `height`, y is its anchor
---@field width? number   of the box; text wraps in it
---@field height? number  of the box
---@field wrap? "word"|"char"|"none"  default "word"
---@field lines? integer  at most
---@field ellipsis? boolean|"none"|"start"|"middle"|"end"  where text that does not fit is cut; true: "end"; default "none"
---@field spacing? number  extra between lines; default 0
---@field baseline? boolean  y is the baseline of the first line; default false
---@field outline? { [1]: number, [2]: Color }  width and colour of a line around the glyphs; default none
---@field markup? boolean  Pango's markup: "<b>bold</b>"; default false
---@field fit? "shrink"   smaller until it fits: in one line, unless `height` or `lines` is given
---@field min_size? number  "shrink" stops there; default a quarter of `size`

---Laid-out text: shaping, right-to-left, font fallback, colour emoji. Path and source are kept.
---At most 64 KiB; more raises.
---@param text string  UTF-8
---@param x number
---@param y number
---@param options? TextOptions
---@return number width
---@return number height
---@return integer lines
---@example
---cr:text("Ada Lovelace", 120, 850, { size = 48, weight = "bold", width = 740, fit = "shrink", color = "#fff" })
function Canvas:text(text, x, y, options) end

---The same layout, not drawn.
---@param text string
---@param options? TextOptions
---@return number width
---@return number height
---@return integer lines
---@example
---local width = cr:measure("Ada", { size = 48 })
---cr:rounded_rectangle(100, 100, width + 40, 80, 20) cr:fill()
function Canvas:measure(text, options) end

---cairo's own simple text, for what was written for cairo; `text` does more.
---@param family string
---@param slant? "normal"|"italic"|"oblique"  default "normal"
---@param weight? "normal"|"bold"             default "normal"
function Canvas:select_font_face(family, slant, weight) end
---@param size number
function Canvas:set_font_size(size) end
---@param text string  UTF-8, at most 64 KiB
function Canvas:show_text(text) end
---@param text string  UTF-8, at most 64 KiB
function Canvas:text_path(text) end
---@param text string
---@return { x_bearing: number, y_bearing: number, width: number, height: number, x_advance: number, y_advance: number }
function Canvas:text_extents(text) end
---@return { ascent: number, descent: number, height: number, max_x_advance: number, max_y_advance: number }
function Canvas:font_extents() end

---@class ImageOptions
---@field width? number   with only one of both, the other follows the image's shape
---@field height? number
---@field fit? "contain"|"cover"|"stretch"  inside width x height; default "contain"
---@field radius? number  of rounded corners; default 0
---@field alpha? number   0..1; default 1
---@field filter? "fast"|"good"|"best"|"nearest"  default "good"
---@field rotate? number  radians, about the middle of the box; default 0

---@param image Image
---@param x number  left
---@param y number  top
---@param options? ImageOptions
---@example
---cr:image(logo, 1640, 40, { width = 200 })
function Canvas:image(image, x, y, options) end

---@class VideoOptions
---@field fit? "cover"|"contain"|"stretch"  default "cover"
---@field mirror? boolean  default false
---@field radius? number   of rounded corners; default 0
---@field alpha? number    0..1; default 1
---@field crop? number[]   { x, y, width, height } in pixels of the source; default all of it

---A camera or a video as a layer.
---@param source Source
---@param x number
---@param y number
---@param width number
---@param height number
---@param options? VideoOptions
---@example
---cr:video(cam, 0, 0, cr.width, cr.height, { fit = "cover" })
function Canvas:video(source, x, y, width, height, options) end

-- Data and time -------------------------------------------------------------------------------

---Data from outside. Declared once, outside `draw`; read whenever you draw; never waits.
---@class Feed
---@field name string
---@field value any        nil until there is some
---@field updated number?  epoch seconds of the last good value
---@field age number?      seconds since then
---@field stale boolean     there is no value, it is older than `stale_after`, or the newest could not be read
---@field error string?    why the last attempt failed; `value` keeps the last good one

---@class FeedOptions
---@field stale_after? number  seconds; default: never

---@class feedlib
feed = {}

---A JSON file of the scene's folder, followed as it changes. A file feeds/SCENE/NAME.json in the
---container wins over it.
---@param name string
---@param path? string  relative to the scene's folder; without it only the container's file counts
---@param options? FeedOptions
---@return Feed
---@example
---local agenda = feed.json("agenda", "agenda.json")
---function scene.draw(cr) cr:text(agenda.value and agenda.value.title or "No agenda", 100, 100) end
function feed.json(name, path, options) end

---A text file, likewise; its value is a string.
---@param name string
---@param path? string
---@param options? FeedOptions
---@return Feed
function feed.text(name, path, options) end

---The scene's clock: constant within a frame, and the same in every run of `lunette render`
---(2026-01-01T00:00:00Z and on, or `--date`).
---@class clocklib
clock = {}

---@return number seconds  since 1970-01-01T00:00:00Z
function clock.now() end

---An unknown zone or a broken format raises.
---@param format? string  as for strftime; default "%c"
---@param zone? string    "Europe/Berlin", "UTC", "+02:00"; default: local on air, UTC in `lunette render`
---@return string
---@example
---cr:text(clock.date("%H:%M", "Europe/Berlin"), 1800, 60, { align = "right" })
function clock.date(format, zone) end

---Now in another zone, as numbers: `month` from 1, `wday` from 1 for Sunday, `offset` in seconds east of UTC.
---@param name string
---@return { year: integer, month: integer, day: integer, hour: integer, min: integer, sec: integer, wday: integer, yday: integer, isdst: boolean, offset: integer }
function clock.zone(name) end

---How long ago that was, in words: "just now", "5 minutes ago", "in 2 hours".
---@param time number  epoch seconds, such as a feed's `updated`
---@return string
function clock.ago(time) end

-- Odds and ends -------------------------------------------------------------------------------

---@class jsonlib
json = {}
---@param text string
---@return any value  nil, and a message, for what is no JSON
---@return string? message
function json.decode(text) end
---@param value any  tables, strings, finite numbers, booleans
---@return string
function json.encode(value) end

---The log: `lunette logs`, Studio, and standard error of `lunette render`.
---@class loglib
log = {}
---@param message any
function log.info(message) end
---@param message any
function log.warn(message) end
---@param message any
function log.error(message) end

---Into the log, as `log.info`: the values as text with tabs between them.
---@param ... any
function print(...) end

---Load a module once: `require("clockface")` runs clockface.lua of the scene's folder and gives what
---it returns, `require("parts.logo")` runs parts/logo.lua. A save of a module reloads the scene.
---The standard modules (`string`, `table`, `math`, ...) have their names too.
---@param name string
---@return any
---@example
---local parts = require("parts")
function require(name) end
