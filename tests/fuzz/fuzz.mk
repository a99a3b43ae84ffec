# Fuzz targets: tests/fuzz/fuzz_<name>.c, and what each links, as in tests.mk.

FUZZ = address message_id record date_time auth_results server_list \
	list_answer id_answer resolv_conf dns_message tsig_file publish_msg \
	status_msg canon milter_packet

fuzz_address = $(unit_address)
fuzz_message_id = $(unit_message_id)
fuzz_record = $(unit_record) common/message_id
fuzz_date_time = $(unit_date_time)
fuzz_auth_results = $(unit_auth_results)
fuzz_server_list = $(unit_server_list)
fuzz_list_answer = $(unit_list_answer)
fuzz_id_answer = verifyd/id_answer publishd/shown $(unit_expired)
fuzz_resolv_conf = verifyd/resolv_conf common/net_address
fuzz_dns_message = common/dns_answer common/dns_message
fuzz_tsig_file = $(TSIG) common/dns_message
fuzz_publish_msg = $(unit_publish_msg)
fuzz_status_msg = $(unit_status_msg)
fuzz_canon = $(unit_canon)
fuzz_milter_packet = $(unit_milter)

fuzz_object = $(call object,tests/fuzz/fuzz_$(1) tests/fuzz/input $(fuzz_$(1)))

# fuzzer/<name> needs clang and SANITIZE=fuzzer-no-link,...
define fuzz_rule
$(BUILD)/replay/$(1): $$(call fuzz_object,$(1)) $(BUILD)/obj/tests/fuzz/replay.o
	@mkdir -p $$(@D)
	@echo '  LINK  $$@'
	$$(Q)$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$(ALL_LDLIBS)
$(BUILD)/fuzzer/$(1): $$(call fuzz_object,$(1))
	@mkdir -p $$(@D)
	@echo '  LINK  $$@'
	$$(Q)$$(CC) $$(ALL_LDFLAGS) -fsanitize=fuzzer -o $$@ $$^ $$(ALL_LDLIBS)
endef
$(foreach f,$(FUZZ),$(eval $(call fuzz_rule,$(f))))

tests: $(FUZZ:%=$(BUILD)/replay/%)
fuzzers: $(FUZZ:%=$(BUILD)/fuzzer/%)

# TIME=60 seconds each; T=name: only that one.
fuzz:
	.ci/packages build fuzz
	+$(MAKE) CC=clang BUILD=$(BUILD)/fuzz \
	    SANITIZE=fuzzer-no-link,address,undefined fuzzers
	tests/fuzz/run $(BUILD)/fuzz $(or $(TIME),60) $(or $(T),$(FUZZ))

.PHONY: fuzz fuzzers
