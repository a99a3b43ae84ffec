/* Packets as octets: what is read, put again, is the same octets. */
#include <assert.h>
#include <string.h>

#include "common/milter.h"
#include "tests/fuzz/fuzz.h"

static void
check_strings(const struct milter_packet *packet)
{
	struct milter_cursor c;
	const char *string;
	uint16_t u16;
	uint32_t u32;
	size_t n;

	milter_cursor_init(&c, packet);
	while ((string = milter_string(&c, &n)) != NULL)
		assert(strlen(string) == n && c.p <= c.end);
	milter_cursor_init(&c, packet);
	while (milter_u32(&c, &u32) == 0)
		assert(c.p <= c.end);
	while (milter_u16(&c, &u16) == 0)
		assert(c.p <= c.end);
	assert(c.end - c.p < 2);
	string = milter_connect_address(packet);
	assert(string == NULL || strlen(string) <= packet->len);
}

static const char *
next_string(struct milter_cursor *c)
{
	size_t n;
	const char *string = milter_string(c, &n);

	return string != NULL ? string : "";
}

/* What we answer with two strings of the peer's in it can be read, too. */
static void
check_reply(struct buffer *out, const char *first, const char *second)
{
	struct milter_packet packet;
	struct milter_cursor c;
	uint32_t index;
	size_t used;

	assert(milter_packet_get(&packet, out->data, out->len, &used) == 1);
	assert(used == out->len);
	milter_cursor_init(&c, &packet);
	if (packet.command != MILTER_REPLY_CODE)
		assert(milter_u32(&c, &index) == 0 && index == 7);
	assert(strcmp(next_string(&c), first) == 0);
	assert(strcmp(next_string(&c), second) == 0);
	assert(c.p == c.end);
	buffer_clear(out);
}

static void
check_replies(const struct milter_packet *packet, struct buffer *out)
{
	struct milter_cursor c;
	const char *a, *b;

	milter_cursor_init(&c, packet);
	a = next_string(&c);
	b = next_string(&c);
	if (packet->len > MILTER_PACKET_MAX - 64)
		return;
	assert(milter_put_insert(out, 7, a, b) == 0);
	check_reply(out, a, b);
	assert(milter_put_change(out, 7, a, b) == 0);
	check_reply(out, a, b);
	assert(milter_put_text(out, MILTER_REPLY_CODE, a) == 0);
	check_reply(out, a, "");
	assert(milter_put_optneg(out, 6, 7, 8, packet->data, packet->len) == 0);
	assert(out->len == packet->len + 5 + 12);
	buffer_clear(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct milter_packet packet;
	struct buffer out = { 0 };
	size_t used;

	while (milter_packet_get(&packet, data, size, &used) == 1) {
		assert(used <= size && used == packet.len + 5);
		check_strings(&packet);
		check_replies(&packet, &out);
		assert(milter_put(
			   &out, packet.command, packet.data, packet.len) == 0);
		assert(out.len == used && memcmp(out.data, data, used) == 0);
		buffer_clear(&out);
		data += used;
		size -= used;
	}
	buffer_free(&out);
	return 0;
}
