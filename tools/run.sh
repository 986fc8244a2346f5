# Sourced by ./denim and tools/prepare, after tools/jdk.sh, with root set: how Denim's JVM is started.
#
# What is built lives in .denim/<build>/: lib/*.jar, denim.aot (the AOT cache), release (the JDK it
# was made with) and stamp (its time: when the build began). .denim/current points to the newest.
#
# The AOT cache is used only by a JVM whose class path (names, order, times of the jars) and flags
# of this function are those of the training run; a difference is silent and costs most of a second.
# Unsafe is for protobuf, which the JVM would warn of in four lines when etcd is used.
denim_flags="-XX:+UseSerialGC -XX:+UseCompactObjectHeaders -XX:-UsePerfData -Xss512k --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"

# An agent computes little; without the second compiler it takes 14 MiB less. What is done for a
# pod is compiled after a few pods, not after hundreds.
denim_agent_memory="-Xms8m -Xmx64m -XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=0.05"
# A router's tables are arrays that live long, and its loop is short: the second compiler costs more
# memory than it saves time. Its table may grow; what is young need not. A cache
# of its own (denim-bgp.aot) takes 40 MiB less than that of all: it has what a router does by itself,
# not what it answers. What is done for a session is compiled after some tens of sessions, which are
# those that it rehearses before it listens (Rehearsal).
denim_bgp_memory="-Xms8m -XX:MaxNewSize=2m -Xmx4g -XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=0.3"
# Most commands live for less than a second, where the second compiler never pays.
denim_command_memory="-Xms16m -Xmx64m -XX:TieredStopAtLevel=1"

# The jars of a build as a class path: all of lib in the C locale's order.
denim_class_path() (
  LC_ALL=C
  denim_path=
  for jar in "$1"/lib/*.jar; do denim_path=$denim_path${denim_path:+:}$jar; done
  printf %s "$denim_path"
)

# Whether .denim/current was built from the sources as they are now, and with this JDK.
denim_is_current() {
  [ -e "$root/.denim/current/stamp" ] &&
    cmp -s "$JAVA_HOME/release" "$root/.denim/current/release" &&
    [ -z "$(find "$root"/pom.xml "$root"/*/pom.xml "$root"/*/src/main "$root/tools" \
      -newer "$root/.denim/current/stamp" -print -quit 2>&1)" ]
}
