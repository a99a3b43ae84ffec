# shellcheck shell=sh disable=SC2034,SC2154
# The name servers: part of dnsmail-setup, which says what the words mean.

name_server() {
	if [ -n "$dns" ]; then
		:
	elif here /etc/bind/named.conf.local; then
		dns=bind
	elif here /etc/knot/knot.conf; then
		dns=knot
	elif here /etc/powerdns/pdns.conf; then
		dns=powerdns
	else
		dns=print
	fi
	fill public | yours
	case $dns in
	bind) needs /etc/bind/named.conf.local ;;
	knot) needs /etc/knot/knot.conf ;;
	esac
	dns_"$dns"
}

needs() {
	here "$1" || die "$CONFIG" "there is no $root$1; --dns print tells what to write where"
}

zone_text() {
	fill zone
	for a in $addresses; do
		case $a in
		*:*) printf 'ns\tAAAA\t%s\n' "${a%@*}" ;;
		*) printf 'ns\tA\t%s\n' "${a%@*}" ;;
		esac
	done
}

# A host that asks its own name server would see nothing of its domain but this.
resolver_warning() {
	asks=$(sed -n 's/^nameserver[[:space:]]*//p' "$root/etc/resolv.conf" 2>/dev/null) || :
	for a in $asks; do
		case " $(own_addresses | paste -sd ' ') 127.0.0.1 ::1 " in
		*" $a "*)
			yours <<X
CAREFUL: this host asks its own name server ($a in /etc/resolv.conf). The new
zone $domain has DNS Mail's records and nothing else, so this host would not find
the MX or the web server of $domain any more. Name another resolver there first.
X
			return ;;
		esac
	done
}

# reload_server SERVICE CHECK...: when one of its files is written
reload_server() {
	service=$1
	shift
	live || return 0
	after "$@"
	if systemd; then
		after systemctl reload-or-restart "$service"
	else
		echo "Let $service read its configuration again." | yours
	fi
}

# ---- BIND, as Debian has it ---------------------------------------------------------

dns_bind() {
	zone_file=/var/lib/bind/dnsmail/$domain.zone
	{ text_of "$update"; text_of "$transfer"; } |
	    want 640 root:bind /etc/bind/dnsmail.keys
	elsewhere=$(bind_zone_elsewhere)
	{
		if here /etc/bind/dnsmail.conf; then
			unmark "$root/etc/bind/dnsmail.conf"
		else
			fill named.conf
		fi
		[ -n "$elsewhere" ] || bind_has_zone "$root/etc/bind/dnsmail.conf" ||
			fill named-zone
	} | want 644 root:bind /etc/bind/dnsmail.conf
	if [ -n "$elsewhere" ]; then
		{
			echo "$domain is a zone of this server already ($elsewhere). Put into it:"
			fill named-zone | sed -n '/update-policy/,/};/p; /allow-transfer/p'
		} | yours
	else
		want_dir 750 bind:bind /var/lib/bind/dnsmail
		zone_text | want_once 640 bind:bind "$zone_file"
		! planned /etc/bind/ || resolver_warning
	fi
	if grep -Eqs '^[[:space:]]*view[[:space:]]' "$root"/etc/bind/named.conf*; then
		yours <<X
This BIND has views. Put into the one that everybody sees, then "rndc reconfig":
    include "/etc/bind/dnsmail.conf";
X
	else
		want_line /etc/bind/named.conf.local 'include "/etc/bind/dnsmail.conf";'
		! planned /etc/bind/ || reload_server named named-checkconf
	fi
}
bind_has_zone() { # FILE...
	grep -Eqs "^[[:space:]]*zone[[:space:]]+\"?$domain\\.?\"?[[:space:]{]" "$@"
}
bind_zone_elsewhere() {
	for file in named.conf named.conf.local named.conf.default-zones; do
		! bind_has_zone "$root/etc/bind/$file" || echo "/etc/bind/$file"
	done
}

# ---- Knot DNS -----------------------------------------------------------------------

dns_knot() {
	zone_file=/var/lib/knot/dnsmail/$domain.zone
	update_secret=$(key_part "$update" 's/.*secret "\([^"]*\)".*/\1/p')
	transfer_secret=$(key_part "$transfer" 's/.*secret "\([^"]*\)".*/\1/p')
	{
		if here /etc/knot/dnsmail.conf; then
			unmark "$root/etc/knot/dnsmail.conf"
		else
			fill knot.conf
		fi
		grep -Eqs "domain: $domain\\.?\$" "$root/etc/knot/dnsmail.conf" ||
			fill knot-zone
	} | want 640 root:knot /etc/knot/dnsmail.conf
	want_dir 750 knot:knot /var/lib/knot/dnsmail
	zone_text | want_once 640 knot:knot "$zone_file"
	want_line /etc/knot/knot.conf 'include: dnsmail.conf'
	if planned /etc/knot/; then
		resolver_warning
		reload_server knot knotc conf-check
	fi
}

# ---- no file of ours: said in words --------------------------------------------------

dns_powerdns() {
	{ echo "As root:"; fill powerdns; } | yours
}
# Secrets are not shown.
knot_told() {
	zone_file=/var/lib/knot/dnsmail/$domain.zone
	update_secret="(that in $update)" transfer_secret="(that in $transfer)"
	echo "for Knot DNS, with the same zone"
	fill knot.conf
	fill knot-zone
}
dns_print() {
	zone_file=/var/lib/bind/dnsmail/$domain.zone
	{
		echo "At the name server $(echo "$primary" | sed 's/ /, /g'), with both keys in its configuration: for BIND"
		fill named-zone
		echo
		echo "and the zone"
		echo
		zone_text
		echo
		knot_told
		echo
		echo "for PowerDNS, as root, with a copy of both keys"
		fill powerdns
	} | yours
}
