/**
 * Lunette's formats in PipeWire's words, and back.
 *
 * Thread: any; nothing here keeps state.
 */
#pragma once

#include <spa/pod/builder.h>

#include "lunette/format.h"

/** What a node offers: one EnumFormat object a format, all of its values plain. */
struct lun_pipewire_offer {
	const struct spa_pod **pods; // owned
	uint32_t count;
	uint8_t *bytes; // owned; what pods point into
};

void lun_pipewire_offer_init(
        struct lun_pipewire_offer *offer, const struct lun_format *formats, int formats_count);
void lun_pipewire_offer_finish(struct lun_pipewire_offer *offer);

/**
 * Which of the formats did the peers agree on?
 *
 * @param param  a Format object
 * @return its index, or -1 when it is none of them
 */
int lun_pipewire_format_find(
        const struct spa_pod *param, const struct lun_format *formats, int formats_count);

#define LUN_PIPEWIRE_BUFFERS_MAX 16
#define LUN_PIPEWIRE_ANSWER_PODS 2

/** The Buffers and Meta objects that follow an agreed format. They lie in builder's memory. */
void lun_pipewire_answer_build(struct spa_pod_builder *builder, const struct lun_layout *layout,
        const struct spa_pod *out_pods[LUN_PIPEWIRE_ANSWER_PODS]);
