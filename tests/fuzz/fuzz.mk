# Fuzz targets: tests/fuzz/fuzz_<name>.c, and what each links, as in tests.mk.

FUZZ = address message_id record date_time auth_results server_list \
	list_answer id_answer resolv_conf dns_message tsig_file \
	publish_msg status_msg canon milter_packet tsig transfer request \
	update_answer dns_stream verify rfc5322 mail sign filter \
	status_show watch dns_exchange recall_msg probe_msg saved_mail sp_frame

fuzz_address = $(unit_address)
fuzz_message_id = $(unit_message_id)
fuzz_record = $(unit_record) common/message_id
fuzz_date_time = $(unit_date_time)
fuzz_auth_results = $(unit_auth_results)
fuzz_server_list = $(unit_server_list) $(unit_reach)
fuzz_list_answer = $(unit_list_answer) $(unit_verdict)
fuzz_id_answer = verifyd/id_answer publishd/shown $(unit_expired)
fuzz_resolv_conf = verifyd/resolv_conf common/net_address
fuzz_dns_message = common/dns_answer common/dns_message
fuzz_tsig_file = $(TSIG) common/dns_message
fuzz_publish_msg = $(unit_publish_msg)
fuzz_recall_msg = $(unit_recall)
fuzz_probe_msg = $(unit_probe_msg)
fuzz_sp_frame = $(unit_sp_frame)
fuzz_status_msg = $(unit_status_msg)
fuzz_canon = tests/fuzz/relaxed $(unit_canon)
fuzz_milter_packet = $(unit_milter)
fuzz_tsig = tests/fuzz/signature $(TSIG) common/dns_message
fuzz_transfer = tests/fuzz/signature $(unit_transfer) $(unit_removal) \
	publishd/request_check
fuzz_request = $(unit_request_check) publishd/update_build common/dns_packet common/dns_message \
	common/dns_message common/publish_msg common/wire
fuzz_update_answer = publishd/update_answer $(TSIG) common/dns_message
fuzz_dns_stream = $(unit_dns_stream)
fuzz_verify = tests/fuzz/letter tests/fuzz/told $(unit_verify) \
	$(unit_verdict) common/auth_results
fuzz_rfc5322 = common/rfc5322
fuzz_mail = $(MILTER_SESSION) common/policy_session common/policy_attribute
fuzz_sign = tests/fuzz/letter $(unit_plan) $(unit_verify) \
	publishd/request_check common/publish_msg common/wire
fuzz_saved_mail = admin/saved_mail admin/check_mail admin/check_recipients \
	common/mail common/mail_kept $(unit_address)
fuzz_filter = $(FILTER) common/policy_session common/policy_attribute \
	common/mail common/mail_kept
fuzz_status_show = tests/fuzz/json admin/history admin/status_state \
	admin/status_text admin/status_table admin/status_json \
	admin/metrics_text common/metrics common/status_msg common/wire
fuzz_watch = $(unit_watch_view)
fuzz_dns_exchange = $(DNS_EXCHANGE)

# Which parsers a target is about: make fuzz-coverage counts their lines.
about_address = common/address common/rfc5322 common/domain
about_message_id = common/message_id
about_record = common/record
about_date_time = common/date_time
about_auth_results = common/auth_results
about_server_list = verifyd/server_list common/net_address verifyd/reach
about_list_answer = verifyd/list_answer verifyd/wish verifyd/reputation
about_id_answer = verifyd/id_answer publishd/shown reaperd/expired
about_resolv_conf = verifyd/resolv_conf
about_dns_message = common/dns_message common/dns_answer
about_tsig_file = common/tsig_file common/base64
about_publish_msg = common/publish_msg common/wire
about_recall_msg = common/recall_msg reaperd/recall_words
about_probe_msg = common/probe_msg
about_sp_frame = common/sp_frame
about_status_msg = common/status_msg common/wire
about_canon = common/canon
about_milter_packet = common/milter
about_tsig = common/tsig common/tsig_rr
about_transfer = reaperd/transfer reaperd/zone_stream
about_request = publishd/request_check
about_update_answer = publishd/update_answer
about_dns_stream = common/dns_stream
about_verify = verifyd/verify verifyd/chain verifyd/evidence \
	verifyd/verification verifyd/verdict
about_rfc5322 = common/rfc5322
about_saved_mail = admin/saved_mail admin/check_recipients
about_mail = common/milter_session common/milter_step common/milter_macro \
	common/milter_store \
	common/policy_session common/policy_attribute common/mail \
	common/mail_kept
about_sign = signerd/sign signerd/plan signerd/received_by
about_filter = filter/smtpd_line filter/session filter/envelope \
	filter/message filter/request filter/answer filter/reply
about_status_show = admin/status_state admin/status_text admin/status_table admin/status_json admin/metrics_text
about_watch = admin/watch_view admin/watch_lines admin/watch_row admin/screen admin/history
about_dns_exchange = common/dns_answer

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

empty =
space = $(empty) $(empty)
comma = ,
# TIME=10 seconds each on top of the corpus, 0: that alone; T=name as above.
fuzz-coverage:
	.ci/packages build fuzz
	+$(MAKE) CC=clang BUILD=$(BUILD)/coverage REPRODUCIBLE= SANITIZE=fuzzer-no-link \
	    CFLAGS='-fprofile-instr-generate -fcoverage-mapping' \
	    LDFLAGS=-fprofile-instr-generate fuzzers
	tests/fuzz/coverage $(BUILD)/coverage $(or $(TIME),10) \
	    $(foreach f,$(or $(T),$(FUZZ)),$(f)=$(subst $(space),$(comma),$(about_$(f))))

.PHONY: fuzz fuzzers fuzz-coverage
