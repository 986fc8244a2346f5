# Sourced by the scripts: finds a JDK 25 and exports it as JAVA_HOME.
denim_is_jdk25() {
  [ -x "$1/bin/javac" ] && grep -q '^JAVA_VERSION="25' "$1/release" 2>/dev/null
}
if ! denim_is_jdk25 "${JAVA_HOME:-/nonexistent}"; then
  JAVA_HOME=
  for dir in /usr/lib/jvm/*; do
    if denim_is_jdk25 "$dir"; then JAVA_HOME=$dir; break; fi
  done
  if [ -z "$JAVA_HOME" ]; then
    echo "denim: no JDK 25 in JAVA_HOME or under /usr/lib/jvm; install one, for example openjdk-25-jdk-headless or temurin-25-jdk" >&2
    exit 1
  fi
fi
export JAVA_HOME
