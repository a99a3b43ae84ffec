# The tests' programs: unit tests (cmocka) and tools (peers for the black-box
# tests). Each row lists what it links.

UNITS = record date_time address rfc5322 message_id canon auth_results base64url \
	milter milter_session wire publish_msg status_msg dns_message tsig \
	ipc ipc_trouble config metrics net_address endpoint buffer log \
	expiry zone_stream transfer expired removal zone
TOOLS = free_port notify_run milter_client milter_load null_milter

unit_record = common/record common/date_time common/base64url \
	common/address common/domain common/rfc5322
unit_date_time = common/date_time common/rfc5322
unit_address = common/address common/domain common/rfc5322
unit_rfc5322 = common/rfc5322
unit_message_id = common/message_id common/address common/domain common/rfc5322
unit_canon = common/canon common/base64url
unit_auth_results = common/auth_results common/domain common/rfc5322
unit_base64url = common/base64url
unit_milter = common/milter common/buffer
unit_milter_session = $(MILTER_SESSION)
unit_wire = common/wire
unit_publish_msg = common/publish_msg common/wire
unit_status_msg = common/status_msg common/wire common/metrics
unit_dns_message = common/dns_message common/dns_query common/dns_packet
UNITS += dns_packet
unit_dns_packet = common/dns_message common/dns_query common/dns_packet \
	publishd/update_build
unit_tsig = $(TSIG) common/dns_message
unit_ipc = tests/unit/ipc_ends $(IPC) common/ipc_listener common/ipc_door \
	common/ipc_guests common/ipc_accept common/metrics common/monotonic \
	common/ipc_server common/ipc_choice common/ipc_watch common/ipc_client common/ipc_peer $(LOG) common/systemd
unit_ipc_trouble = $(unit_ipc)
unit_config = $(CONFIG)
UNITS += manual
unit_manual = $(CONFIG)
unit_metrics = common/metrics
unit_net_address = common/net_address
unit_endpoint = common/endpoint $(LOG)
unit_buffer = common/buffer
unit_log = $(LOG)
UNITS += journal
unit_journal = common/journal
unit_expiry = reaperd/expiry reaperd/chunks common/siphash
ZONE = reaperd/zone reaperd/zone_stream reaperd/expired reaperd/expiry \
	reaperd/chunks common/siphash common/dns_message common/dns_query common/dns_packet \
	common/message_id common/address common/domain common/rfc5322 \
	common/record common/date_time common/base64url common/net_address
unit_transfer = reaperd/transfer common/buffer $(TSIG) $(ZONE)
unit_zone = $(ZONE)
unit_expired = reaperd/expired common/dns_message common/record \
	common/date_time common/base64url common/address common/domain \
	common/rfc5322
unit_removal = reaperd/removal reaperd/rate reaperd/pause common/publish_msg common/wire $(ZONE)
unit_zone_stream = reaperd/zone_stream common/dns_message common/dns_query common/dns_packet

free_port = tests/tools/free_port
notify_run = tests/tools/notify_run

# publishd
UNITS += batch primary_choice update_build update_answer shown request_check complaint
unit_batch = publishd/batch publishd/batch_refused publishd/job publishd/update_build \
	common/dns_packet common/dns_message
unit_primary_choice = publishd/primary_choice
unit_update_build = publishd/update_build common/dns_packet common/dns_message
unit_update_answer = publishd/update_answer $(TSIG) common/dns_message
unit_shown = publishd/shown common/dns_message
unit_request_check = publishd/request_check common/message_id common/record \
	common/date_time common/base64url common/address common/domain \
	common/rfc5322
unit_complaint = common/complaint $(LOG)
TOOLS += dns_trouble
dns_trouble = tests/tools/dns_trouble common/dns_message
TOOLS += nng_tls
nng_tls = tests/tools/nng_tls
TOOLS += publish_ask
publish_ask = tests/tools/publish_ask common/publish_msg common/wire \
	$(PUBLISHERS) common/tls_url \
	common/ipc_choice common/ipc_watch common/ipc_client common/ipc_peer $(IPC) $(LOG) \
	common/systemd common/message_id common/record common/date_time \
	common/base64url common/address common/domain common/rfc5322 \
	common/metrics common/monotonic

# For LD_PRELOAD, into a name server and into our daemons: never with a
# sanitizer.
PRELOADS = clock_shift malloc_fail
$(PRELOADS:%=$(BUILD)/%.so): $(BUILD)/%.so: tests/tools/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c17 $(WARNINGS) -D_GNU_SOURCE -O2 -fPIC -shared -o $@ $<
tests: $(PRELOADS:%=$(BUILD)/%.so)
milter_client = tests/tools/milter_client tests/tools/milter_client_options \
	tests/tools/milter_client_peer tests/tools/mta_side common/milter \
	common/buffer common/endpoint $(LOG)
