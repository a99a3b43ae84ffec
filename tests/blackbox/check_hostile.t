#!/bin/bash
# dnsmail-check message says of hostile and odd mail in files what verifyd is
# expected to say of it, by as many packets: hostile.t, with files.
BY_FILE=yes exec "$(dirname "$0")/hostile.t" "$@"
