/* What answers of name servers tell of a zone. */
#include "admin/check_zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "admin/check_software.h"
#include "common/dns_message.h"

struct message {
	uint8_t octets[1024];
	size_t len;
};

static void
put(struct message *m, const void *octets, size_t n)
{
	memcpy(m->octets + m->len, octets, n);
	m->len += n;
}

static void
put_u16(struct message *m, unsigned v)
{
	const uint8_t octets[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	put(m, octets, 2);
}

static void
put_name(struct message *m, const char *text)
{
	struct dns_name name;

	assert_int_equal(dns_name_parse(&name, text), 0);
	put(m, name.wire, name.len);
}

/* An answer about x.test TXT, with so many records in the two sections. */
static void
begin(struct message *m, unsigned rcode, unsigned an, unsigned ns)
{
	m->len = 0;
	put_u16(m, 1);
	put_u16(m, DNS_QR | DNS_AA | rcode);
	put_u16(m, 1);
	put_u16(m, an);
	put_u16(m, ns);
	put_u16(m, 0);
	put_name(m, "x.test");
	put_u16(m, DNS_TXT);
	put_u16(m, DNS_IN);
}

static void
add(struct message *m, const char *owner, unsigned type, const void *rdata,
    size_t n)
{
	put_name(m, owner);
	put_u16(m, type);
	put_u16(m, DNS_IN);
	put_u16(m, 0);
	put_u16(m, 60);
	put_u16(m, (unsigned)n);
	put(m, rdata, n);
}

static enum zone_walk
walk(const struct message *m, struct zone_walk_answer *a)
{
	check_zone_walk(a, m->octets, m->len);
	return a->walk;
}

/* RFC 4034 4.1: the next name and the types there. */
static const uint8_t next_other[] = "\001z\004test\000\000\001\100";
static const uint8_t next_minimal[] = "\001\000\001x\004test\000\000\001\100";

static void
an_unsigned_zone_has_no_chain(void **state)
{
	struct zone_walk_answer a;
	struct message m;

	(void)state;
	begin(&m, DNS_NXDOMAIN, 0, 1);
	add(&m, "test", DNS_SOA, "\000\000", 2);
	assert_int_equal(walk(&m, &a), WALK_UNSIGNED);
}

static void
nsec_can_be_walked_unless_it_names_the_question_only(void **state)
{
	struct zone_walk_answer a;
	struct message m;

	(void)state;
	begin(&m, DNS_NXDOMAIN, 0, 1);
	add(&m, "a.test", 47, next_other, sizeof(next_other) - 1);
	assert_int_equal(walk(&m, &a), WALK_NSEC);
	begin(&m, DNS_NOERROR, 0, 1);
	add(&m, "x.test", 47, next_minimal, sizeof(next_minimal) - 1);
	assert_int_equal(walk(&m, &a), WALK_MINIMAL);
	begin(&m, DNS_NOERROR, 0, 2);
	add(&m, "x.test", 47, next_minimal, sizeof(next_minimal) - 1);
	add(&m, "a.test", 47, next_other, sizeof(next_other) - 1);
	assert_int_equal(walk(&m, &a), WALK_NSEC);
}

static void
nsec3_tells_its_iterations_and_opt_out(void **state)
{
	struct zone_walk_answer a;
	struct message m;

	(void)state;
	begin(&m, DNS_NXDOMAIN, 0, 1);
	add(&m, "abc.test", 50, "\001\000\000\000\000", 5);
	assert_int_equal(walk(&m, &a), WALK_NSEC3);
	assert_int_equal(a.iterations, 0);
	assert_false(a.opt_out);
	begin(&m, DNS_NXDOMAIN, 0, 1);
	add(&m, "abc.test", 50, "\001\001\001\002\000", 5);
	assert_int_equal(walk(&m, &a), WALK_NSEC3);
	assert_int_equal(a.iterations, 258);
	assert_true(a.opt_out);
}

static void
a_transfer_begins_with_the_soa(void **state)
{
	struct message m;

	(void)state;
	begin(&m, DNS_NOERROR, 1, 0);
	add(&m, "test", DNS_SOA, "\000\000", 2);
	assert_true(check_zone_given(m.octets, m.len));
	begin(&m, DNS_REFUSED, 0, 0);
	assert_false(check_zone_given(m.octets, m.len));
	begin(&m, DNS_NOERROR, 0, 0);
	assert_false(check_zone_given(m.octets, m.len));
	begin(&m, DNS_NOERROR, 1, 0);
	add(&m, "test", DNS_TXT, "\001x", 2);
	assert_false(check_zone_given(m.octets, m.len));
}

/* RFC 1035 3.3.13: "a." and "b.", then serial, refresh and the others. */
static const uint8_t soa[] = "\001a\000\001b\000"
			     "\001\002\003\004"
			     "\000\000\000\001\000\000\000\002"
			     "\000\000\000\003\000\000\000\004";

static void
the_serial_stands_behind_two_names(void **state)
{
	struct message m;
	uint32_t serial = 0;

	(void)state;
	begin(&m, DNS_NOERROR, 2, 0);
	add(&m, "other.test", DNS_SOA, soa, sizeof(soa) - 1);
	add(&m, "x.test", DNS_SOA, soa, sizeof(soa) - 1);
	assert_true(check_zone_serial(m.octets, m.len, &serial));
	assert_int_equal(serial, 0x01020304);
	for (size_t n = 0; n < m.len; n++)
		assert_false(check_zone_serial(m.octets, n, &serial));
	for (size_t n = 0; n < 10; n++) {
		begin(&m, DNS_NOERROR, 1, 0);
		add(&m, "x.test", DNS_SOA, soa, n);
		assert_false(check_zone_serial(m.octets, m.len, &serial));
	}
	begin(&m, DNS_NOERROR, 0, 1);
	add(&m, "x.test", DNS_SOA, soa, sizeof(soa) - 1);
	assert_false(check_zone_serial(m.octets, m.len, &serial));
}

static void
the_newest_serial_is_that_of_rfc_1982(void **state)
{
	static const struct {
		struct check_serial v[3];
		size_t newest; /* 3: none */
	} rows[] = {
		{ { { true, 5 }, { true, 7 }, { true, 6 } }, 1 },
		{ { { true, 5 }, { true, 5 }, { true, 5 } }, 0 },
		{ { { true, 1 }, { true, 0xffffffff }, { true, 0 } }, 0 },
		{ { { false, 9 }, { true, 4 }, { true, 5 } }, 2 },
		{ { { false, 9 }, { true, 4 }, { false, 5 } }, 3 },
		{ { { false, 9 }, { false, 4 }, { false, 5 } }, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
		    check_serials_newest(rows[i].v, 3), rows[i].newest);
	assert_true(check_serial_reached(5, 5));
	assert_true(check_serial_reached(0, 0xffffffff));
	assert_false(check_serial_reached(0xffffffff, 0));
	assert_false(check_serial_reached(4, 5));
}

static void
powerdns_says_that_it_is(void **state)
{
	static const char pdns[] = "\043PowerDNS Authoritative Server 4.7.3";
	static const char bind[] = "\0069.18.1";
	struct message m;

	(void)state;
	begin(&m, DNS_NOERROR, 1, 0);
	add(&m, "version.bind", DNS_TXT, pdns, sizeof(pdns) - 1);
	assert_true(software_is_powerdns(m.octets, m.len));
	begin(&m, DNS_NOERROR, 1, 0);
	add(&m, "version.bind", DNS_TXT, bind, sizeof(bind) - 1);
	assert_false(software_is_powerdns(m.octets, m.len));
	for (size_t n = 0; n < m.len; n++)
		assert_false(software_is_powerdns(m.octets, n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unsigned_zone_has_no_chain),
		cmocka_unit_test(
		    nsec_can_be_walked_unless_it_names_the_question_only),
		cmocka_unit_test(nsec3_tells_its_iterations_and_opt_out),
		cmocka_unit_test(a_transfer_begins_with_the_soa),
		cmocka_unit_test(the_serial_stands_behind_two_names),
		cmocka_unit_test(the_newest_serial_is_that_of_rfc_1982),
		cmocka_unit_test(powerdns_says_that_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