milter_load = tests/tools/milter_load tests/tools/milter_load_options \
	tests/tools/milter_load_mail tests/tools/milter_load_tally \
	tests/tools/mta_side common/milter common/buffer common/monotonic \
	common/endpoint $(LOG)
null_milter = tests/tools/null_milter common/endpoint $(LOG) $(MTA)

# the line protocol
UNITS += policy_session
unit_policy_session = common/policy_session common/policy_attribute \
	common/mail common/mail_kept common/buffer
TOOLS += line_client
line_client = tests/tools/line_client common/buffer common/endpoint $(LOG)

# questions to name servers
UNITS += dns_answer dns_stream dns_exchange dns_budget dns_limits
unit_dns_limits = tests/unit/dns_ends $(DNS_EXCHANGE)
unit_dns_budget = common/dns_budget common/siphash common/net_address
unit_dns_answer = common/dns_answer common/dns_message
unit_dns_stream = common/dns_stream common/buffer common/net_address
unit_dns_exchange = tests/unit/dns_ends $(DNS_EXCHANGE)
TOOLS += dns_ask dns_fake update_load zone_transfer
dns_ask = tests/tools/dns_ask $(DNS_EXCHANGE)
dns_fake = tests/tools/dns_fake tests/tools/dns_fake_table \
	tests/tools/dns_fake_behaviour tests/tools/dns_fake_record \
	tests/tools/dns_fake_answer tests/tools/octets common/dns_message \
	common/net_address
update_load = tests/tools/update_load common/dns_stream common/buffer \
	common/net_address common/monotonic publishd/update_build \
	common/dns_packet $(TSIG) \
	common/dns_message

zone_transfer = tests/tools/zone_transfer common/dns_stream common/buffer \
	common/net_address common/dns_query common/dns_packet common/dns_message $(TSIG)

# Who connects and says little or nothing
UNITS += ipc_guests mail_room
unit_mail_room = common/mail_room
UNITS += jail_calls
unit_jail_calls = common/jail_calls $(LOG)
UNITS += milter_store fd_store
unit_fd_store = common/fd_store common/systemd
unit_milter_store = $(MILTER_SESSION)
UNITS += mail_connection
unit_mail_connection = common/mail_connection common/mail_connection_life \
	common/heap \
	common/mail_room common/metrics common/policy_session \
	common/policy_attribute $(MILTER_SESSION) $(LOG)
unit_ipc_guests = common/ipc_guests
TOOLS += hold_connections
hold_connections = tests/tools/hold_connections common/endpoint $(LOG)

# What is left in memory
TOOLS += memory_seek
memory_seek = tests/tools/memory_seek common/base64

# Where syslog would listen
TOOLS += log_socket
log_socket = tests/tools/log_socket

# The life of a daemon
UNITS += workers
unit_workers = common/restart common/share common/worker_list common/worker_pool \
	common/metrics $(LOG)
UNITS += status_json
unit_status_json = admin/status_json admin/status_state common/metrics \
	common/status_msg common/wire
UNITS += status_table
unit_status_table = admin/status_table admin/history admin/status_state \
	admin/status_text common/metrics common/status_msg common/wire
TOOLS += toy_daemon listen_run jail_probe
jail_probe = tests/tools/jail_probe tests/tools/jail_attempts common/jail common/jail_calls $(LOG)
toy_daemon = tests/tools/toy_daemon tests/tools/jail_attempts $(LIFE)
listen_run = tests/tools/listen_run

# which mail is signed, and what is published for it
UNITS += sign plan
unit_sign = signerd/sign signerd/received_by common/auth_results \
	common/message_id common/address common/domain common/rfc5322 \
	common/net_address
unit_plan = signerd/plan signerd/sign signerd/received_by \
	common/auth_results common/message_id common/record common/date_time \
	common/base64url common/address common/domain common/rfc5322 \
	common/net_address

# verifyd
VERIFICATION = verifyd/verify verifyd/chain verifyd/evidence \
	verifyd/verification common/message_id common/record \
	common/date_time common/base64url common/address common/domain \
	common/rfc5322
UNITS += verify verdict server_list list_answer servers_asked reach cache
unit_verify = $(VERIFICATION)
unit_verdict = verifyd/verdict verifyd/verification verifyd/reputation \
	common/net_address
unit_server_list = verifyd/server_list common/net_address
unit_list_answer = verifyd/list_answer verifyd/server_list verifyd/wish \
	verifyd/resolv_conf common/dns_message common/net_address
unit_servers_asked = verifyd/servers_asked verifyd/resolver_turn
unit_reach = verifyd/reach common/net_address
unit_cache = verifyd/cache common/siphash

# the protocol's vectors, for any implementation
UNITS += vectors
unit_vectors = tests/unit/vector_text tests/unit/vector_content \
	common/message_id common/record common/date_time \
	common/canon common/base64url common/auth_results common/address \
	common/domain common/rfc5322 common/net_address verifyd/server_list \
	verifyd/reach verifyd/wish
