#!/usr/bin/env bash
# Makes the certificates of the tests anew, valid whatever the machine's clock says. They and their keys
# guard nothing: servers of tests listen on loopback for as long as one test lasts. Needs openssl.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/config" <<END
[ca]
default_ca = own
[own]
database = $work/database
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
END
touch "$work/database"

new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

# issue FILE KEY SIGNER-OPTIONS EXTENSIONS [LAST-YEAR]
issue() {
  openssl req -new -config "$work/config" -key "$2" -subj "/CN=$1" -out "$work/request"
  printf '%s\n' "$4" > "$work/extensions"
  # shellcheck disable=SC2086
  openssl ca -batch -notext -config "$work/config" $3 -in "$work/request" -extfile "$work/extensions" \
    -startdate 20000101000000Z -enddate "${5:-2999}0101000000Z" -out "$1.pem"
}

new_key server-key.pem
new_key "$work/authority-key"
issue authority "$work/authority-key" "-selfsign -keyfile $work/authority-key" 'basicConstraints=critical,CA:true'
by_authority="-cert authority.pem -keyfile $work/authority-key"
issue server server-key.pem "$by_authority" 'subjectAltName=DNS:localhost,DNS:wsctl.test,IP:127.0.0.1'
issue expired server-key.pem "$by_authority" 'subjectAltName=DNS:localhost,IP:127.0.0.1' 2001
issue other-name server-key.pem "$by_authority" 'subjectAltName=DNS:other.test'
issue self-signed server-key.pem '-selfsign -keyfile server-key.pem' 'subjectAltName=DNS:localhost,IP:127.0.0.1'
chmod 644 server-key.pem
