# shellcheck shell=bash
# What an administrator, or fate, does to the daemons while mail goes through.

CONF=/etc/dnsmail/dnsmail.conf
TURN=(signerd publishd verifyd reaperd)

pause_us() { # MICROSECONDS
	local us=$(($1 % 1000000))
	printf -v us %06d $us
	read -rt "$(($1 / 1000000)).$us" <> <(:) || :
}
# disturb HOW SECONDS: HOW NUMBER OF once a second while mail is brought; it should
# last for about so many seconds, and as many times it is done at least
disturb() {
	local i=0 began left
	began=${EPOCHREALTIME/./}
	while alive traffic || [ $i -le "$2" ]; do
		$1 $i "$2"
		i=$((i + 1))
		left=$((began + i * 1000000 - ${EPOCHREALTIME/./}))
		[ $left -le 0 ] || pause_us $left
	done
	wait_for_jobs
}
jobs_of_ours=()
wait_for_jobs() {
	[ ${#jobs_of_ours[@]} = 0 ] || wait "${jobs_of_ours[@]}"
	jobs_of_ours=()
}

# ---- restarts and reloads ------------------------------------------------------------

# timed WHAT COMMAND...: how long it took, and whether it could be done
timed() {
	local began=${EPOCHREALTIME/./} status
	"${@:2}" >>"$W/disturb.log" 2>&1
	status=$?
	echo "$1 $(((${EPOCHREALTIME/./} - began) / 1000)) $status" >>"$W/took"
	return $status
}
restart() {
	timed "$1" inside systemctl restart "$1" &
	jobs_of_ours+=($!)
}

reload_right() {
	local d
	for d in "${TURN[@]}"; do
		timed reload inside systemctl reload "$d"
	done
}
# Who reloads is told; who gets it anyway keeps what it had. No daemon may begin
# meanwhile.
reload_wrong() {
	local d
	wait_for_jobs
	inside sh -c "cp $CONF /etc/dnsmail/good &&
	    echo 'signerd { timeout = 5 }' >>$CONF"
	for d in "${TURN[@]}"; do
		timed wrong inside sh -c "! systemctl reload $d"
		inside systemctl kill -s HUP "$d"
		wait_for 20 inside sh -c \
		    "systemctl show -P StatusText $d | grep wrong"
	done
	inside mv /etc/dnsmail/good $CONF
}

# As an upgrade does, or who follows the manual.
restart_all() {
	timed all inside systemctl restart publishd signerd verifyd reaperd &
	jobs_of_ours+=($!)
}

# BIND after a third and two thirds of it, all daemons at once after three quarters.
restart_or_reload() { # NUMBER OF
	case $1 in
	$(($2 / 3 + 1))|$(($2 * 2 / 3 + 1))) restart named ;;
	esac
	case $1 in
	$(($2 / 4))) reload_right ;;
	$(($2 / 2))) reload_wrong ;;
	$(($2 * 3 / 4 + 1))) restart_all ;;
	*) restart "${TURN[$1 % 4]}" ;;
	esac
}

done_well() { awk -v w="$1" '$1 == w && $3 == 0' "$W/took" | wc -l; }
took_longest() {
	awk -v w="$1" '$1 == w && $2 > m { m = $2 } END { print m + 0 }' "$W/took"
}
restart_figures() { # PHASE
	local d
	for d in "${TURN[@]}"; do
		at_least "$1" "$d: restarts" "$(done_well "$d")" \
		    $((COUNT / RATE / 4 - 1))
		told "$1" "$d: longest restart" "$(took_longest "$d") ms"
	done
	exactly "$1" "restarts of all four at once" "$(done_well all)" 1
	told "$1" "longest of them" "$(took_longest all) ms"
	exactly "$1" "BIND: restarts" "$(done_well named)" 2
	told "$1" "BIND: longest restart" "$(took_longest named) ms"
	exactly "$1" "reloads of a right file" "$(done_well reload)" 4
	exactly "$1" "reloads of a wrong file, each refused" \
	    "$(done_well wrong)" 4
	exactly "$1" "restarts that failed" \
	    "$(awk '$3 != 0' "$W/took" | wc -l)" 0
}

# ---- crashes -----------------------------------------------------------------------

is_new() { local now; now=$(pid "$1"); [ "$now" != 0 ] && [ "$now" != "$2" ]; }
came_back=0
kill_one() { # NUMBER
	local d=${TURN[$1 % 4]} was
	was=$(pid "$d")
	inside systemctl kill -s KILL "$d"
	wait_for 20 is_new "$d" "$was" && came_back=$((came_back + 1))
	killed=$(($1 + 1))
}
# What a killed daemon had in hand, the mail server puts off: told, not judged.
kill_figures() { # PHASE
	exactly "$1" "killed daemons that came back" "$came_back" "$killed"
	exactly "$1" "SMTP connections refused" "$(attempts "$1" refused)" 0
	exactly "$1" "milter connections refused" "$(no_socket "$1")" 0
	told "$1" "put off when brought, for being killed" \
	    "$(attempts "$1" put-off)"
	told "$1" "put off in the queue, for being killed" "$(deferred "$1")"
	reasons "$1"
}

boot_again() {
	local old
	old=$(cat "$W/box/leader")
	inside systemctl reboot 2>/dev/null	# it may be gone before it answers
	wait_for 90 booted_after "$old"
	stop traffic
	box wait
}
# Before it ends who brings mail, systemd stops him, and nsenter with him, who
# would not see his end then, for which systemd waits.
booted_after() {
	kill -s CONT $(cat /proc/"${PIDS[traffic]}"/task/*/children) 2>/dev/null
	[ -e "$W/box/leader" ] && [ "$(cat "$W/box/leader")" != "$1" ]
}
