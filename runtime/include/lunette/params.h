/**
 * The parameters a scene declares, and checking values against them.
 *
 * Declarations travel as JSON (the renderer makes them, the supervisor and Studio read them), so
 * the checks work on JSON and trust nothing in it. Thread: any.
 */
#pragma once

#include <jansson.h>

#include "lunette/base.h"

/**
 * Is value right for this declaration?
 *
 * @param declaration  one object of the list, e.g. {"name":"clock","kind":"bool",...}
 * @param out_value    may be NULL; the value as it will be used (integers clamped to nothing: out
 *                     of range is an error, colours normalised to "#rrggbb" or "#rrggbbaa"); the
 *                     caller owns a reference
 * @return LUN_OK, or LUN_INVALID with "parameter clock wants true or false, got 3"
 */
enum lun_result lun_param_check(
        const json_t *declaration, const json_t *value, json_t **out_value, struct lun_error *err);

/** The same from text as typed on a command line. */
enum lun_result lun_param_parse(
        const json_t *declaration, const char *text, json_t **out_value, struct lun_error *err);

/** The declaration of that name in a list. @return borrowed; NULL if there is none */
const json_t *lun_param_find(const json_t *declarations, const char *name);

/**
 * The values a scene starts with: every default, replaced by what stored has for it where that is
 * valid. What is not valid is left out and named in a warning.
 *
 * @param stored  an object, or NULL
 * @return new object; the caller owns it
 */
json_t *lun_param_values(const json_t *declarations, const json_t *stored);

/** CSS colour names, #rgb, #rgba, #rrggbb, #rrggbbaa. Components 0..1. */
bool lun_color_parse(const char *text, double out_rgba[4]);
