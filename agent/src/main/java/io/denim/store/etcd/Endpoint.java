package io.denim.store.etcd;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where one member of an etcd cluster takes its clients' calls.
 *
 * @param tls whether by TLS, {@code https://}; without it the connection is in clear text even when
 *     certificates are given
 * @param host a name or an address, IPv6 without brackets
 * @param port 1 to 65535
 */
public record Endpoint(boolean tls, String host, int port) {
  /** etcd's registered port for clients. */
  private static final int USUAL_PORT = 2379;

  private static final Pattern FORM =
      Pattern.compile(
          "(?i)(?:(https?)://)?(\\[[0-9a-f:.]+(?:%[\\w.-]+)?]|[^\\s:/\\[\\]@?#,%]+)(?::(\\d{1,5}))?/?");

  private static final String ALLOWED =
      "; allowed: http://HOST:PORT and https://HOST:PORT, several with commas between them,"
          + " such as https://10.0.0.1:2379,https://[fd00::2]:2379";

  /** Checks the port. */
  public Endpoint {
    if (host.isEmpty() || port < 1 || port > 65_535) {
      throw new IllegalArgumentException(
          "\"" + host + "\", port " + port + ", is no endpoint of etcd" + ALLOWED);
    }
  }

  /**
   * Reads a list of endpoints.
   *
   * @param text endpoints with commas between them; one without a port means etcd's own
   * @param tlsWithoutScheme whether one without {@code http://} or {@code https://} speaks TLS
   * @throws IllegalArgumentException naming the text that is no endpoint, and what is allowed
   */
  public static List<Endpoint> list(String text, boolean tlsWithoutScheme) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (String each : text.split(",", -1)) {
      endpoints.add(parse(each.strip(), tlsWithoutScheme));
    }
    return List.copyOf(endpoints);
  }

  private static Endpoint parse(String text, boolean tlsWithoutScheme) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException("\"" + text + "\" is no endpoint of etcd" + ALLOWED);
    }
    boolean tls =
        form.group(1) == null ? tlsWithoutScheme : form.group(1).equalsIgnoreCase("https");
    String host = form.group(2).replaceAll("[\\[\\]]", "");
    return new Endpoint(
        tls, host, form.group(3) == null ? USUAL_PORT : Integer.parseInt(form.group(3)));
  }

  /** Host and port as in a URL. */
  String authority() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  /** The endpoint as a URL. */
  @Override
  public String toString() {
    return (tls ? "https://" : "http://") + authority();
  }
}
