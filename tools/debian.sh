# Sourced: installs Debian packages that hold services for others' machines, not for this one.

# debian_install PACKAGE...: starts nothing that comes with them; BIRD and FRR, which would speak for
# the machine from its next boot on, stay off.
debian_install() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" || exit
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y --no-install-recommends "$@" || exit
  command -v systemctl >/dev/null || exit 0
  case " $* " in *' bird2 '*) systemctl --quiet disable bird.service ;; esac
  case " $* " in *' frr '*) systemctl --quiet disable frr.service ;; esac
)
