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

# tls_certificate_for SECONDS FILE AUTHORITY NAME [SAN]: one that holds from a
# month ago until so many seconds from now, which may be below 0
tls_certificate_for() {
	mkdir -p "$T/issued"
	: >"$T/issued/index"
	openssl rand -hex 8 >"$T/issued/serial"
	cat >"$T/issued/conf" <<X
[ca]
default_ca = d
[d]
new_certs_dir = $T/issued
database = $T/issued/index
serial = $T/issued/serial
default_md = sha256
policy = p
[p]
commonName = supplied
X
	tls_certificate "$2" "$3" "$4" "${5-DNS:$4}"
	openssl ca -batch -notext -config "$T/issued/conf" -cert "$T/$3.crt" \
	    -keyfile "$T/$3.key" -in "$T/$2.csr" -out "$T/$2.crt" \
	    -extfile "$T/$2.ext" \
	    -startdate "$(date -u -d '-30 days' +%Y%m%d%H%M%SZ)" \
	    -enddate "$(date -u -d "$1 seconds" +%Y%m%d%H%M%SZ)" 2>"$T/log"
}
