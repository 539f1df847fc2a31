/**
 * What `--camera` names: nothing (the synthetic camera), a raw clip `FILE.nv12:WIDTHxHEIGHT` (also
 * .i420 .yuy2 .bgra), or any other file that FFmpeg reads.
 *
 * Thread: any.
 */
#pragma once

#include "lunette/base.h"

/**
 * The path part of a spec: without `:WIDTHxHEIGHT` for a raw clip, the whole text otherwise.
 *
 * @param spec  NULL or "" = the synthetic camera
 * @return the caller frees it; NULL for the synthetic camera
 */
char *lun_camera_spec_path(const char *spec);
