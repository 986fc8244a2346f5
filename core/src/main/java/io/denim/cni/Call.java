package io.denim.cni;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * One call of a runtime, as the shim hands it on.
 *
 * @param verb what is wanted
 * @param containerId the container as the runtime names it; empty where the verb has none
 * @param netns the path of the container's network namespace as the runtime sees it; empty where
 *     the verb has none, and for a DEL of a container that has lost it
 * @param ifname the interface in the container; empty where the verb has none
 * @param args {@code CNI_ARGS}
 * @param hostNamespaceAllowed whether the namespace may be the host's own ({@code
 *     CNI_NETNS_OVERRIDE}, for tests)
 * @param netnsErrno the errno with which the shim failed to open the namespace; empty when it
 *     passed a descriptor or there was nothing to open
 * @param handed what the shim has opened, in the order of the descriptors
 * @param config the network configuration as it came on stdin; empty for VERSION only
 */
public record Call(
    Verb verb,
    String containerId,
    String netns,
    String ifname,
    CniArgs args,
    boolean hostNamespaceAllowed,
    OptionalInt netnsErrno,
    List<Handed> handed,
    String config) {
  /** Copies the list. */
  public Call {
    handed = List.copyOf(handed);
  }

  /**
   * What the shim has opened, or could not open.
   *
   * @param name of which kind it is; one of the constants, or one of a newer shim
   * @param errno why it could not be opened; 0 when a descriptor came
   */
  public record Handed(String name, int errno) {
    /** The container's network namespace. */
    public static final String NETNS = "netns";

    /** A socket of NETLINK_ROUTE in it. */
    public static final String ROUTE = "route";

    /** Its {@code /proc/sys/net/ipv6/conf}. */
    public static final String IPV6 = "ipv6";

    /** The node's {@code /var/lib/cni}. */
    public static final String CNI = "cni";

    /** The node's {@code /proc/sys/net}. */
    public static final String NET = "net";

    private static Optional<Handed> parse(String text) {
      String[] parts = text.split(":", -1);
      boolean named = !parts[0].isEmpty() && parts[0].chars().allMatch(Call::isOfName);
      if (!named || parts.length > 2) {
        return Optional.empty();
      }
      if (parts.length == 1) {
        return Optional.of(new Handed(parts[0], 0));
      }
      return positive(parts[1]).map(errno -> new Handed(parts[0], errno));
    }

    /** Whether a descriptor came. */
    public boolean came() {
      return errno == 0;
    }
  }

  /** The most octets that stdin may have. */
  public static final int MAX_CONFIG = 1 << 20;

  private static final String COMMAND = "CNI_COMMAND";
  private static final String CONTAINERID = "CNI_CONTAINERID";
  private static final String NETNS = "CNI_NETNS";
  private static final String IFNAME = "CNI_IFNAME";
  private static final String ARGS = "CNI_ARGS";
  private static final String PATH = "CNI_PATH";
  private static final String NETNS_OVERRIDE = "CNI_NETNS_OVERRIDE";
  private static final String NETNS_ERRNO = "DENIM_NETNS_ERRNO";
  private static final String DESCRIPTORS = "DENIM_DESCRIPTORS";
  private static final Set<String> KNOWN =
      Set.of(
          COMMAND,
          CONTAINERID,
          NETNS,
          IFNAME,
          ARGS,
          PATH,
          NETNS_OVERRIDE,
          NETNS_ERRNO,
          DESCRIPTORS);

  /**
   * Reads a frame's payload: {@code KEY=value} and a NUL for each variable, one more NUL, and the
   * octets of stdin. Keys that are not known are ignored.
   *
   * @throws CniException with code 4 for a variable, 6 for a frame or a text that cannot be read
   */
  public static Call decode(byte[] payload) {
    Map<String, String> variables = new HashMap<>();
    int at = 0;
    int end = end(payload, at);
    while (end > at) {
      put(variables, payload, at, end);
      at = end + 1;
      end = end(payload, at);
    }
    return of(new Variables(variables), payload, end + 1);
  }

  private static int end(byte[] payload, int from) {
    for (int i = from; i < payload.length; i++) {
      if (payload[i] == 0) {
        return i;
      }
    }
    throw new CniException(
        CniException.Code.DECODING_FAILURE,
        "the request of "
            + payload.length
            + " octets ends within its variables; it must have an empty one before stdin");
  }

  private static void put(Map<String, String> variables, byte[] payload, int from, int to) {
    int equals = from;
    while (equals < to && payload[equals] != '=') {
      equals++;
    }
    String key = new String(payload, from, equals - from, StandardCharsets.ISO_8859_1);
    if (!KNOWN.contains(key)) {
      return;
    }
    if (equals == to) {
      throw invalid(key + " stands in the request without = and a value");
    }
    int start = equals + 1;
    Utf8 value = Utf8.decode(payload, start, to);
    if (value.malformedAt().isPresent()) {
      throw invalid(key + " is no UTF-8 from octet " + value.malformedAt().getAsInt() + " on");
    }
    if (variables.putIfAbsent(key, value.text()) != null) {
      throw invalid(key + " stands in the request twice");
    }
  }

  private static Call of(Variables variables, byte[] payload, int configAt) {
    Verb verb = Verb.parse(variables.required(COMMAND, "a verb such as ADD"));
    boolean container = false;
    boolean namespace = false;
    boolean path = false;
    switch (verb) {
      case ADD, CHECK -> {
        container = true;
        namespace = true;
      }
      case DEL -> container = true;
      case GC, STATUS -> path = true;
      case VERSION -> {}
    }
    if (path) {
      variables.required(PATH, "a list of folders with plugins such as /opt/cni/bin");
    }
    return new Call(
        verb,
        variables.containerId(container),
        namespace
            ? variables.required(NETNS, "a path such as /var/run/netns/pod")
            : variables.value(NETNS),
        variables.ifname(container),
        CniArgs.parse(variables.value(ARGS)),
        isTrue(variables.value(NETNS_OVERRIDE)),
        variables.errno(),
        variables.handed(),
        config(verb, payload, configAt));
  }

  private static boolean isTrue(String text) {
    return text.equals("1") || text.equalsIgnoreCase("true");
  }

  private static String config(Verb verb, byte[] payload, int from) {
    int length = payload.length - from;
    if (length > MAX_CONFIG) {
      throw undecoded("has " + length + " octets; allowed are " + MAX_CONFIG);
    }
    Utf8 text = Utf8.decode(payload, from, payload.length);
    if (text.malformedAt().isPresent()) {
      throw undecoded("is no UTF-8 from octet " + text.malformedAt().getAsInt() + " on");
    }
    if (verb != Verb.VERSION && text.text().isBlank()) {
      throw undecoded("is empty; " + verb + " needs one on stdin");
    }
    return text.text();
  }

  private static CniException undecoded(String what) {
    return new CniException(
        CniException.Code.DECODING_FAILURE, "the network configuration on stdin " + what);
  }

  private static CniException invalid(String message) {
    return new CniException(CniException.Code.INVALID_ENVIRONMENT, message);
  }

  /** The variables that are set; one that is set to nothing counts as not set. */
  private record Variables(Map<String, String> values) {
    String value(String key) {
      return values.getOrDefault(key, "");
    }

    String required(String key, String allowed) {
      String value = value(key);
      if (value.isEmpty()) {
        String verb = value(COMMAND);
        throw invalid(
            key
                + " is not set"
                + (verb.isEmpty() ? "" : ", which " + verb + " needs")
                + "; allowed is "
                + allowed);
      }
      return value;
    }

    String containerId(boolean needed) {
      String id = needed ? required(CONTAINERID, Identifiers.IDENTIFIER) : value(CONTAINERID);
      if (!id.isEmpty() && !Identifiers.isIdentifier(id)) {
        throw invalid(
            CONTAINERID + " is " + Excerpt.quoted(id) + "; allowed is " + Identifiers.IDENTIFIER);
      }
      return id;
    }

    String ifname(boolean needed) {
      String name = needed ? required(IFNAME, Identifiers.INTERFACE_NAME) : value(IFNAME);
      if (!name.isEmpty() && !Identifiers.isInterfaceName(name)) {
        throw invalid(
            IFNAME + " is " + Excerpt.quoted(name) + "; allowed is " + Identifiers.INTERFACE_NAME);
      }
      return name;
    }

    OptionalInt errno() {
      String text = value(NETNS_ERRNO);
      if (text.isEmpty()) {
        return OptionalInt.empty();
      }
      return OptionalInt.of(
          positive(text)
              .orElseThrow(() ->
                  invalid(
                      NETNS_ERRNO
                          + " is "
                          + Excerpt.quoted(text)
                          + "; allowed is a positive number")));
    }

    /** Whoever says nothing of descriptors sends that of the namespace, if any. */
    List<Handed> handed() {
      String text = value(DESCRIPTORS);
      if (text.isEmpty()) {
        return List.of(new Handed(Handed.NETNS, 0));
      }
      List<Handed> handed = new ArrayList<>();
      for (String each : text.split(",", -1)) {
        handed.add(
            Handed.parse(each)
                .orElseThrow(() ->
                    invalid(
                        DESCRIPTORS
                            + " is "
                            + Excerpt.quoted(text)
                            + "; allowed is a comma list of names, with a colon and an error"
                            + " number behind what could not be opened")));
      }
      return handed;
    }
  }

  private static boolean isOfName(int c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }

  private static Optional<Integer> positive(String text) {
    try {
      return Optional.of(Integer.parseInt(text)).filter(number -> number > 0);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Octets read as UTF-8, and the offset of the first ones that are none. */
  private record Utf8(String text, OptionalInt malformedAt) {
    static Utf8 decode(byte[] octets, int from, int to) {
      ByteBuffer in = ByteBuffer.wrap(octets, from, to - from);
      CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
      CharBuffer out = CharBuffer.allocate(to - from);
      CoderResult result = decoder.decode(in, out, true);
      return result.isUnderflow()
          ? new Utf8(out.flip().toString(), OptionalInt.empty())
          : new Utf8("", OptionalInt.of(in.position() - from));
    }
  }
}
