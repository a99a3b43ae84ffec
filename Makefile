# DNS Mail. Two commands to begin with: make demo, make check.
#
# Each program's row below lists its objects, and so what it may know.

VERSION = 0.1.0

prefix ?= /usr/local
exec_prefix ?= $(prefix)
sbindir ?= $(exec_prefix)/sbin
sysconfdir ?= /etc
mandir ?= $(prefix)/share/man
pkgdatadir ?= $(prefix)/share/dnsmail
docdir ?= $(prefix)/share/doc/dnsmail
INSTALL ?= install
PKG_CONFIG ?= pkg-config

# Where systemd looks, and the kind of service it knows (notify-reload: 253).
systemd = $(shell $(PKG_CONFIG) --variable=$(1) systemd 2>/dev/null || echo $(2))
systemdsystemunitdir ?= $(call systemd,systemdsystemunitdir,/lib/systemd/system)
sysusersdir ?= $(call systemd,sysusersdir,/usr/lib/sysusers.d)
tmpfilesdir ?= $(call systemd,tmpfilesdir,/usr/lib/tmpfiles.d)
NOTIFY ?= $(shell $(PKG_CONFIG) --atleast-version=253 systemd 2>/dev/null && \
	echo notify-reload || echo notify)

BUILD ?= build
SANITIZE ?=
# make Q= shows the commands.
Q ?= @

LIBRARIES = libconfuse libcrypto libidn2
# Where it was built and when is not in the programs: all that is equal makes
# equal ones. A release is built with compilers that nobody has seen yet.
REPRODUCIBLE = -ffile-prefix-map=$(CURDIR)=. -Wdate-time
WERROR ?= $(if $(wildcard .git),-Werror)
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wvla $(WERROR)
HARDEN = -fPIE -fstack-protector-strong -fstack-clash-protection
HARDEN_LD = -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed
ifeq ($(SANITIZE),)
OPTIMIZE ?= -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
else
OPTIMIZE ?= -O1 -g -fno-omit-frame-pointer -fsanitize=$(SANITIZE) \
	-fno-sanitize-recover=all
HARDEN_LD += -fsanitize=$(SANITIZE)
endif

ALL_CPPFLAGS = -I. -D_GNU_SOURCE -DDNSMAIL_VERSION='"$(VERSION)"' $(CPPFLAGS)
ALL_CFLAGS = -std=c17 $(WARNINGS) $(HARDEN) $(OPTIMIZE) $(REPRODUCIBLE) -MMD -MP \
	$(CFLAGS)
ALL_LDFLAGS = $(HARDEN_LD) $(LDFLAGS)
ALL_LDLIBS = -lnng -lev -lconfuse -lidn2 -lssl -lcrypto -lseccomp -lpthread -lm

# ---- what each program is made of -------------------------------------------

# Lines for the administrator, and the journal that takes them.
LOG = common/log common/journal
# The option tables of all sections: every program checks the whole file.
CONFIG = common/config common/config_fill common/config_file \
	common/config_text \
	common/config_value common/config_number common/config_sections \
	common/net_address common/tls_url common/tls_user common/endpoint common/domain \
	$(LOG) common/version \
	signerd/config publishd/config verifyd/config verifyd/reputation \
	reaperd/config
# Questions to name servers: over UDP and TCP.
DNS_EXCHANGE = common/dns_exchange common/dns_attempt \
	common/dns_budget common/siphash common/complaint $(LOG) \
	common/metrics common/monotonic \
	common/dns_answer common/dns_ids \
	common/dns_udp common/dns_stream common/buffer common/dns_message \
	common/dns_query common/dns_packet common/net_address
# TSIG over libcrypto (and dns_message).
TSIG = common/tsig common/tsig_rr common/tsig_key common/tsig_file \
	common/credential common/base64
# The milter, without its connections.
MILTER_SESSION = common/milter_session common/milter_step common/milter_macro \
	common/milter_store common/wire \
	common/milter common/mail common/mail_kept common/buffer
# The ways in which an MTA brings a message: connections, milter, lines.
MTA = common/mail_server common/complaint common/mail_connection \
	common/mail_connection_life common/mail_room common/heap \
	common/metrics common/policy_session \
	common/policy_attribute common/monotonic $(MILTER_SESSION)
