/**
 * The output that writes files; what kind is told by the ending of the name.
 */
#pragma once

#include "extension/output.h"

extern const struct lun_output_class lun_file_output;
