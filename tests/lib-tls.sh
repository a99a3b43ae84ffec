# shellcheck shell=bash
# Sourced after lib.sh by the tests with publishd on another machine: an
# authority and certificates, as doc/scaling.md makes them.

T=$W/tls

# tls_authority NAME
tls_authority() {
	mkdir -p "$T"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 3650 -subj "/CN=$1" -keyout "$T/$1.key" -out "$T/$1.crt" \
	    2>"$T/log"
}

# tls_certificate FILE AUTHORITY NAME [SAN [OPTION...]]: FILE.key, FILE.crt
tls_certificate() {
	local san=${4-DNS:$3}
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -subj "/CN=$3" -keyout "$T/$1.key" -out "$T/$1.csr" 2>"$T/log"
	echo "subjectAltName = $san" >"$T/$1.ext"
	openssl x509 -req -in "$T/$1.csr" -CA "$T/$2.crt" -CAkey "$T/$2.key" \
	    -set_serial "0x$(openssl rand -hex 8)" -days 365 \
	    -extfile "$T/$1.ext" "${@:5}" -out "$T/$1.crt" 2>"$T/log"
	chmod 600 "$T/$1.key"
	chown "$RUN_AS" "$T/$1.key"
}

# tls_lines FILE [AUTHORITY]: of a section
tls_lines() {
	printf 'tls-ca = "%s"\ntls-cert = "%s"\ntls-key = "%s"\n' \
	    "$T/${2-ca}.crt" "$T/$1.crt" "$T/$1.key"
}