# nng under libev: what both ends of requests between processes need.
IPC = common/ipc_queue common/ipc_socket common/ipc_sendmsg
# The same requests by TLS, between machines: both ends, and who asks publishd.
TLS = common/tls_context common/tls_certificate common/tls_stream common/sp_frame common/buffer
PUBLISHERS = $(TLS) common/tls_peer common/host_lookup common/publishers_out \
	common/complaint common/credential
# The life of a daemon and its status socket.
LIFE = common/daemon common/daemon_jail common/daemon_reload \
	common/workers common/workers_end common/workers_reload \
	common/worker common/worker_pool common/worker_list \
	common/restart common/daemon_status common/identity common/run_dir \
	common/loop_memory common/jail common/jail_calls common/systemd common/fd_store \
	common/metrics \
	common/status_msg common/wire $(IPC) common/ipc_listener \
	common/ipc_door common/ipc_guests common/ipc_accept \
	common/ipc_server common/monotonic common/descriptors $(CONFIG)

PROGRAMS = signerd publishd verifyd reaperd dnsmail-status dnsmail-recall dnsmail-check dnsmail-filter dnsmail-key
MANUALS = doc/dnsmail.7 doc/dnsmail-log.7 doc/dnsmail.conf.5 doc/signerd.8 \
	doc/publishd.8 doc/verifyd.8 doc/reaperd.8 doc/dnsmail-status.1 \
	doc/dnsmail-setup.8 doc/dnsmail-recall.8 doc/dnsmail-check.8 doc/dnsmail-key.8 doc/dnsmail-filter.8