UNITS += wish international
unit_wish = verifyd/wish $(unit_verdict)
unit_international = common/address common/domain common/rfc5322
UNITS += reputation
unit_reputation = $(unit_verdict)

# mail servers
TOOLS += smtp_sink
smtp_sink = tests/tools/smtp_sink common/net_address

# hostile and odd input: tests/hostile/README
TOOLS += hostile
hostile = tests/tools/hostile tests/tools/hostile_rows tests/tools/hostile_facts \
	tests/tools/hostile_wire tests/tools/hostile_mail tests/tools/hostile_lines \
	tests/tools/hostile_files tests/tools/hostile_check tests/tools/octets \
	common/address common/domain common/rfc5322 \
	tests/tools/milter_client_peer tests/tools/mta_side common/milter \
	common/buffer common/endpoint $(LOG)

# the filter for OpenSMTPD
UNITS += filter_smtpd_line filter_answer filter_message filter_bounds \
	filter_session
unit_filter_smtpd_line = $(FILTER)
unit_filter_answer = filter/answer filter/reply common/buffer
unit_filter_message = $(FILTER)
unit_filter_bounds = $(FILTER)
unit_filter_session = $(FILTER)
TOOLS += policy_fake
policy_fake = tests/tools/policy_fake common/endpoint $(LOG)
TOOLS += publish_fake
publish_fake = tests/tools/publish_fake common/publish_msg $(LIFE)

# systemd's units
TOOLS += forbidden
forbidden = tests/tools/forbidden

# dnsmail-status: its forms, and a terminal for its live view
TOOLS += pty_run
pty_run = tests/tools/pty_run tests/tools/pty_screen common/monotonic
UNITS += status_words metrics_text history screen watch_view
unit_status_words = admin/status_table admin/status_state admin/status_text \
	admin/history common/metrics common/status_msg common/wire
unit_metrics_text = admin/metrics_text admin/status_state common/metrics \
	common/status_msg common/wire
unit_history = admin/history common/metrics common/status_msg common/wire
unit_screen = admin/screen tests/tools/pty_screen
UNITS += watch_key
unit_watch_key = admin/watch_key
unit_watch_view = admin/watch_view admin/watch_lines admin/watch_row \
	admin/screen admin/history admin/status_state admin/status_text \
	common/metrics common/status_msg common/wire

# dnsmail-recall
UNITS += recall_msg recall recall_run
unit_recall_msg = common/recall_msg common/wire
unit_recall = reaperd/recall reaperd/recall_words admin/recall_when \
	common/recall_msg common/wire common/config_number $(LOG) $(ZONE)
unit_recall_run = reaperd/recall_out reaperd/recall reaperd/rate \
	reaperd/counters common/recall_msg common/wire common/metrics \
	common/monotonic $(ZONE)

# dnsmail-check: messages in files
UNITS += saved_mail
unit_saved_mail = admin/saved_mail
UNITS += check_text
unit_check_text = admin/check_text admin/check_recipients admin/check_seen \
	admin/saved_mail common/message_id common/address common/rfc5322 $(CONFIG)
UNITS += check_message
unit_check_message = admin/check_message_text admin/check_message_dns \
	admin/check_message_record admin/check_message_verdict admin/check_seen \
	admin/check_mail admin/check_text admin/saved_mail common/mail \
	common/mail_kept common/auth_results verifyd/verdict common/dns_message \
	$(VERIFICATION) $(CONFIG)

# dnsmail-check on a site
UNITS += probe_msg reach_build check_judge check_zone
unit_probe_msg = common/probe_msg common/wire
UNITS += sp_frame tls_url tls_user tls_context tls_stream ipc_choice ipc_watch peers_in
unit_sp_frame = common/sp_frame
unit_tls_url = common/tls_url
unit_tls_user = common/tls_user common/domain
unit_tls_context = tests/unit/tls_certs common/tls_context common/tls_certificate common/credential $(LOG)
unit_tls_stream = tests/unit/tls_certs common/tls_stream common/sp_frame common/buffer \
	common/tls_context common/tls_certificate common/credential $(LOG)
unit_ipc_choice = common/ipc_choice
unit_ipc_watch = common/ipc_watch common/metrics $(LOG)
unit_peers_in = publishd/peers_in common/identity $(CONFIG)
unit_reach_build = publishd/reach_build common/dns_message
unit_check_judge = admin/check_findings admin/check_words admin/check_list \
	admin/check_access admin/check_mta admin/check_reach_verdict \
	common/net_address $(LOG) common/monotonic \
	verifyd/reach verifyd/server_list
unit_check_zone = admin/check_zone admin/check_software common/dns_message \
	common/dns_query common/dns_packet common/net_address
