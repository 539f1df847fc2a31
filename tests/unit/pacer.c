// Deadlines with times that are made up: no drift, no tick twice, none before its time.
#include "extension/camera/pacer.h"

#include "check.h"

static const uint64_t second_ns = 1000000000;

static struct lun_format rate(int num, int den)
{
	struct lun_format format = lun_format_default();
	format.fps_num = num;
	format.fps_den = den;
	return format;
}

static struct lun_pacer start(int num, int den, uint64_t next, uint64_t first_ns)
{
	struct lun_format format = rate(num, den);
	struct lun_pacer pacer;
	lun_pacer_start(&pacer, &format, next, first_ns);
	return pacer;
}

// n * den / num seconds, by another road: whole turns of num ticks take den seconds.
static uint64_t exact_ns(uint64_t n, uint64_t num, uint64_t den)
{
	uint64_t turns = n / num, rest = n % num;
	return turns * den * second_ns + rest * den * second_ns / num;
}

static void ten_million_ticks_do_not_drift(void)
{
	const uint64_t start_ns = 123456789;
	struct lun_pacer pacer = start(30000, 1001, 0, start_ns);
	uint64_t missed, late = 0, out_of_order = 0, worst_ns = 0;
	for (uint64_t n = 0; n <= 10000000; n++) {
		uint64_t deadline = lun_pacer_deadline_ns(&pacer);
		uint64_t want = start_ns + exact_ns(n, 30000, 1001);
		uint64_t off = deadline > want ? deadline - want : want - deadline;
		worst_ns = off > worst_ns ? off : worst_ns;
		out_of_order += lun_pacer_step(&pacer, deadline, &missed) != n;
		late += missed;
	}
	CHECK_EQ(worst_ns, 0);
	CHECK_EQ(out_of_order, 0);
	CHECK_EQ(late, 0);
}

static void a_step_after_missed_ticks_takes_the_newest_that_is_due(void)
{
	struct lun_pacer pacer = start(25, 1, 0, 0); // 40 ms
	uint64_t missed;
	CHECK_EQ(lun_pacer_step(&pacer, 0, &missed), 0);
	CHECK_EQ(missed, 0);
	CHECK_EQ(lun_pacer_step(&pacer, 199999999, &missed), 4); // 1, 2 and 3 went by
	CHECK_EQ(missed, 3);
	CHECK_EQ(lun_pacer_deadline_ns(&pacer), 200000000);
	CHECK_EQ(lun_pacer_step(&pacer, 200000000, &missed), 5);
	CHECK_EQ(missed, 0);
}

static void a_step_before_its_time_counts_nothing_as_missed(void)
{
	struct lun_pacer pacer = start(30, 1, 7, 10 * second_ns);
	uint64_t missed = 9;
	CHECK_EQ(lun_pacer_deadline_ns(&pacer), 10 * second_ns);
	CHECK_EQ(lun_pacer_step(&pacer, 10 * second_ns - 1, &missed), 7);
	CHECK_EQ(missed, 0);
	CHECK_EQ(lun_pacer_step(&pacer, 0, &missed), 8);
	CHECK_EQ(missed, 0);
}

// A pause of any length ends at a tick whose time has come and whose successor's has not.
static void after_a_pause_of_days_the_tick_is_the_right_one(void)
{
	static const int rates[][2] = {{30000, 1001}, {240, 1}, {60, 1}, {24000, 1001}, {7, 3}, {1, 1}};
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		for (uint64_t days = 1; days < 4000; days *= 3) {
			struct lun_format format = rate(rates[i][0], rates[i][1]);
			struct lun_pacer pacer = start(rates[i][0], rates[i][1], 0, 0);
			uint64_t now_ns = days * 86400 * second_ns + 12345, missed;
			uint64_t number = lun_pacer_step(&pacer, now_ns, &missed);
			CHECK(lun_format_tick_ns(&format, number) <= now_ns);
			CHECK(lun_format_tick_ns(&format, number + 1) > now_ns);
			CHECK_EQ(missed, number);
		}
	}
}

static void a_camera_resumed_at_a_high_tick_starts_before_time_began(void)
{
	// Tick 10^9 is due one second after boot: tick 0 would have been long before it.
	struct lun_pacer pacer = start(30, 1, 1000000000, second_ns);
	uint64_t missed;
	CHECK_EQ(lun_pacer_deadline_ns(&pacer), second_ns);
	CHECK_EQ(lun_pacer_step(&pacer, second_ns + 50000000, &missed), 1000000001);
	CHECK_EQ(missed, 1);
	uint64_t next_ns = lun_pacer_deadline_ns(&pacer);
	CHECK(next_ns > second_ns + 66000000 && next_ns < second_ns + 67000000);
}

static void a_quarter_of_a_frame_is_granted_before_late(void)
{
	struct lun_pacer pacer = start(25, 1, 0, second_ns);
	CHECK(!lun_pacer_is_late(&pacer, 0, 0));
	CHECK(!lun_pacer_is_late(&pacer, 0, second_ns));
	CHECK(!lun_pacer_is_late(&pacer, 0, second_ns + 10000000));
	CHECK(lun_pacer_is_late(&pacer, 0, second_ns + 10000001));
	CHECK(!lun_pacer_is_late(&pacer, 1, second_ns + 40000000));
}

static void another_rate_goes_on_at_the_same_time(void)
{
	const struct lun_format slow = rate(25, 1), fast = rate(50, 1), ntsc = rate(30000, 1001);
	CHECK_EQ(lun_pacer_rebase(&slow, &fast, 100), 200);
	CHECK_EQ(lun_pacer_rebase(&fast, &slow, 101), 51); // 50.5, rounded up
	CHECK_EQ(lun_pacer_rebase(&slow, &slow, UINT64_MAX), UINT64_MAX);
	// 10^12 ticks at 25/s are 4 * 10^10 seconds
	CHECK_EQ(lun_pacer_rebase(&slow, &ntsc, 1000000000000u), 1198801198801u);
	uint64_t there = lun_pacer_rebase(&ntsc, &fast, 123456789);
	uint64_t back = lun_pacer_rebase(&fast, &ntsc, there);
	CHECK_EQ(back, 123456789);
}

TEST_MAIN({
	RUN(ten_million_ticks_do_not_drift);
	RUN(a_step_after_missed_ticks_takes_the_newest_that_is_due);
	RUN(a_step_before_its_time_counts_nothing_as_missed);
	RUN(after_a_pause_of_days_the_tick_is_the_right_one);
	RUN(a_camera_resumed_at_a_high_tick_starts_before_time_began);
	RUN(a_quarter_of_a_frame_is_granted_before_late);
	RUN(another_rate_goes_on_at_the_same_time);
})
