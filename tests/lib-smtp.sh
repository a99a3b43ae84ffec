# shellcheck shell=bash
# Sourced behind lib.sh: an SMTP client, and a server that takes what comes.
#
#   start_sink mx 10.77.0.3@25
#   send_mail 10.77.0.1:25 martha@domain.com claire@my_isp.net <message
#   wait_for 10 sunk mx 1
#   newest_of mx

smtp_greets() { # [ADDRESS:]PORT
	local line fd
	[[ $1 == *:* ]] || set -- "127.0.0.1:$1"
	exec {fd}<>"/dev/tcp/${1%:*}/${1##*:}" || return 1
	read -rt 5 line <&"$fd"
	exec {fd}<&-
	[[ $line == 220* ]]
}

# _smtp_say FD LINE: says it and sets REPLY_LINE to the answer's last line.
_smtp_say() {
	printf '%s\r\n' "$2" >&"$1"
	while read -rt 60 REPLY_LINE <&"$1"; do
		REPLY_LINE=${REPLY_LINE%$'\r'}
		[[ $REPLY_LINE == ???-* ]] || break
	done
	[[ $REPLY_LINE == [23]* ]]
}

_smtp_recipients() { # FD "RECIPIENT [PARAMETERS]"...
	local fd=$1 rcpt
	shift
	for rcpt; do
		_smtp_say "$fd" \
		    "RCPT TO:<${rcpt%% *}>${rcpt#"${rcpt%% *}"}" || return
	done
}

# send_mail [ADDRESS:]PORT "SENDER [PARAMETERS]" "RECIPIENT [PARAMETERS]"...: the message
# is on stdin; prints the reply that decided. Fails unless that took it.
send_mail() {
	local to=$1 sender=$2 fd line
	shift 2
	[[ $to == *:* ]] || to=127.0.0.1:$to
	exec {fd}<>"/dev/tcp/${to%:*}/${to##*:}" || return 1
	read -rt 60 line <&"$fd"
	_smtp_say "$fd" "EHLO client.example" &&
	    _smtp_say "$fd" "MAIL FROM:<${sender%% *}>${sender#"${sender%% *}"}" &&
	    _smtp_recipients "$fd" "$@" &&
	    _smtp_say "$fd" DATA && {
		while IFS= read -r line || [ -n "$line" ]; do
			[[ $line == .* ]] && line=.$line
			printf '%s\r\n' "$line" >&"$fd"
		done
		_smtp_say "$fd" .
	}
	line=$REPLY_LINE
	_smtp_say "$fd" QUIT
	exec {fd}<&-
	printf '%s\n' "$line"
	[[ $line == 250* ]]
}

# start_sink NAME ADDRESS@PORT [OPTION...]: see tests/tools/smtp_sink.c. What it
# takes are files in $W/NAME.
start_sink() {
	local name=$1 at=$2
	shift 2
	mkdir -p "$W/$name"
	: >"$W/$name.log"
	start "$name" "$BUILD/smtp_sink" "$@" "$at" "$W/$name"
	wait_for 10 grep -q '^ready' "$W/$name.log" ||
	    diag "no sink: $(cat "$W/$name.log")"
}

# In the order in which they arrived. What is in a file before the first empty
# line is the envelope; the next part is the header section.
taken() { find "$W/$1" -name '[0-9]*' | sort; } # NAME
newest_of() { taken "$1" | tail -n 1; }
sunk() { [ "$(taken "$1" | wc -l)" -ge "$2" ]; } # NAME COUNT
envelope() { sed '/^$/,$d' "$1"; }              # FILE
head_of() { sed '1,/^$/d' "$1" | sed '/^$/,$d'; }
