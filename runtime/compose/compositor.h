/**
 * Turns a display list into a frame: rasters and converts the tiles whose content changed.
 *
 * The frame lies on a fixed grid of tiles, each always rastered whole, because cairo's pixels
 * depend on where a clip begins. A tile's content is named by the hash of the operations that
 * touch it, in order; a surface and every output buffer remember what each of their tiles holds.
 * So a buffer may be old, lost or repeated: what differs is drawn, what is the same is not.
 *
 * Thread: the engine's.
 */
#pragma once

#include "canvas/list.h"
#include "lunette/format.h"

#define LUN_TILE_PX 64 /**< even, so that tiles lie on the chroma grid */

struct lun_compositor;

/** An output buffer and what its tiles hold. */
struct lun_target {
	uint8_t *data;   // borrowed from the buffer's owner, lun_format_layout() of the format
	uint64_t *tiles; // owned; one hash a tile, 0 = undefined
};

struct lun_compose_stats {
	uint64_t compare_ns, raster_ns, convert_ns;
	uint32_t tiles, tiles_redrawn; /**< of the target */
};

/** @param format  valid. @return NULL when memory is refused */
struct lun_compositor *lun_compositor_create(const struct lun_format *format);
void lun_compositor_destroy(struct lun_compositor *compositor); /**< NULL is fine */

/** Tiles of a frame; how many hashes a target needs. */
size_t lun_compositor_tiles(const struct lun_compositor *compositor);

/** Forget what all tiles hold: the next render draws everything (the oracle of the cheap way). */
void lun_compositor_invalidate(struct lun_compositor *compositor);

void lun_target_invalidate(const struct lun_compositor *compositor, struct lun_target *target);

/**
 * Bring target up to list. Its tiles must hold what target->tiles says.
 *
 * @return LUN_OK; LUN_NOMEM when a picture could not be made (its operation is left out)
 */
enum lun_result lun_compositor_render(struct lun_compositor *compositor,
        const struct lun_list *list, struct lun_target *target,
        struct lun_compose_stats *out_stats);