PAGES = $(wildcard doc/*.md)
EXAMPLES = $(wildcard etc/grafana/* etc/prometheus/*)
# What dnsmail-setup fills in, and the recipes for mail servers.
TEMPLATES = $(wildcard etc/setup/* etc/postfix/* etc/exim/* etc/sendmail/* \
	etc/opensmtpd/*)
UNITFILES = dnsmail.target dnsmail-publish.target signerd.service \
	publishd.service verifyd.service \
	reaperd.service signerd.socket signerd-policy.socket verifyd.socket \
	verifyd-policy.socket

signerd = common/address common/rfc5322 \
	signerd/main common/listen common/handover common/share signerd/mail_in signerd/reply_out \
	signerd/sign signerd/received_by signerd/plan signerd/publish_out \
	signerd/counters \
	$(MTA) common/message_id common/record \
	common/date_time common/base64url \
	common/canon common/auth_results common/ipc_choice common/ipc_watch common/ipc_client \
	common/ipc_peer \
	common/publish_msg $(PUBLISHERS) $(LIFE)
publishd = common/address common/rfc5322 \
	publishd/main publishd/request_in publishd/request_check \
	publishd/listeners_in publishd/tls_in publishd/tls_listen publishd/doors_in \
	common/door_dir \
	publishd/peers_in \
	publishd/batch publishd/batch_refused publishd/job \
	publishd/update_build publishd/update_answer publishd/update_key \
	publishd/dns_out publishd/primary_out publishd/primary_choice \
	publishd/primary_turn publishd/confirm_out \
	publishd/confirm_peers publishd/away_out \
	publishd/probe_in publishd/reach_out publishd/reach_build \
	common/admins common/admins_in common/probe_msg \
	publishd/shown publishd/counters common/complaint common/monotonic \
	common/message_id common/record \
	common/date_time common/base64url \
	common/publish_msg common/dns_message common/dns_query common/dns_packet \
	$(DNS_EXCHANGE) $(TSIG) common/buffer common/credential $(TLS) $(LIFE)
# Messages verified: without those who bring them, and with nobody watching.
VERIFIER = common/share verifyd/verifier_out verifyd/mail_in verifyd/reply_out \
	verifyd/inquiry_out verifyd/lookup_out verifyd/lookup_watch \
	verifyd/list_out verifyd/servers_asked verifyd/resolver_turn \
	verifyd/surroundings_in verifyd/resolv_conf \
	verifyd/list_answer verifyd/id_answer verifyd/verify verifyd/chain \
	verifyd/evidence verifyd/verification verifyd/verdict verifyd/wish \
	verifyd/reputation verifyd/reputation_out verifyd/server_list \
	verifyd/reach verifyd/cache verifyd/counters common/siphash \
	common/complaint common/address common/rfc5322 common/message_id \
	common/record common/date_time common/base64url common/canon \
	common/auth_results common/dns_message common/dns_query \
	common/dns_packet common/descriptors common/mail common/mail_kept \
	$(DNS_EXCHANGE)
verifyd = verifyd/main common/listen common/handover $(VERIFIER) $(MTA) $(LIFE)
reaperd = common/address common/rfc5322 \
	reaperd/main reaperd/records_in reaperd/watch_in reaperd/transfer \
	reaperd/zone_stream reaperd/zone reaperd/expiry reaperd/chunks \
	reaperd/expired reaperd/rate reaperd/pause reaperd/lookup_out \
	reaperd/removal reaperd/removed \
	reaperd/remove_out reaperd/sweep_out reaperd/counters \
	reaperd/recall reaperd/recall_in reaperd/recall_out \
	reaperd/recall_told reaperd/recall_words reaperd/zone_read_in \
	common/admins common/admins_in common/door_dir \
	common/recall_msg \
	common/siphash common/complaint common/monotonic \
	common/message_id common/record common/date_time common/base64url \
	common/publish_msg common/ipc_choice common/ipc_watch common/ipc_client common/ipc_peer $(PUBLISHERS) \
	common/dns_message \
	common/dns_query common/dns_packet common/dns_stream $(TSIG) common/buffer \
	common/credential $(LIFE)
dnsmail-status = admin/status admin/status_ask admin/status_probe \
	admin/status_again admin/status_state admin/status_text \
	admin/status_table admin/status_json admin/metrics_text \
	admin/watch admin/watch_ask admin/watch_key \
	admin/watch_view admin/watch_lines admin/watch_row admin/history \
	admin/screen admin/terminal common/ipc_choice common/ipc_watch common/ipc_client common/ipc_peer $(IPC) \
	common/monotonic common/metrics common/status_msg common/wire $(CONFIG)
dnsmail-key = admin/key common/tsig_key common/dns_message common/version
dnsmail-recall = admin/recall admin/recall_ask admin/door admin/recall_options \
	admin/recall_when common/recall_msg common/ipc_sendmsg common/wire \
	common/message_id common/address common/rfc5322 $(CONFIG)
# A saved message through verifyd's own code.
CHECK_MESSAGE = admin/check_message admin/check_message_text \
	admin/check_message_dns admin/check_message_record \
	admin/check_message_verdict admin/check_seen admin/check_mail \
	admin/check_recipients admin/check_text admin/saved_mail \
	admin/saved_file_in admin/check_jail common/identity common/jail common/jail_calls \
	$(VERIFIER)
# Why it would be signed, by signerd's own decision.
CHECK_EXPLAIN = admin/check_explain admin/check_explain_text signerd/sign \
	signerd/received_by signerd/plan
# dnsmail-check on a whole site.
CHECK_SITE = admin/check_site admin/check_files admin/check_daemons \
	admin/check_dns admin/check_list admin/check_zone admin/check_servers \
	admin/check_whom admin/check_serials admin/check_look admin/check_primary \
	admin/check_ports admin/check_clock admin/check_publish admin/check_probe \
	admin/check_reach admin/check_reach_verdict admin/check_software admin/door \
	admin/check_access admin/check_mta admin/check_sockets \
	admin/check_tls admin/check_publisher $(TLS) common/host_lookup \
	common/ipc_queue common/credential \
	admin/status_ask admin/status_probe admin/status_state \
	verifyd/server_list verifyd/list_answer verifyd/wish \
	verifyd/resolv_conf verifyd/surroundings_in verifyd/reach \
	common/probe_msg common/publish_msg common/status_msg common/wire \
	common/ipc_sendmsg common/identity common/message_id common/record \
	common/date_time common/base64url common/address common/rfc5322 \
	$(DNS_EXCHANGE)
dnsmail-check = admin/check admin/check_findings admin/check_words \
	$(CHECK_SITE) $(CHECK_MESSAGE) $(CHECK_EXPLAIN) $(CONFIG)
# For OpenSMTPD: its filter protocol on one side, the line protocol on the other.
FILTER = filter/session filter/envelope filter/reply filter/release \
	filter/request filter/answer filter/message filter/spool_out filter/smtpd_line \
	common/auth_results common/canon common/base64url common/buffer \
	common/domain common/rfc5322
dnsmail-filter = filter/main filter/smtpd_in filter/ask_out $(FILTER) \
	common/endpoint common/jail common/jail_calls $(LOG) \
	common/loop_memory common/version

include tests/tests.mk

# ---- building -----------------------------------------------------------------

all: $(PROGRAMS:%=$(BUILD)/%)

object = $(sort $(1:%=$(BUILD)/obj/%.o))

define program_rule
$(BUILD)/$(1): $$(call object,$$($(1)))
	@mkdir -p $$(@D)
	@echo '  LINK  $$@'
	$$(Q)$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$(ALL_LDLIBS)
endef
$(foreach p,$(PROGRAMS) $(TOOLS),$(eval $(call program_rule,$(p))))

# A unit test links the module under test and what that needs, nothing else.
define unit_rule
$(BUILD)/unit/$(1): $$(call object,tests/unit/test_$(1) $$(unit_$(1)))
	@mkdir -p $$(@D)
	@echo '  LINK  $$@'
	$$(Q)$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$(ALL_LDLIBS) -lcmocka -lldns
endef
$(foreach u,$(UNITS),$(eval $(call unit_rule,$(u))))

$(BUILD)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo '  CC    $<'
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

include tests/fuzz/fuzz.mk

# ---- checking -----------------------------------------------------------------

# Builds and runs everything; installs the Debian packages it needs.
check:
	.ci/packages build check
	+$(MAKE) check-installed

check-installed: all tests shape common-check
	tests/reachable tests/run $(BUILD) $(T)

tests: $(UNITS:%=$(BUILD)/unit/%) $(TOOLS:%=$(BUILD)/%)

asan:
	.ci/packages build check
	+$(MAKE) BUILD=$(BUILD)/asan SANITIZE=address,undefined \
	    check-installed

bench:
	.ci/packages build check bench
	+$(MAKE) all tests
	tests/reachable tests/bench/run $(BUILD)

# Mail through the installed set while its daemons are restarted: COUNT messages.
endurance:
	.ci/packages build check
	+$(MAKE) all tests
	tests/reachable tests/endurance/run $(BUILD) $(COUNT)

demo:
	.ci/packages build demo
	+$(MAKE) all tests
	tests/demo/run $(BUILD)

shape:
	@tests/shape

common-check:
	@tests/common-check $(foreach p,$(PROGRAMS),-p $(p) $($(p)))

format:
	clang-format -i $(wildcard */*.[ch] tests/*/*.[ch])

# NULL is a pointer, so it ends variable arguments: POSIX has it so.
lint:
	.ci/packages build lint
	cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr \
	    --suppress=varFuncNullUB \
	    --include=/usr/include/$$($(CC) -print-multiarch)/sys/queue.h \
	    --error-exitcode=1 -D_GNU_SOURCE -I. signerd publishd verifyd \
	    reaperd admin filter common
	clang-format --dry-run -Werror $(wildcard */*.[ch] tests/*/*.[ch])
	mandoc -T lint -W warning $(MANUALS)
	shellcheck admin/dnsmail-setup etc/setup/*.sh

# ---- installing ---------------------------------------------------------------

# What is filled in is of this make alone: another may install from the same BUILD
# at the same time.
FILLED = $(BUILD)/filled.$$PPID
install: all
	@mkdir -p $(FILLED)
	for p in $(PROGRAMS); do \
	    $(INSTALL) -D -m 755 $(BUILD)/$$p \
	        $(DESTDIR)$(sbindir)/$$p || exit 1; \
	done
	sed -e "s|@datadir@|$(pkgdatadir)|; s|@sbindir@|$(sbindir)|" \
	    -e "s|@version@|$(VERSION)|; s|@sysconfdir@|$(sysconfdir)|" \
	    -e "s|@unitdir@|$(systemdsystemunitdir)|" \
	    admin/dnsmail-setup >$(FILLED)/dnsmail-setup
	$(INSTALL) -D -m 755 $(FILLED)/dnsmail-setup \
	    $(DESTDIR)$(sbindir)/dnsmail-setup
	for t in $(TEMPLATES:etc/%=%); do \
	    $(INSTALL) -D -m 644 etc/$$t $(DESTDIR)$(pkgdatadir)/$$t || exit 1; \
	done
	$(INSTALL) -D -m 644 etc/dnsmail.conf \
	    $(DESTDIR)$(sysconfdir)/dnsmail/dnsmail.conf.sample
	for d in README.md $(PAGES); do \
	    sed -e 's|](doc/\([a-z-]*\.md\))|](\1)|g' \
	        -e 's|](\.\./etc/|]($(pkgdatadir)/|g' \
	        -e 's|\[\([a-z.-]*([1-8])\)\]([^)]*)|\1|g' $$d >$(FILLED)/$${d##*/} && \
	    $(INSTALL) -D -m 644 $(FILLED)/$${d##*/} \
	        $(DESTDIR)$(docdir)/$${d##*/} || exit 1; \
	done
	$(INSTALL) -m 644 LICENSE $(DESTDIR)$(docdir)
	for e in $(EXAMPLES:etc/%=%); do \
	    mode=644; [ ! -x etc/$$e ] || mode=755; \
	    $(INSTALL) -D -m $$mode etc/$$e \
	        $(DESTDIR)$(docdir)/examples/$$e || exit 1; \
	done
	for m in $(MANUALS:doc/%=%); do \
	    $(INSTALL) -D -m 644 doc/$$m \
	        $(DESTDIR)$(mandir)/man$${m##*.}/$$m || exit 1; \
	done
	for u in $(UNITFILES); do \
	    etc/systemd/fill $$u $(sbindir) $(sysconfdir) $(NOTIFY) \
	        >$(FILLED)/$$u && \
	    $(INSTALL) -D -m 644 $(FILLED)/$$u \
	        $(DESTDIR)$(systemdsystemunitdir)/$$u || exit 1; \
	done
	$(INSTALL) -D -m 644 etc/systemd/sysusers.conf \
	    $(DESTDIR)$(sysusersdir)/dnsmail.conf
	$(INSTALL) -D -m 644 etc/systemd/tmpfiles.conf \
	    $(DESTDIR)$(tmpfilesdir)/dnsmail.conf
	rm -rf $(FILLED)

uninstall:
	for p in $(PROGRAMS); do \
	    rm -f $(DESTDIR)$(sbindir)/$$p; \
	done
	rm -f $(DESTDIR)$(sbindir)/dnsmail-setup
	for t in $(TEMPLATES:etc/%=%); do \
	    rm -f $(DESTDIR)$(pkgdatadir)/$$t; \
	done
	rm -f $(DESTDIR)$(sysconfdir)/dnsmail/dnsmail.conf.sample
	for d in README.md LICENSE $(PAGES:doc/%=%) $(EXAMPLES:etc/%=examples/%); do \
	    rm -f $(DESTDIR)$(docdir)/$$d; \
	done
	for m in $(MANUALS:doc/%=%); do \
	    rm -f $(DESTDIR)$(mandir)/man$${m##*.}/$$m; \
	done
	for u in $(UNITFILES); do \
	    rm -f $(DESTDIR)$(systemdsystemunitdir)/$$u; \
	done
	rm -f $(DESTDIR)$(sysusersdir)/dnsmail.conf \
	    $(DESTDIR)$(tmpfilesdir)/dnsmail.conf
	for d in $(pkgdatadir) $(docdir); do \
	    [ ! -d $(DESTDIR)$$d ] || \
	        find $(DESTDIR)$$d -depth -type d -empty -delete; \
	done

# ---- releasing: doc/release.md -----------------------------------------------------

# The Debian package of the tree as it is, in $(BUILD)/deb.
deb:
	.ci/packages build deb
	.ci/deb $(BUILD)/deb -b

DIST = $(BUILD)/dist/dnsmail-$(VERSION)
# What is committed; the same commit makes the same file.
dist:
	@rm -rf $(BUILD)/dist && mkdir -p $(BUILD)/dist
	git -c tar.umask=0022 archive --prefix=dnsmail-$(VERSION)/ HEAD | \
	    gzip -9n >$(DIST).tar.gz

# It is whole: it builds by itself, its unit tests pass, what it installs goes.
distcheck: dist
	rm -rf $(BUILD)/distcheck && mkdir -p $(BUILD)/distcheck
	tar -xzf $(DIST).tar.gz -C $(BUILD)/distcheck
	cd $(BUILD)/distcheck/dnsmail-$(VERSION) && unset MAKEFLAGS BUILD && \
	    make -j2 all tests && tests/run build build/unit/ && \
	    make DESTDIR=$$PWD/root install && \
	    make DESTDIR=$$PWD/root uninstall && \
	    test -z "$$(find root ! -type d)"

release:
	.ci/release check $(VERSION)
	+$(MAKE) distcheck
	.ci/release sign $(VERSION) $(DIST).tar.gz

clean:
	rm -rf $(BUILD)

.PHONY: all check check-installed tests asan bench endurance demo shape common-check \
	format lint install uninstall deb dist distcheck release clean
.DEFAULT_GOAL = all
