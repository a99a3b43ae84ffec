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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct milter_packet packet;
	struct buffer out = { 0 };
	size_t used;

	while (milter_packet_get(&packet, data, size, &used) == 1) {
		assert(used <= size && used == packet.len + 5);
		check_strings(&packet);
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
