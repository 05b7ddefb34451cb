#!/bin/sh
# setup.sh build|test|bench|fuzz: installs what building (or testing, measuring, fuzzing) layerscope needs on Debian or
# Ubuntu and is not there yet.
# Uses sudo only where the user is not root, and only when something is missing.
set -eu

missing=""
PATH="$PATH:/usr/sbin:/sbin"
# A file, not what the shell itself makes of the word (`kill`).
is_there() { (IFS=:; for folder in $PATH; do [ ! -x "$folder/$1" ] || exit 0; done; exit 1); }
command_from() { is_there "$1" || missing="$missing $2"; }

command_from cc gcc
[ -e /usr/include/stdio.h ] || missing="$missing libc6-dev"
[ -e /usr/include/pcap/pcap.h ] || missing="$missing libpcap-dev"
if [ "${1:-build}" = fuzz ]; then
  command_from c++ g++
  command_from setpriv util-linux
elif [ "${1:-build}" != build ]; then
  command_from tshark tshark
  command_from capinfos wireshark-common
  command_from tcpdump tcpdump
  command_from setpriv util-linux
  command_from unshare util-linux
  command_from ip iproute2
  command_from nft nftables
  command_from ethtool ethtool
  command_from python3 python3
  command_from jq jq
  command_from nc netcat-openbsd
  command_from mount mount
  command_from script bsdutils
  command_from kill procps
  command_from setcap libcap2-bin
fi
if [ "${1:-build}" = bench ]; then
  command_from iperf3 iperf3
  command_from bc bc
  command_from awk mawk
  [ -x /usr/bin/time ] || missing="$missing time"
fi
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "layerscope needs these Debian packages or your system's equivalents:$missing" >&2
  exit 1
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 || { echo "as root, run: apt-get install$missing" >&2; exit 1; }
  as_root=sudo
fi
echo "installing:$missing"
# shellcheck disable=SC2086 # the list is words on purpose
{
  $as_root apt-get update -qq
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
